#include "collector/clocks/clock_model.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "collector/clocks/clock_samples.h"
#include "collector/correlate/correlator.h"
#include "collector/index/candidates.h"
#include "collector/index/observation_index.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/scenes.h"

// Evidence that rests on addresses and times at two sensors goes by how their
// clocks compare, which only other calls can tell.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::IdOf;
using fakes::kEpoch;
using fakes::kMs;
using fakes::kSecond;
using fakes::See;
using fakes::Spot;
using fakes::Stream;
using scenes::IdsOf;
using scenes::ProxyCall;
using scenes::SeeAll;
using scenes::Variant;
using scenes::Wire;

const Spot kTrue{.sensor = "s1"};
const Spot kAhead{.sensor = "s2", .clock_ns = 2112 * kSecond};

// Signalling of one call at one sensor, its media at another.
struct SplitCall {
  std::vector<StoredObservation> signalling;
  std::vector<StoredObservation> media;

  ObservationId dialog() const { return IdOf(signalling.front()); }
  ObservationId stream() const { return IdOf(media.front()); }
};

SplitCall Split(const Variant& v, const Spot& signalling = kTrue,
                const Spot& media = kAhead) {
  Wire wire = ProxyCall(v);
  Wire streams;
  streams.streams.swap(wire.streams);
  return {SeeAll(wire, signalling), SeeAll(streams, media)};
}

// A call that both sensors saw all of.
std::vector<StoredObservation> Common(const Variant& v, const Spot& one = kTrue,
                                      const Spot& other = kAhead) {
  std::vector<StoredObservation> seen = SeeAll(ProxyCall(v), one);
  for (StoredObservation& stored : SeeAll(ProxyCall(v), other)) {
    seen.push_back(std::move(stored));
  }
  return seen;
}

TEST(ClockModel, JoinsASplitCallByWhatOtherCallsSayOfTheClocks) {
  const SplitCall split = Split({.number = 1, .start_ms = 30'000});
  const auto common = Common({.number = 2});
  Braid before;
  before.Add(common);
  before.Add(split.signalling);
  before.Add(split.media);
  EXPECT_TRUE(before.Together(split.dialog(), split.stream()));

  Braid after;
  after.Add(split.signalling);
  after.Add(split.media);
  EXPECT_FALSE(after.Together(split.dialog(), split.stream()));
  after.Add(common);
  EXPECT_TRUE(after.Together(split.dialog(), split.stream()));
  const v1::Call call = after.CallOf(split.dialog());
  EXPECT_EQ(call.legs_size(), 2);
  EXPECT_EQ(call.streams_size(), 2);
  EXPECT_EQ(call.streams(0).leg_id(), call.legs(0).id());
  // The media is where it belongs in time, and known as far as it can be.
  const auto record = after.RecordOf(split.dialog());
  ASSERT_EQ(record.offsets_size(), 2);
  EXPECT_EQ(record.offsets(1).sensor(), "s2");
  EXPECT_NEAR(static_cast<double>(record.offsets(1).offset_ns()), -2112e9, 1e9);
  EXPECT_GT(record.offsets(1).uncertainty_ns(), 0u);
}

TEST(ClockModel, JoinsEitherWayRound) {
  const SplitCall split =
      Split({.number = 1, .start_ms = 30'000}, kAhead, kTrue);
  Braid braid;
  braid.Add(split.media);
  braid.Add(split.signalling);
  braid.Add(Common({.number = 2}));
  EXPECT_TRUE(braid.Together(split.dialog(), split.stream()));
}

TEST(ClockModel, AsksTheHourAround) {
  for (const int64_t away_ms : {2'400'000, 9'000'000}) {
    const SplitCall split = Split({.number = 1, .start_ms = away_ms});
    Braid braid;
    braid.Add(Common({.number = 2}));
    braid.Add(split.signalling);
    braid.Add(split.media);
    EXPECT_EQ(braid.Together(split.dialog(), split.stream()),
              away_ms < 3'600'000);
  }
}

TEST(ClockModel, HoldsSoManyWindowsAndReadsTheOthers) {
  MemoryStore store;
  const EvidencePolicy policy;
  ObservationIndex index(store.facts(), 1000);
  Candidates candidates(index, policy);
  ClockSamples samples(index, candidates, policy);
  ClockModel model(samples, store.facts());
  constexpr int64_t kHour = 3600 * kSecond;
  size_t most = 0;
  for (int64_t hour = 0; hour < 20'000; ++hour) {
    model.Begin();
    model.Install();
    const auto partners = model.PartnersAt("s1", kEpoch + hour * kHour);
    ASSERT_TRUE(partners.ok());
    model.Applied();
    most = std::max(most, model.size());
  }
  EXPECT_GT(most, 4096u);
  EXPECT_LE(most, 8192u);
}

TEST(ClockModel, FollowsDrift) {
  Spot drifting = kAhead;
  drifting.drift_ppm = 2000;  // 7.2 s an hour.
  Braid braid;
  std::vector<SplitCall> splits;
  for (int i = 0; i < 6; ++i) {
    const int64_t start_ms = i * 600'000;
    braid.Add(
        Common({.number = 10 + i, .start_ms = start_ms}, kTrue, drifting));
    splits.push_back(Split({.number = 20 + i, .start_ms = start_ms + 300'000},
                           kTrue, drifting));
    braid.Add(splits.back().signalling);
    braid.Add(splits.back().media);
  }
  for (const SplitCall& split : splits) {
    EXPECT_TRUE(braid.Together(split.dialog(), split.stream()));
  }
}

TEST(ClockModel, KeepsCallsApartThatFollowOnTheSamePorts) {
  Braid braid;
  braid.Add(Common({.number = 9}));
  std::vector<SplitCall> splits;
  for (int i = 0; i < 4; ++i) {
    Variant v = {.number = 1, .start_ms = 5000 + i * 12'000, .talk_ms = 6000};
    Wire wire = ProxyCall(v);
    for (Dialog& dialog : wire.dialogs) {
      dialog.call_id += std::to_string(i);
    }
    for (Stream& stream : wire.streams) stream.content += 2 * i;
    Wire streams;
    streams.streams.swap(wire.streams);
    splits.push_back({SeeAll(wire, kTrue), SeeAll(streams, kAhead)});
    braid.Add(splits.back().media);
    braid.Add(splits.back().signalling);
  }
  for (size_t i = 0; i < splits.size(); ++i) {
    for (size_t j = 0; j < splits.size(); ++j) {
      EXPECT_EQ(braid.Together(splits[i].dialog(), splits[j].stream()), i == j);
    }
  }
}

TEST(ClockModel, SplitsAgainWhenWhatItWentByIsWithdrawn) {
  const SplitCall split = Split({.number = 1, .start_ms = 30'000});
  // Media alone, so that nothing but the payloads tells.
  const auto both_see = [](int64_t start_ms, const Spot& spot) {
    Stream stream;
    stream.source = "10.0.7.1:4000";
    stream.destination = "10.0.7.2:4000";
    stream.start_ms = start_ms;
    stream.content = 77;
    return See(stream, spot);
  };
  Braid braid;
  braid.Add(split.signalling);
  braid.Add(split.media);
  braid.Add(both_see(0, kTrue));
  braid.Add(both_see(0, kAhead));
  EXPECT_TRUE(braid.Together(split.dialog(), split.stream()));
  // It is played again: the payloads prove nothing any more.
  braid.Add(both_see(60'000, kTrue));
  EXPECT_FALSE(braid.Together(split.dialog(), split.stream()));
}

TEST(ClockModel, GoesByHopsOfDialogsWhereNothingElseIsCommon) {
  // Each sensor sees one hop of the dialog.
  const Wire wire = ProxyCall({.number = 2});
  const SplitCall split = Split({.number = 1, .start_ms = 30'000});
  Braid braid;
  braid.Add(split.signalling);
  braid.Add(split.media);
  braid.Add(See(wire.dialogs[0], kTrue));
  braid.Add(See(wire.dialogs[1], kAhead));
  EXPECT_TRUE(braid.Together(split.dialog(), split.stream()));
}

// A sensor as the collector lists it, whose clock was found by round trips.
v1::Sensor Listed(const Spot& spot, int64_t ahead_ns) {
  v1::Sensor sensor =
      fakes::SensorAt(spot, kEpoch + 20 * kSecond + spot.clock_ns);
  v1::ClockEpoch& epoch = *sensor.add_clock_epochs();
  epoch.set_from_ns(kEpoch + spot.clock_ns - 3600 * kSecond);
  epoch.set_offset_ns(ahead_ns);
  epoch.set_tolerance_ns(500 * kMs);
  return sensor;
}

TEST(ClockModel, GoesByRoundTripsWhereNothingIsCommon) {
  const SplitCall split = Split({.number = 1, .start_ms = 30'000});
  Braid braid;
  braid.Add(split.signalling);
  braid.Add(split.media);
  EXPECT_FALSE(braid.Together(split.dialog(), split.stream()));
  braid.Progress({Listed(kTrue, 0), Listed(kAhead, 2112 * kSecond)});
  EXPECT_TRUE(braid.Together(split.dialog(), split.stream()));
  // Content knows better: the file that the sensor reads is of another time.
  Braid replay;
  replay.Add(Common({.number = 2}));
  replay.Progress({Listed(kTrue, 0), Listed(kAhead, 0)});
  replay.Add(split.signalling);
  replay.Add(split.media);
  EXPECT_TRUE(replay.Together(split.dialog(), split.stream()));
}

TEST(ClockModel, KnowsWhatWasGoneByOverARestart) {
  const SplitCall split = Split({.number = 1, .start_ms = 30'000});
  MemoryStore store;
  RecordingCallSink sink;
  const auto add = [&](Braider& braider,
                       const std::vector<StoredObservation>& seen) {
    CommitGroup group;
    for (const StoredObservation& stored : seen) {
      group.observations.push_back(fakes::UpsertOf(stored));
    }
    ASSERT_TRUE(store.Commit(group).ok());
    ASSERT_TRUE(braider.Process(IdsOf(seen), Watermarks()).ok());
  };
  {
    Braider braider(store, v1::CorrelateConfig(), sink);
    add(braider, split.signalling);
    add(braider, split.media);
  }
  Braider braider(store, v1::CorrelateConfig(), sink);
  add(braider, Common({.number = 2}));
  EXPECT_EQ(
      store.facts().GetCall(split.dialog().ToHex(), Scope::All())->call().id(),
      store.facts().GetCall(split.stream().ToHex(), Scope::All())->call().id());
}

TEST(ClockModel, TriesAgainWhatAFailureOfTheStoreInterrupted) {
  const SplitCall split = Split({.number = 1, .start_ms = 30'000});
  const auto common = Common({.number = 2});
  MemoryStore store;
  RecordingCallSink sink;
  Braider braider(store, v1::CorrelateConfig(), sink);
  std::vector<StoredObservation> seen = split.signalling;
  seen.insert(seen.end(), split.media.begin(), split.media.end());
  CommitGroup group;
  for (const StoredObservation& stored : seen) {
    group.observations.push_back(fakes::UpsertOf(stored));
  }
  ASSERT_TRUE(store.Commit(group).ok());
  ASSERT_TRUE(braider.Process(IdsOf(seen), Watermarks()).ok());
  group = {};
  for (const StoredObservation& stored : common) {
    group.observations.push_back(fakes::UpsertOf(stored));
  }
  ASSERT_TRUE(store.Commit(group).ok());
  store.FailCommitsWith(absl::UnavailableError("full"), 1);
  EXPECT_FALSE(braider.Process(IdsOf(common), Watermarks()).ok());
  ASSERT_TRUE(braider.Process(IdsOf(common), Watermarks()).ok());
  EXPECT_EQ(
      store.facts().GetCall(split.dialog().ToHex(), Scope::All())->call().id(),
      store.facts().GetCall(split.stream().ToHex(), Scope::All())->call().id());
}

TEST(ClockSurvey, ComparesSensorsForPeople) {
  Spot drifting = kAhead;
  drifting.sensor = "s3";
  drifting.clock_ns = -3 * kSecond;
  drifting.drift_ppm = 200;
  Spot set = kAhead;
  set.sensor = "s4";
  set.clock_ns = 0;
  set.set_ms = 8000;
  set.set_ns = kSecond;
  Braid braid;
  for (const Spot& spot : {kTrue, kAhead, drifting, set}) {
    braid.Add(SeeAll(ProxyCall({.number = 2}), spot));
  }
  std::vector<v1::Sensor> sensors;
  for (const Spot& spot : {kTrue, kAhead, drifting, set}) {
    sensors.push_back(
        fakes::SensorAt(spot, kEpoch + 20 * kSecond + spot.clock_ns));
  }
  const auto clocks = braid.braider().SurveyClocks(sensors);
  ASSERT_TRUE(clocks.ok());
  ASSERT_EQ(clocks->size(), 4u);
  EXPECT_EQ(clocks->at("s1").source(), v1::CLOCK_SOURCE_REFERENCE);
  const v1::SensorClock& ahead = clocks->at("s2");
  EXPECT_EQ(ahead.reference(), "s1");
  EXPECT_EQ(ahead.source(), v1::CLOCK_SOURCE_BOTH_WAYS);
  EXPECT_NEAR(static_cast<double>(ahead.offset_ns()), 2112e9, 1e5);
  EXPECT_LT(ahead.uncertainty_ns(), 1'000'000u);
  EXPECT_EQ(ahead.drift_ppm(), 0);
  EXPECT_FALSE(ahead.has_last_step());
  const v1::SensorClock& drift = clocks->at("s3");
  EXPECT_NEAR(drift.drift_ppm(), 200, 5);
  const int64_t at_ns = drift.time().seconds() * kSecond + drift.time().nanos();
  const int64_t since_ns = at_ns - kEpoch + 3 * kSecond;
  EXPECT_NEAR(static_cast<double>(drift.offset_ns()),
              -3e9 + static_cast<double>(since_ns) * 2e-4, 1e6);
  const v1::SensorClock& step = clocks->at("s4");
  ASSERT_TRUE(step.has_last_step());
  EXPECT_NEAR(static_cast<double>(step.last_step().size_ns()), 1e9, 1e6);
  EXPECT_NEAR(static_cast<double>(step.offset_ns()), 1e9, 1e6);
}

// A mirror of one direction: the way there is in all lags, and who knows how
// long it is.
TEST(ClockSurvey, TakesMessagesOfOneSideForOneDirection) {
  Dialog dialog;
  for (const bool answered : {false, true}) {
    if (!answered) dialog.ring_ms = dialog.answer_ms = -1;
    Braid braid;
    braid.Add(See(dialog, kTrue));
    braid.Add(See(dialog, kAhead));
    const auto clocks = braid.braider().SurveyClocks(
        {fakes::SensorAt(kTrue, kEpoch + 20 * kSecond),
         fakes::SensorAt(kAhead, kEpoch + 2132 * kSecond)});
    ASSERT_TRUE(clocks.ok());
    const v1::SensorClock& ahead = clocks->at("s2");
    EXPECT_EQ(ahead.source(),
              answered ? v1::CLOCK_SOURCE_BOTH_WAYS : v1::CLOCK_SOURCE_ONE_WAY);
    if (answered) {
      EXPECT_LT(ahead.uncertainty_ns(), 1'000'000u);
    } else {
      EXPECT_GE(ahead.uncertainty_ns(), 100'000'000u);
    }
    dialog = {};
  }
}

}  // namespace
}  // namespace callbraid::collector
