#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/table.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::cli {
namespace {

const char* Party(v1::Side side) {
  return side == v1::SIDE_CALLER ? "caller" : "callee";
}

std::string Level(bool known, double dbov) {
  return known ? absl::StrFormat("%.1f", dbov) : "-";
}

std::string Share(bool known, double share) {
  return known ? absl::StrFormat("%.0f %%", 100 * share) : "-";
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  using google::protobuf::util::TimeUtil;
  return absl::Nanoseconds(TimeUtil::DurationToNanoseconds(duration));
}

std::string Clipping(const v1::PartyListening& party) {
  if (party.clipped_runs() == 0) return "-";
  return absl::StrFormat("%d x, %.2g %%", party.clipped_runs(),
                         100 * party.clipped_share());
}

std::string Notes(const v1::CallListening& listening, absl::TimeZone zone) {
  std::string text;
  for (const v1::PartyListening& party : listening.parties()) {
    const char* const side = Party(party.side());
    if (party.has_unheard_since() &&
        ToTime(party.unheard_since()) > ToTime(listening.begin())) {
      absl::StrAppend(&text, side, ": ", Word(party.hearing()), " since ",
                      TimeOfDay(ToTime(party.unheard_since()), zone), "\n");
    }
    if (!party.has_echo()) continue;
    absl::StrAppendFormat(
        &text, "%s: hears itself after %.0f ms, %.0f dB weaker (echo)\n", side,
        party.echo().delay_ms(), party.echo().return_loss_db());
  }
  if (listening.has_double_talk_share()) {
    absl::StrAppend(&text, "both talk ",
                    Share(true, listening.double_talk_share()),
                    " of the time\n");
  }
  for (const v1::SilentStretch& stretch : listening.dead_air()) {
    absl::StrAppend(&text, "nobody is heard at ",
                    TimeOfDay(ToTime(stretch.time()), zone), " for ",
                    ExactLength(ToDuration(stretch.length())), "\n");
  }
  return text;
}

}  // namespace

std::string RenderListening(const v1::CallListening& listening,
                            absl::TimeZone zone) {
  Table table;
  table.AddColumn("PARTY");
  table.AddColumn("HEARD", Table::Align::kLeft, true);
  for (const char* title : {"DBOV", "NOISE", "TALKS", "CLIPPED"}) {
    table.AddColumn(title, Table::Align::kRight);
  }
  for (const v1::PartyListening& party : listening.parties()) {
    table.AddRow({Party(party.side()),
                  absl::StrCat(Word(party.hearing()),
                               party.one_way() ? ": one-way" : ""),
                  Level(party.has_level_dbov(), party.level_dbov()),
                  Level(party.has_noise_dbov(), party.noise_dbov()),
                  Share(party.has_talk_share(), party.talk_share()),
                  Clipping(party)});
  }
  return absl::StrCat("\n", table.Render(), Notes(listening, zone));
}

}  // namespace callbraid::cli
