#include "collector/cli/render_counts.h"

#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace callbraid::cli {
namespace {

// 2026-11-27 09:00:00 UTC.
constexpr int64_t kNineS = 1'795'770'000;

v1::CallCounts Counts(const std::string& site, uint64_t calls,
                      uint64_t answered) {
  v1::CallCounts counts;
  counts.set_site(site);
  counts.set_calls(calls);
  counts.set_answered(answered);
  if (answered > 0) {
    v1::StateCount& state = *counts.add_states();
    state.set_state(v1::CALL_STATE_COMPLETED);
    state.set_calls(answered);
    counts.mutable_talk()->set_seconds(static_cast<int64_t>(60 * answered));
  }
  return counts;
}

v1::CountCallsResponse Hours() {
  v1::CountCallsResponse found;
  for (int hour = 0; hour < 3; ++hour) {
    v1::CallInterval& interval = *found.add_intervals();
    interval.mutable_start_time()->set_seconds(kNineS + hour * 3600);
    interval.mutable_end_time()->set_seconds(kNineS + (hour + 1) * 3600);
  }
  *found.mutable_intervals(0)->add_counts() = Counts("berlin", 1200, 600);
  *found.mutable_intervals(2)->add_counts() = Counts("", 1, 0);
  v1::FlagCount& flag =
      *found.mutable_intervals(0)->mutable_counts(0)->add_flags();
  flag.set_flag(v1::CALL_FLAG_ONE_WAY);
  flag.set_calls(7);
  return found;
}

TEST(RenderCounts, ShowsTimesWithoutCallsToo) {
  EXPECT_EQ(RenderCounts(Hours(), /*by_site=*/false, absl::UTCTimeZone()),
            "START             CALLS  ANSWERED          MEAN TALK  NO MEDIA  "
            "ONE-WAY  "
            "LOSSY  MOS\n"
            "2026-11-27 09:00  1,200       600  50.0 %       1:00         -    "
            "    7  "
            "    -    -  ####################\n"
            "2026-11-27 10:00      -         -       -          -         -    "
            "    -  "
            "    -    -\n"
            "2026-11-27 11:00      1         -   0.0 %          -         -    "
            "    -  "
            "    -    -  #\n"
            "\n1,201 calls, 600 answered (50.0 %), 10:00:00 of talk\n");
}

TEST(RenderCounts, NamesSitesWhereThereAreCalls) {
  const std::string text =
      RenderCounts(Hours(), /*by_site=*/true, absl::UTCTimeZone());
  EXPECT_NE(text.find("2026-11-27 09:00  berlin  1,200"), std::string::npos)
      << text;
  EXPECT_NE(text.find("2026-11-27 11:00  -           1"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("10:00 "), std::string::npos) << text;
}

TEST(RenderCounts, DaysHaveNoTimeOfTheDay) {
  v1::CountCallsResponse found;
  found.add_intervals()->mutable_start_time()->set_seconds(kNineS / 86400 *
                                                           86400);
  *found.mutable_intervals(0)->add_counts() = Counts("", 2, 1);
  const std::string text =
      RenderCounts(found, /*by_site=*/false, absl::UTCTimeZone());
  EXPECT_NE(text.find("\n2026-11-27      2"), std::string::npos) << text;
}

TEST(RenderCounts, SaysThatThereAreNone) {
  v1::CountCallsResponse found;
  found.add_intervals();
  EXPECT_EQ(RenderCounts(found, false, absl::UTCTimeZone()), "no calls\n");
  EXPECT_EQ(CountsJson(found, false), "");
}

TEST(RenderCounts, IsALineOfJsonForEachIntervalAndSite) {
  v1::CountCallsResponse found = Hours();
  v1::CallCounts& first = *found.mutable_intervals(0)->mutable_counts(0);
  first.set_mean_mos(4.25);
  v1::MosCount& mos = *first.add_mos();
  mos.set_from(4.2);
  mos.set_calls(3);
  const std::string lines = CountsJson(found, /*by_site=*/true);
  const auto json = nlohmann::json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(json["start"], "2026-11-27T09:00:00Z");
  EXPECT_EQ(json["end"], "2026-11-27T10:00:00Z");
  EXPECT_EQ(json["site"], "berlin");
  EXPECT_EQ(json["calls"], 1200);
  EXPECT_EQ(json["states"]["completed"], 600);
  EXPECT_EQ(json["flags"]["one-way"], 7);
  EXPECT_EQ(json["talkSeconds"], 36000);
  EXPECT_EQ(json["meanMos"], 4.25);
  EXPECT_EQ(json["mos"]["4.2"], 3);
  EXPECT_NE(lines.find("\"site\":\"\""), std::string::npos) << lines;
}

}  // namespace
}  // namespace callbraid::cli
