#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/table.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

std::string Render(const v1::ListPhonesResponse& response, absl::Time now,
                   absl::TimeZone zone) {
  Table table;
  table.AddColumn("SITE", Table::Align::kLeft, true);
  table.AddColumn("NUMBER", Table::Align::kLeft, true);
  table.AddColumn("ADDRESS", Table::Align::kLeft, true);
  table.AddColumn("MAC");
  table.AddColumn("AGENT", Table::Align::kLeft, true);
  table.AddColumn(absl::StrCat("LAST SEEN (", ZoneName(now, zone), ")"));
  table.AddColumn("SEEN BY", Table::Align::kLeft, true);
  for (const v1::Phone& phone : response.phones()) {
    table.AddRow({phone.site(), phone.number(), phone.address(),
                  phone.mac().empty() ? "-" : phone.mac(),
                  phone.user_agent().empty() ? "-" : phone.user_agent(),
                  absl::StrCat(DateAndTime(ToTime(phone.last_time()), zone),
                               phone.gone() ? ", gone" : ""),
                  phone.capture_point()});
  }
  return table.Render();
}

class PhonesCommand final : public Command {
 public:
  PhonesCommand()
      : Command(
            {"sensors phones",
             {},
             "phones that registered where a sensor saw it",
             "Kept for 30 days after a phone was last seen to register, and "
             "until the\ncollector restarts. One that ended its registration "
             "is `gone`.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("site", "SITE", "only this site", site_);
    flags.String("number", "PREFIX", "only numbers that begin so", number_);
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    v1::ListPhonesRequest request;
    request.set_site(site_);
    request.set_number_prefix(number_);
    ASSIGN_OR_RETURN(const v1::ListPhonesResponse response,
                     session.collector.ListPhones(request));
    if (session.json) {
      for (const v1::Phone& phone : response.phones()) {
        session.out << ToJson(phone) << '\n';
      }
    } else if (response.phones().empty()) {
      session.err << "no phone was seen to register\n";
    } else {
      session.out << Render(response, session.Now(), session.zone);
    }
    if (response.truncated()) {
      session.err << "there are more than the collector keeps\n";
    }
    return absl::OkStatus();
  }

 private:
  std::string site_;
  std::string number_;
};

}  // namespace

std::unique_ptr<Command> SensorsPhones() {
  return std::make_unique<PhonesCommand>();
}

}  // namespace callbraid::cli
