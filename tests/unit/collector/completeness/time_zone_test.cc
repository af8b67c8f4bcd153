#include "collector/completeness/time_zone.h"

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::string OffsetIn(const std::string& name) {
  const auto zone = FindTimeZone(name);
  if (!zone.ok()) return std::string(zone.status().message()).substr(0, 11);
  // A summer's day.
  return absl::FormatTime("%Ez", absl::FromUnixSeconds(1'783'000'000), *zone);
}

TEST(FindTimeZone, KnowsUtcAndOffsets) {
  EXPECT_EQ(OffsetIn(""), "+00:00");
  EXPECT_EQ(OffsetIn("UTC"), "+00:00");
  EXPECT_EQ(OffsetIn("Fixed/UTC+05:30:00"), "+05:30");
  EXPECT_EQ(OffsetIn("Fixed/UTC-03:00:00"), "-03:00");
}

TEST(FindTimeZone, OpensNoOtherFiles) {
  for (const char* name :
       {"/etc/localtime", "../zoneinfo/UTC", "Europe", "nosuch", "Europe/\n",
        "Fixed/UTC+02:00:01", "Fixed/UTC+2:00:00", "Fixed/UTC", "Fixed/UTC+",
        "localtime "}) {
    EXPECT_EQ(OffsetIn(name), "time_zone: ") << name;
  }
  EXPECT_EQ(OffsetIn(std::string(1000, 'a')), "time_zone: ");
}

TEST(FindTimeZone, KnowsPlaces) {
  if (!FindTimeZone("Europe/Berlin").ok()) GTEST_SKIP() << "no tzdata here";
  EXPECT_EQ(OffsetIn("Europe/Berlin"), "+02:00");
}

}  // namespace
}  // namespace callbraid::collector
