#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/table.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

std::string Days(uint32_t days) {
  if (days == 0) return "for ever";
  return absl::StrCat(days, days == 1 ? " day" : " days");
}

// Media go with their call at the latest.
uint32_t MediaDays(uint32_t media, uint32_t call) {
  return media == 0 ? call : media;
}

std::string Gib(uint64_t bytes) {
  return absl::StrFormat("%.1f GiB", static_cast<double>(bytes) / (1u << 30));
}

constexpr char kNotRecorded[] = "not recorded";

std::string MediaOf(const v1::RetentionRule& rule) {
  if (rule.record() == "signalling" || rule.record() == "nothing") {
    return kNotRecorded;
  }
  return Days(MediaDays(rule.media_days(), rule.call_days()));
}

std::string Of(const v1::RetentionRule& rule) {
  std::vector<std::string> parts(rule.sites().begin(), rule.sites().end());
  parts.insert(parts.end(), rule.numbers().begin(), rule.numbers().end());
  return absl::StrJoin(parts, ", ");
}

std::string Render(const v1::GetRetentionResponse& retention,
                   absl::TimeZone zone) {
  const v1::RetentionConfig& config = retention.config();
  Table table;
  table.AddColumn("CALLS OF", Table::Align::kLeft, true);
  table.AddColumn("MEDIA");
  table.AddColumn("CALLS");
  for (const v1::RetentionRule& rule : config.rules()) {
    table.AddRow(
        {Of(rule), MediaOf(rule),
         rule.record() == "nothing" ? kNotRecorded : Days(rule.call_days())});
  }
  table.AddRow({config.rules_size() == 0 ? "all" : "all others",
                Days(MediaDays(config.media_days(), config.call_days())),
                Days(config.call_days())});
  std::string text = table.Render();
  const auto line = [&text](const std::string& name, const std::string& value) {
    absl::StrAppend(&text, name, value, "\n");
  };
  // Not told to who is held to a scope.
  if (retention.disk_bytes() > 0) {
    line("\nkept         ",
         config.max_gib() == 0
             ? Gib(retention.bytes())
             : absl::StrCat(Gib(retention.bytes()), ", at most ",
                            config.max_gib(), " GiB"));
    line("free         ",
         absl::StrCat(
             Gib(retention.free_bytes()), " of ", Gib(retention.disk_bytes()),
             config.min_free_gib() == 0
                 ? ""
                 : absl::StrCat(", at least ", config.min_free_gib(), " GiB")));
    if (retention.has_oldest_media_time()) {
      line("oldest media ",
           DateAndTime(ToTime(retention.oldest_media_time()), zone));
    }
  }
  if (retention.is_full()) {
    line("", "too little room, and nothing that may be deleted");
  }
  return text;
}

class RetentionCommand final : public Command {
 public:
  RetentionCommand()
      : Command({"retention",
                 {},
                 "for how long calls are kept, and how full the disk is",
                 ""}) {}

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    ASSIGN_OR_RETURN(const v1::GetRetentionResponse retention,
                     session.collector.GetRetention());
    session.out << (session.json ? ToJson(retention) + "\n"
                                 : Render(retention, session.zone));
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> RetentionShow() {
  return std::make_unique<RetentionCommand>();
}

}  // namespace callbraid::cli
