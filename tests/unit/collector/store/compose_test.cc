#include "collector/store/compose.h"

#include <optional>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

StoredObservation Stream(uint32_t packets, int64_t last_ns) {
  StoredObservation stored;
  stored.observation.mutable_rtp()->set_ssrc(1);
  stored.tally.set_last_time_ns(last_ns);
  stored.tally.mutable_statistics()->set_packets(packets);
  return stored;
}

v1::StreamReport Report(uint32_t packets, int64_t time_ns, bool final) {
  v1::StreamReport report;
  report.set_time_ns(time_ns);
  report.mutable_statistics()->set_packets(packets);
  report.set_final(final);
  return report;
}

TEST(Compose, EndsAStreamWhenAllThatIsReportedHasCome) {
  StoredObservation stored = Stream(500, 100);
  const v1::StreamReport early = Report(600, 120, /*final=*/true);
  Compose(&early, std::nullopt, stored);
  EXPECT_FALSE(stored.observation.final());
  EXPECT_EQ(stored.tally.undelivered(), 100u) << "they have not come yet";
  stored = Stream(600, 120);
  Compose(&early, std::nullopt, stored);
  EXPECT_TRUE(stored.observation.final());
  EXPECT_EQ(stored.tally.undelivered(), 0u);
}

TEST(Compose, CountsWhatWasCapturedAndWillNotCome) {
  StoredObservation stored = Stream(500, 120);
  const v1::StreamReport report = Report(600, 110, /*final=*/false);
  Compose(&report, std::nullopt, stored);
  EXPECT_EQ(stored.tally.undelivered(), 100u);
  // More has come since.
  stored = Stream(700, 130);
  Compose(&report, std::nullopt, stored);
  EXPECT_EQ(stored.tally.undelivered(), 0u);
}

}  // namespace
}  // namespace callbraid::collector
