#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "common/base/status_macros.h"
#include "common/media/wav_header.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::cli {
namespace {

constexpr uint32_t kChannels = 2;

// A WAV file that grows as it is heard, so that it can be played before it
// ends, and after it was broken off.
class GrowingWav {
 public:
  // "-": standard output.
  GrowingWav(Session& session, std::string path)
      : session_(session), path_(std::move(path)) {}

  absl::Status Write(const v1::ListenToCallResponse& heard) {
    errno = 0;
    if (sample_rate_ == 0) {
      sample_rate_ = heard.sample_rate();
      if (!to_stdout()) {
        file_.open(path_, std::ios::binary | std::ios::trunc);
        if (!file_.is_open()) return Failed("cannot create");
      }
      out() << WavHeader(sample_rate_, kChannels, std::nullopt);
    }
    out() << heard.samples() << std::flush;
    bytes_ += heard.samples().size();
    return out().good() ? absl::OkStatus() : Failed("cannot write");
  }

  // The call has ended: now the size is known.
  absl::Status Close() {
    if (to_stdout() || sample_rate_ == 0 ||
        bytes_ > std::numeric_limits<uint32_t>::max()) {
      return absl::OkStatus();
    }
    errno = 0;
    file_.seekp(0);
    file_ << WavHeader(sample_rate_, kChannels, static_cast<uint32_t>(bytes_));
    file_.close();
    return file_.fail() ? Failed("cannot write") : absl::OkStatus();
  }

 private:
  bool to_stdout() const { return path_ == "-"; }
  std::ostream& out() { return to_stdout() ? session_.out : file_; }
  absl::Status Failed(const char* what) const {
    return absl::AbortedError(
        absl::StrCat(what, " ", to_stdout() ? "standard output" : path_, ": ",
                     std::strerror(errno)));
  }

  Session& session_;
  const std::string path_;
  std::ofstream file_;
  uint32_t sample_rate_ = 0;
  uint64_t bytes_ = 0;
};

class ListenCommand final : public Command {
 public:
  ListenCommand()
      : Command({"calls listen",
                 {"ID"},
                 "a call in progress as it is heard, until it ends",
                 "A WAV stream, caller left, callee right:\n"
                 "  callbraid calls listen ID | aplay\n"
                 "  callbraid calls listen ID | ffplay -nodisp -\n"
                 "  callbraid calls listen ID | sox -t wav - -d\n"
                 "What is over, calls audio gives.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("output,o", "FILE",
                 "where to; - is standard output, which it is without",
                 output_);
    flags.Value("delay", "SECONDS",
                "how far behind, 0.5 to 30; default 1.5: more has fewer gaps "
                "where frames are late",
                [this](const std::string& text) -> absl::Status {
                  ASSIGN_OR_RETURN(const absl::Duration delay,
                                   ParseOffset(text));
                  *request_.mutable_delay() =
                      google::protobuf::util::TimeUtil::NanosecondsToDuration(
                          absl::ToInt64Nanoseconds(delay));
                  return absl::OkStatus();
                });
    flags.Switch("mask-keys", "silence where keys are heard as tones",
                 mask_keys_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    if (output_.empty() && !session.json && isatty(STDOUT_FILENO) != 0) {
      return absl::InvalidArgumentError(
          "standard output is a terminal: pipe it into a player (| aplay), or "
          "give -o call.wav");
    }
    request_.set_id(arguments[0]);
    request_.set_mask_keys(mask_keys_);
    GrowingWav wav(session, output_.empty() ? "-" : output_);
    RETURN_IF_ERROR(session.collector.ListenToCall(
        request_, [&](const v1::ListenToCallResponse& heard) -> absl::Status {
          if (session.json) {
            session.out << ToJson(heard) << "\n" << std::flush;
            return absl::OkStatus();
          }
          for (const std::string& finding : heard.findings()) {
            session.err << "callbraid: " << finding << "\n";
          }
          return wav.Write(heard);
        }));
    return wav.Close();
  }

 private:
  v1::ListenToCallRequest request_;
  std::string output_;
  bool mask_keys_ = false;
};

}  // namespace

std::unique_ptr<Command> CallsListen() {
  return std::make_unique<ListenCommand>();
}

}  // namespace callbraid::cli
