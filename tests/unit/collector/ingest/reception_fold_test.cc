#include "collector/ingest/reception_fold.h"

#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid::collector {
namespace {

using fakes::At;
using fakes::kSecond;

constexpr int64_t kStart = 1000 * kSecond;

SeenReport Report(int64_t time_ns, uint32_t highest, int32_t lost) {
  SeenReport seen;
  seen.time_ns = time_ns;
  seen.flow = {At("10.0.0.2", 4003), At("10.0.0.1", 4001)};
  seen.report = {.reporter = 7,
                 .ssrc = 0x1234,
                 .cumulative_lost = lost,
                 .highest_sequence = highest,
                 .jitter = 80};
  return seen;
}

store::v1::Observation Begun() {
  store::v1::Observation observation;
  BeginReception(Report(kStart, 1250, 2), observation);
  return observation;
}

TEST(ReceptionFold, KeepsTheFirstAndTheLastReport) {
  store::v1::Observation observation = Begun();
  SeenReport second = Report(kStart + 5 * kSecond, 1500, 5);
  second.report.jitter = 200;
  FoldReception(second, observation);
  FoldReception(Report(kStart + 10 * kSecond, 1750, 4), observation);
  const store::v1::ReceptionObservation& reception = observation.reception();
  EXPECT_EQ(observation.first_time_ns(), kStart);
  EXPECT_EQ(observation.last_time_ns(), kStart + 10 * kSecond);
  EXPECT_EQ(reception.ssrc(), 0x1234u);
  EXPECT_EQ(reception.reporter_ssrc(), 7u);
  EXPECT_EQ(FromProto(reception.reporter()), At("10.0.0.2", 4003));
  EXPECT_EQ(FromProto(reception.sender()), At("10.0.0.1", 4001));
  EXPECT_EQ(reception.reports(), 3u);
  EXPECT_EQ(reception.first().highest_sequence(), 1250u);
  EXPECT_EQ(reception.last().highest_sequence(), 1750u);
  EXPECT_EQ(reception.last().cumulative_lost(), 4);
  EXPECT_EQ(reception.max_jitter(), 200u);
}

TEST(ReceptionFold, SkipsWhatWasFoldedBefore) {
  store::v1::Observation observation = Begun();
  FoldReception(Report(kStart + 5 * kSecond, 1500, 2), observation);
  EXPECT_EQ(FitOf(Report(kStart, 1250, 2), observation), ReportFit::kRepeat);
  EXPECT_EQ(FitOf(Report(kStart + 5 * kSecond, 1500, 2), observation),
            ReportFit::kRepeat);
  EXPECT_EQ(FitOf(Report(kStart - 1, 1250, 2), observation), ReportFit::kOther);
}

TEST(ReceptionFold, GoesOn) {
  EXPECT_EQ(FitOf(Report(kStart + 5 * kSecond, 1500, 2), Begun()),
            ReportFit::kContinues);
  // Nothing arrived in between.
  EXPECT_EQ(FitOf(Report(kStart + 5 * kSecond, 1250, 2), Begun()),
            ReportFit::kContinues);
}

TEST(ReceptionFold, BeginsAnewWithTheNextUseOfTheSsrc) {
  EXPECT_EQ(FitOf(Report(kStart + 5 * kSecond, 250, 0), Begun()),
            ReportFit::kBeginsAnew);
  EXPECT_EQ(FitOf(Report(kStart + 400 * kSecond, 1500, 2), Begun()),
            ReportFit::kBeginsAnew);
}

}  // namespace
}  // namespace callbraid::collector
