#include <string>
#include <vector>

#include "collector/cli/command.h"
#include "collector/cli/download.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class FaxCommand final : public Command {
 public:
  FaxCommand()
      : Command({"calls fax",
                 {"ID"},
                 "what was faxed by T.38, and the pages as TIFF",
                 "Without -o, only what became of each fax and page.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("output,o", "FILE",
                 "where to with the pages; - is standard output", output_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    v1::GetFaxRequest request;
    request.set_id(arguments[0]);
    request.set_without_pages(output_.empty());
    Download download(session, output_);
    v1::GetFaxResponse told;
    RETURN_IF_ERROR(
        session.collector.GetFax(request, [&](const v1::GetFaxResponse& piece) {
          told.mutable_faxes()->MergeFrom(piece.faxes());
          if (piece.data().empty()) return absl::OkStatus();
          if (piece.total_bytes() > 0) download.SetTotal(piece.total_bytes());
          return download.Write(piece.data());
        }));
    // Not among the bytes of the file.
    if (output_ != "-") Tell(session, told);
    return output_.empty() ? absl::OkStatus() : download.Close();
  }

 private:
  static void Tell(Session& session, const v1::GetFaxResponse& told) {
    if (!session.json) {
      session.out << RenderFaxes(told, session.zone);
      return;
    }
    for (const v1::Fax& fax : told.faxes()) session.out << ToJson(fax) << "\n";
  }

  std::string output_;
};

}  // namespace

std::unique_ptr<Command> CallsFax() { return std::make_unique<FaxCommand>(); }

}  // namespace callbraid::cli
