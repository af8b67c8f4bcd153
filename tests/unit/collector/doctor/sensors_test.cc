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

// A call whose second sensor's clock lacks so much.
CallFacts Apart(int64_t offset_ns, uint64_t uncertainty_ns = 1'000'000) {
  CallFacts call;
  for (const char* sensor : {"s1", "s2"}) {
    store::v1::SensorOffset& offset = call.offsets.emplace_back();
    offset.set_sensor(sensor);
    if (sensor[1] == '1') continue;
    offset.set_offset_ns(offset_ns);
    offset.set_uncertainty_ns(uncertainty_ns);
  }
  return call;
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
  facts.sensors[0].clock_ahead_ns = -20'000'000;
  facts.sensors[1].clock_ahead_ns = 35 * 60 * kSecondNs;
  facts.calls.push_back(Apart(-35 * 60 * kSecondNs));
  const Verdicts verdicts = JudgeSensors(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_CLOCK_OFF));
  EXPECT_EQ(verdicts[0].sensor(), "s2");
  EXPECT_THAT(verdicts[0].text(), HasSubstr("35 min 0 s ahead of"));
}

TEST(JudgeSensors, SaysOnceThatTwoClocksAreApart) {
  Facts facts = TwoSensors();
  facts.calls.push_back(Apart(3 * kSecondNs));
  const Verdicts verdicts = JudgeSensors(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_CLOCK_OFF));
  EXPECT_THAT(verdicts[0].text(),
              HasSubstr("clocks of sensors s1 and s2 are 3.0 s apart"));
  EXPECT_EQ(EvidenceOf(verdicts[0], "calls both saw"), 1);
}

TEST(JudgeSensors, DoesNotMindWhatMayBeNothing) {
  Facts facts = TwoSensors();
  facts.sensors[0].clock_ahead_ns = -2 * kSecondNs;  // Or a slow link.
  facts.sensors[1].clock_ahead_ns = kSecondNs / 2;
  facts.calls = {Apart(kSecondNs / 2), Apart(3 * kSecondNs, 5 * kSecondNs)};
  EXPECT_THAT(JudgeSensors(facts), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
