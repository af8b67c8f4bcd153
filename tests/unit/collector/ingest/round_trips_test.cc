#include "collector/ingest/round_trips.h"

#include <cstdlib>
#include <limits>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1000 * kMs;
// By the collector's clock.
constexpr int64_t kStart = 1'700'000'000 * kSecond;

struct Ways {
  int64_t there_ns = 5 * kMs;
  int64_t back_ns = 5 * kMs;
};

// The heartbeat that brings the echo of one sent at `sent_ns` back, from a
// sensor whose clock is ahead.
v1::Heartbeat Echoed(int64_t sent_ns, int64_t ahead_ns, const Ways& ways = {}) {
  v1::Heartbeat heartbeat;
  v1::ClockEcho& echo = *heartbeat.mutable_echo();
  echo.set_sensor_clock_ns(sent_ns + ahead_ns);
  echo.set_received_ns(sent_ns + ways.there_ns);
  echo.set_sent_ns(echo.received_ns() + kMs);
  heartbeat.set_echo_clock_ns(echo.sent_ns() + ways.back_ns + ahead_ns);
  return heartbeat;
}

using Epochs = google::protobuf::RepeatedPtrField<v1::ClockEpoch>;

TEST(RoundTrips, FindTheOffsetToWithinHalfOfTheWay) {
  for (const int64_t ahead : {int64_t{0}, 3 * kSecond, -2112 * kSecond}) {
    RoundTrips trips;
    ASSERT_TRUE(trips.Add(Echoed(kStart, ahead)));
    v1::RoundTrip trip;
    trips.Fill(trip);
    EXPECT_EQ(trip.offset_ns(), ahead);
    EXPECT_EQ(trip.uncertainty_ns(), 5u * kMs);
  }
}

TEST(RoundTrips, BelieveTheShortest) {
  RoundTrips trips;
  trips.Add(Echoed(kStart, kSecond, {.there_ns = 300 * kMs}));
  trips.Add(Echoed(kStart + kSecond, kSecond, {kMs, kMs}));
  trips.Add(Echoed(kStart + 2 * kSecond, kSecond, {.back_ns = 500 * kMs}));
  v1::RoundTrip trip;
  trips.Fill(trip);
  EXPECT_EQ(trip.offset_ns(), kSecond);
  EXPECT_LT(trip.uncertainty_ns(), 2u * kMs);
}

TEST(RoundTrips, StateAnUncertaintyThatHoldsHoweverUnevenTheWays) {
  RoundTrips trips;
  trips.Add(Echoed(kStart, kSecond, {.there_ns = 80 * kMs, .back_ns = 0}));
  v1::RoundTrip trip;
  trips.Fill(trip);
  EXPECT_LE(std::abs(trip.offset_ns() - kSecond),
            static_cast<int64_t>(trip.uncertainty_ns()));
}

TEST(RoundTrips, ForgetWhatWasBeforeTheClockWasSet) {
  RoundTrips trips;
  for (int i = 0; i < 10; ++i) trips.Add(Echoed(kStart + i * kSecond, 0));
  trips.Add(Echoed(kStart + 10 * kSecond, -kSecond, {20 * kMs, 20 * kMs}));
  v1::RoundTrip trip;
  trips.Fill(trip);
  EXPECT_EQ(trip.offset_ns(), -kSecond);
}

TEST(RoundTrips, RefuseTimesThatMakeNoSense) {
  RoundTrips trips;
  EXPECT_FALSE(trips.Add(v1::Heartbeat()));
  v1::Heartbeat early = Echoed(kStart, 0);
  early.set_echo_clock_ns(kStart - kSecond);
  EXPECT_FALSE(trips.Add(early));
  v1::Heartbeat longer = Echoed(kStart, 0);
  longer.mutable_echo()->set_sent_ns(kStart + 60 * kSecond);
  EXPECT_FALSE(trips.Add(longer));
  v1::Heartbeat late = Echoed(kStart, 0, {.there_ns = 100 * kSecond});
  EXPECT_FALSE(trips.Add(late));
  v1::Heartbeat wild = Echoed(kStart, 0);
  wild.mutable_echo()->set_sensor_clock_ns(std::numeric_limits<int64_t>::min());
  wild.set_echo_clock_ns(std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(trips.Add(wild));
}

TEST(RoundTrips, NoteAnEpochWhenTheClockIsAnotherOne) {
  RoundTrips trips;
  Epochs epochs;
  int beats = 0;
  const auto beat = [&](int64_t ahead_ns) {
    trips.Add(Echoed(kStart + beats++ * kSecond, ahead_ns));
    return trips.Note(epochs);
  };
  EXPECT_FALSE(beat(2112 * kSecond));
  EXPECT_FALSE(beat(2112 * kSecond));
  EXPECT_TRUE(beat(2112 * kSecond));
  ASSERT_EQ(epochs.size(), 1);
  EXPECT_EQ(epochs[0].offset_ns(), 2112 * kSecond);
  EXPECT_EQ(epochs[0].tolerance_ns(), 500u * kMs);
  // It holds for what was captured a while before.
  EXPECT_LT(epochs[0].from_ns(), kStart + 2112 * kSecond - 3000 * kSecond);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(beat(2112 * kSecond + i * kMs));
  EXPECT_FALSE(beat(0));
  EXPECT_FALSE(beat(0));
  EXPECT_TRUE(beat(0));
  ASSERT_EQ(epochs.size(), 2);
  EXPECT_EQ(epochs[1].offset_ns(), 0);
  EXPECT_FALSE(beat(0));
}

TEST(RoundTrips, KeepTheNewestEpochs) {
  Epochs epochs;
  RoundTrips trips;
  for (int i = 0; i < 300; ++i) {
    trips.Add(Echoed(kStart + i * kSecond, i / 3 * kSecond));
    trips.Note(epochs);
  }
  EXPECT_EQ(epochs.size(), 64);
  EXPECT_EQ(epochs.rbegin()->offset_ns(), 99 * kSecond);
}

}  // namespace
}  // namespace callbraid::collector
