#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Facts TwoSensors() {
  Facts facts;
  facts.now_ns = kStartNs;
  facts.sensors = {MakeSensor("s1"), MakeSensor("s2")};
  return facts;
}

v1::RoundTrip Trip(int64_t offset_ns, uint64_t uncertainty_ns = 5'000'000) {
  v1::RoundTrip trip;
  trip.set_offset_ns(offset_ns);
  trip.set_uncertainty_ns(uncertainty_ns);
  return trip;
}

// Against s1.
v1::SensorClock Clock(int64_t offset_ns, uint64_t uncertainty_ns = 1'000'000) {
  v1::SensorClock clock;
  clock.set_reference("s1");
  clock.set_offset_ns(offset_ns);
  clock.set_uncertainty_ns(uncertainty_ns);
  clock.set_samples(500);
  return clock;
}

TEST(JudgeSensors, IsContentWithSensorsThatAreThere) {
  EXPECT_THAT(JudgeSensors(TwoSensors()), IsEmpty());
}

TEST(JudgeSensors, SeesThatASensorIsAway) {
  Facts facts = TwoSensors();
  facts.sensors[0].connected = false;
  facts.sensors[0].last_seen_ns = kStartNs - 7200 * kSecondNs;
  const Verdicts verdicts = JudgeSensors(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_SENSOR_AWAY));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("2 h 0 min ago"));
  // Who has read its files to the end goes away in peace.
  facts.sensors[0].ended = true;
  EXPECT_THAT(JudgeSensors(facts), IsEmpty());
}

TEST(JudgeSensors, SeesThatASpoolOverflowed) {
  Facts facts = TwoSensors();
  facts.sensors[1].discarded_frames = 1234;
  const Verdicts verdicts = JudgeSensors(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_SPOOL_OVERFLOW));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("1,234 frames"));
}

TEST(JudgeSensors, NamesTheSensorWhoseClockIsNotTheCollectors) {
  Facts facts = TwoSensors();
  facts.sensors[0].round_trip = Trip(-20'000'000);
  facts.sensors[1].round_trip = Trip(35 * 60 * kSecondNs);
  facts.sensors[1].clock = Clock(35 * 60 * kSecondNs);
  const Verdicts verdicts = JudgeSensors(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_CLOCK_OFF));
  EXPECT_EQ(verdicts[0].sensor(), "s2");
  EXPECT_THAT(verdicts[0].text(),
              HasSubstr("35 min 0 s ahead of the collector's"));
  EXPECT_EQ(EvidenceOf(verdicts[0], "ahead of that of s1"), 2100);
}

TEST(JudgeSensors, BlamesTheOneThatOthersAreComparedWithIfItIsOff) {
  Facts facts = TwoSensors();
  facts.sensors[0].round_trip = Trip(-3 * kSecondNs);
  facts.sensors[1].clock = Clock(3 * kSecondNs);
  const Verdicts verdicts = JudgeSensors(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_CLOCK_OFF));
  EXPECT_EQ(verdicts[0].sensor(), "s1");
  EXPECT_THAT(verdicts[0].text(), HasSubstr("3.0 s behind the collector's"));
}

TEST(JudgeSensors, SaysThatTwoClocksAreApart) {
  Facts facts = TwoSensors();
  facts.sensors[1].clock = Clock(-3 * kSecondNs);
  const Verdicts verdicts = JudgeSensors(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_CLOCK_OFF));
  EXPECT_EQ(verdicts[0].sensor(), "s2");
  EXPECT_THAT(verdicts[0].text(), HasSubstr("3.0 s behind that of s1"));
  EXPECT_EQ(EvidenceOf(verdicts[0], "compared"), 500);
}

TEST(JudgeSensors, DoesNotMindWhatMayBeNothing) {
  Facts facts = TwoSensors();
  facts.sensors[0].round_trip = Trip(3 * kSecondNs, 5 * kSecondNs);
  facts.sensors[1].round_trip = Trip(kSecondNs / 2);
  facts.sensors[1].clock = Clock(kSecondNs / 2);
  EXPECT_THAT(JudgeSensors(facts), IsEmpty());
  facts.sensors[1].clock = Clock(-3 * kSecondNs, 5 * kSecondNs);
  EXPECT_THAT(JudgeSensors(facts), IsEmpty());
  // Of the reference itself nothing is to be found.
  facts.sensors[1].clock->clear_reference();
  EXPECT_THAT(JudgeSensors(facts), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
