#include "collector/quality/sequence_window.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using Arrival = SequenceWindow::Arrival;

// What passes: '.' arrived, 'x' did not.
class SequenceWindowTest : public testing::Test {
 protected:
  Arrival Add(int sequence) {
    return window_.Add(static_cast<uint16_t>(sequence), ++time_ns_).arrival;
  }
  std::string Flush() {
    window_.Flush();
    return passed_;
  }

  std::string passed_;
  int64_t time_ns_ = 0;
  SequenceWindow window_{
      [this](const PacketFate& fate) { passed_ += fate.arrived ? '.' : 'x'; }};
};

TEST_F(SequenceWindowTest, TellsWhatWasLost) {
  for (const int sequence : {10, 11, 14, 15}) {
    EXPECT_EQ(Add(sequence), Arrival::kNext);
  }
  EXPECT_EQ(Flush(), "..xx..");
}

TEST_F(SequenceWindowTest, LateIsNotLost) {
  Add(10);
  Add(13);
  EXPECT_EQ(Add(11), Arrival::kLate);
  EXPECT_EQ(Add(11), Arrival::kDuplicate);
  EXPECT_EQ(Add(12), Arrival::kLate);
  EXPECT_EQ(Flush(), "....");
}

TEST_F(SequenceWindowTest, TheFirstMayBeOvertaken) {
  Add(10);
  EXPECT_EQ(Add(8), Arrival::kLate);
  EXPECT_EQ(Flush(), ".x.");
}

TEST_F(SequenceWindowTest, FollowsTheWrap) {
  for (int sequence = 65'500; sequence < 65'600; ++sequence) Add(sequence);
  EXPECT_EQ(Flush(), std::string(100, '.'));
}

TEST_F(SequenceWindowTest, OneWildNumberChangesNothing) {
  Add(10);
  EXPECT_EQ(Add(30'000), Arrival::kStray);
  EXPECT_EQ(Add(11), Arrival::kNext);
  EXPECT_EQ(Add(30'001), Arrival::kStray);
  EXPECT_EQ(Flush(), "..");
}

TEST_F(SequenceWindowTest, ASourceMayBeginAnew) {
  Add(10);
  Add(12);
  EXPECT_EQ(Add(30'000), Arrival::kStray);
  EXPECT_EQ(Add(30'001), Arrival::kNext);
  EXPECT_EQ(Add(30'003), Arrival::kNext);
  EXPECT_EQ(Flush(), ".x...x.");
}

TEST_F(SequenceWindowTest, WhatPassesIsKnownAtOnceAndHeldNoLonger) {
  for (int sequence = 0; sequence < 1000; ++sequence) Add(sequence);
  EXPECT_EQ(passed_.size(), 1000u - 101u);
  // Too late for the window: as if it had not come.
  Add(1002);
  for (int sequence = 1003; sequence < 1200; ++sequence) Add(sequence);
  EXPECT_EQ(Add(1000), Arrival::kStray);
  EXPECT_EQ(Flush().size(), 1200u);
}

TEST_F(SequenceWindowTest, LostPacketsHaveTheTimeOfTheirNeighbours) {
  std::vector<int64_t> times;
  SequenceWindow window(
      [&times](const PacketFate& fate) { times.push_back(fate.time_ns); });
  window.Add(1, 100);
  window.Add(4, 160);
  window.Flush();
  EXPECT_EQ(times, (std::vector<int64_t>{100, 100, 100, 160}));
}

}  // namespace
}  // namespace callbraid::collector
