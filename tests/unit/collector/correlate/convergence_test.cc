#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "collector/correlate/correlator.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/scenes.h"

// The calls that are stored are a function of the set of observations: however
// these are shuffled, split, repeated and interrupted, each call comes out the
// same, byte by byte.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kEpoch;
using fakes::kMs;
using fakes::kSecond;
using fakes::See;
using fakes::SensorAt;
using fakes::Spot;
using fakes::Stream;
using scenes::B2buaCall;
using scenes::ProxyCall;
using scenes::Variant;
using scenes::Wire;

// What becomes of one observation, from its first message on.
using History = std::vector<StoredObservation>;

const std::vector<Spot>& Spots() {
  static const auto& spots =
      *new std::vector<Spot>{{"s1", "eth0", "hq"},
                             {"s2", "eth0", "hq", 80 * kMs, 2 * kMs},
                             {"s3", "eth0", "hq", 2112 * kSecond, 3 * kMs},
                             {"s4", "eth0", "branch"},
                             {"s1", "eth1", "hq", 0, 200'000}};
  return spots;
}

class World {
 public:
  explicit World(uint64_t seed) : random_(seed) {
    for (int i = 0; i < 6; ++i) Add(ProxyCall(Next()));
    for (int i = 0; i < 6; ++i) Add(B2buaCall(Next()));
    for (int i = 0; i < 3; ++i) AddSplit(ProxyCall(Next()));
    AddRelayed();
    AddPortReuse();
    AddMusicOnHold();
    AddTestTool();
    AddCallIdReuse();
    AddHold();
    AddPaging();
    AddRefusedFork();
    AddMediaOnly();
  }

  const std::vector<History>& histories() const { return histories_; }

 private:
  int64_t Any(int64_t below) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(below));
  }
  Variant Next() {
    return {.number = ++number_,
            .start_ms = Any(120'000),
            .talk_ms = 6000 + Any(10'000)};
  }

  template <typename T>
  void AddSighting(const T& what, const Spot& spot, int64_t start_ms,
                   int64_t end_ms) {
    History history;
    for (int64_t cut = 0; cut < 2; ++cut) {
      const int64_t upto = start_ms + Any(end_ms - start_ms + 1);
      history.push_back(See(what, spot, upto));
    }
    std::sort(history.begin(), history.end(),
              [](const StoredObservation& a, const StoredObservation& b) {
                return a.observation.last_time_ns() <
                       b.observation.last_time_ns();
              });
    history.push_back(See(what, spot));
    histories_.push_back(std::move(history));
  }
  void AddAt(const Wire& wire, const Spot& spot) {
    for (const Dialog& dialog : wire.dialogs) {
      AddSighting(dialog, spot, dialog.invite_ms,
                  std::max(dialog.end_ms, dialog.answer_ms));
    }
    for (const Stream& stream : wire.streams) {
      AddSighting(stream, spot, stream.start_ms,
                  stream.start_ms + stream.packets * 20);
    }
  }
  // Seen by a random selection of sensors.
  void Add(const Wire& wire) {
    const int64_t mask = 1 + Any(31);
    for (size_t i = 0; i < Spots().size(); ++i) {
      if ((mask >> i) & 1) AddAt(wire, Spots()[i]);
    }
  }
  // Signalling here, media there.
  void AddSplit(Wire wire) {
    Wire media;
    media.streams.swap(wire.streams);
    AddAt(wire, Spots()[0]);
    AddAt(media, Spots()[1]);
  }
  void AddRelayed() {
    Wire wire = B2buaCall(Next());
    for (size_t i = 0; i < 2; ++i) {
      wire.streams[i + 2].ssrc = wire.streams[i].ssrc;
      wire.streams[i + 2].sequence = wire.streams[i].sequence;
      wire.streams[i + 2].timestamp = wire.streams[i].timestamp;
    }
    Add(wire);
  }
  void AddPortReuse() {
    Variant v = Next();
    for (int i = 0; i < 4; ++i) {
      Wire wire = ProxyCall(v);
      for (Dialog& dialog : wire.dialogs) {
        dialog.call_id += "-" + std::to_string(i);
        if (i == 1) dialog.end_ms = -1;
      }
      for (Stream& stream : wire.streams) stream.content += 2 * i;
      Add(wire);
      v.start_ms += v.talk_ms + 2500;
    }
  }
  void AddMusicOnHold() {
    for (int i = 0; i < 6; ++i) {
      Wire wire = B2buaCall(Next());
      wire.streams[3].content = 4711;
      wire.streams[3].content_offset = static_cast<uint64_t>(Any(50));
      Add(wire);
    }
  }
  // More streams of one content than a token may have.
  void AddTestTool() {
    const int64_t base = Any(60'000);
    for (int i = 0; i < 36; ++i) {
      const Variant v = {
          .number = 1000 + i, .start_ms = base + i * 900, .talk_ms = 6000};
      Wire wire = ProxyCall(v);
      wire.dialogs.pop_back();
      wire.streams.pop_back();
      wire.streams[0].ssrc = 0xdeadbeef;
      wire.streams[0].content = 99;
      wire.streams[0].sequence = 1;
      wire.streams[0].timestamp = 0;
      AddAt(wire, Spots()[0]);
      AddAt(wire, Spots()[1]);
    }
  }
  void AddCallIdReuse() {
    Variant v = Next();
    for (int i = 0; i < 2; ++i) {
      Wire wire = ProxyCall(v);
      for (Stream& stream : wire.streams) stream.content += 2 * i;
      AddAt(wire, Spots()[0]);
      AddAt(wire, Spots()[1]);
      AddAt(wire, Spots()[2]);
      v.start_ms += v.talk_ms + 2500;
    }
  }
  void AddHold() {
    Wire wire = ProxyCall(Next());
    Stream later = wire.streams[0];
    later.start_ms += later.packets * 20 + 9000;
    later.sequence = static_cast<uint16_t>(later.sequence + later.packets);
    later.timestamp += static_cast<uint32_t>(later.packets) * 160;
    later.content_offset = static_cast<uint64_t>(later.packets);
    for (Dialog& dialog : wire.dialogs) dialog.end_ms += 60'000;
    wire.streams.push_back(later);
    Add(wire);
  }
  void AddPaging() {
    Wire wire;
    for (int i = 0; i < 5; ++i) {
      Stream page;
      page.source = "10.0.7.1:4000";
      page.destination = "10.0.7." + std::to_string(i + 10) + ":5004";
      page.content = 31337;
      wire.streams.push_back(page);
    }
    AddAt(wire, Spots()[0]);
    AddAt(wire, Spots()[1]);
  }
  void AddRefusedFork() {
    Wire wire = ProxyCall(Next());
    Dialog refused = wire.dialogs[1];
    refused.responder = "10.0.8.1:5060";
    refused.answer_ms = -1;
    refused.end_ms = refused.invite_ms + 700;
    refused.end_reason = v1::END_REASON_REFUSED;
    refused.final_status = 486;
    wire.dialogs.push_back(refused);
    Add(wire);
  }
  void AddMediaOnly() {
    Wire wire = B2buaCall(Next());
    wire.dialogs.clear();
    Add(wire);
    Wire silent = ProxyCall(Next());
    silent.dialogs.clear();
    for (Stream& stream : silent.streams) stream.content = 0;
    AddAt(silent, Spots()[0]);
    AddAt(silent, Spots()[1]);
  }

  std::mt19937_64 random_;
  int number_ = 0;
  std::vector<History> histories_;
};

class Run {
 public:
  Run() { Restart(); }

  void Commit(const std::vector<StoredObservation>& several) {
    CommitGroup group;
    std::vector<ObservationId> changed;
    for (const StoredObservation& stored : several) {
      group.observations.push_back(fakes::UpsertOf(stored));
      changed.push_back(fakes::IdOf(stored));
    }
    ASSERT_TRUE(store_.Commit(group).ok());
    correlator_->OnCommitted(changed);
  }
  void Flush() { correlator_->Flush(); }
  void Restart() {
    correlator_.reset();
    correlator_ = std::make_unique<Correlator>(store_, v1::CorrelateConfig(),
                                               clock_, sink_);
    ASSERT_TRUE(correlator_->Start().ok());
  }
  // All captures have ended.
  void End() {
    CommitGroup group;
    std::map<std::string, v1::Sensor> sensors;
    for (const Spot& spot : Spots()) {
      const v1::Sensor sensor = SensorAt(
          spot, kEpoch + 900 * kSecond + spot.clock_ns, /*final=*/true);
      v1::Sensor& all = sensors[spot.sensor];
      if (all.id().empty()) {
        all = sensor;
      } else {
        all.MergeFrom(sensor);
      }
    }
    for (const auto& [id, sensor] : sensors) group.sensors.push_back(sensor);
    ASSERT_TRUE(store_.Commit(group).ok());
    Flush();
  }
  size_t Unsettled() { return store_.facts().Unsettled()->size(); }

  // The call of each observation, without its revision.
  std::map<ObservationId, std::string> Calls(const World& world) {
    std::map<ObservationId, std::string> calls;
    for (const History& history : world.histories()) {
      const ObservationId id = fakes::IdOf(history.back());
      auto record = store_.facts().GetCall(id.ToHex());
      EXPECT_TRUE(record.ok()) << record.status();
      if (!record.ok()) continue;
      record->mutable_call()->clear_revision();
      calls[id] = record->SerializeAsString();
    }
    return calls;
  }

 private:
  MemoryStore store_;
  StillClock clock_;
  RecordingCallSink sink_;
  std::unique_ptr<Correlator> correlator_;
};

std::map<ObservationId, std::string> InOrder(const World& world) {
  Run run;
  std::vector<StoredObservation> all;
  for (const History& history : world.histories()) {
    all.push_back(history.back());
  }
  run.Commit(all);
  run.Flush();
  run.End();
  EXPECT_EQ(run.Unsettled(), 0u);
  return run.Calls(world);
}

// Each observation grows in its order; among them there is none.
std::map<ObservationId, std::string> Shuffled(const World& world,
                                              uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<size_t> schedule;
  for (size_t i = 0; i < world.histories().size(); ++i) {
    schedule.insert(schedule.end(), world.histories()[i].size(), i);
  }
  std::shuffle(schedule.begin(), schedule.end(), random);
  std::vector<size_t> next(world.histories().size());
  Run run;
  for (size_t at = 0; at < schedule.size();) {
    std::vector<StoredObservation> group;
    for (uint64_t n = 1 + random() % 40; n > 0 && at < schedule.size(); --n) {
      const size_t which = schedule[at++];
      // Now and then what is known comes again.
      if (next[which] > 0 && random() % 8 == 0) {
        group.push_back(world.histories()[which][next[which] - 1]);
      }
      group.push_back(world.histories()[which][next[which]++]);
    }
    run.Commit(group);
    if (random() % 3 == 0) run.Flush();
    if (random() % 10 == 0) run.Restart();
  }
  run.Flush();
  run.End();
  EXPECT_EQ(run.Unsettled(), 0u);
  return run.Calls(world);
}

class Convergence : public testing::TestWithParam<uint64_t> {};

TEST_P(Convergence, HoldsForAnyOrderSplitRepetitionAndRestart) {
  const uint64_t seed = GetParam();
  const World world(seed);
  const auto expected = InOrder(world);
  // Much was joined, and not all.
  std::set<std::string> distinct;
  for (const auto& [id, record] : expected) distinct.insert(record);
  EXPECT_LT(distinct.size(), expected.size() / 2);
  EXPECT_GT(distinct.size(), 40u);
  for (uint64_t order = 1; order <= 2; ++order) {
    SCOPED_TRACE("order " + std::to_string(seed * 100 + order));
    const auto calls = Shuffled(world, seed * 100 + order);
    ASSERT_EQ(calls.size(), expected.size());
    for (const auto& [id, record] : expected) {
      ASSERT_TRUE(calls.contains(id));
      if (calls.at(id) == record) continue;
      store::v1::CallRecord a;
      store::v1::CallRecord b;
      a.ParseFromString(record);
      b.ParseFromString(calls.at(id));
      FAIL() << a.DebugString() << "\nbut in this order\n" << b.DebugString();
    }
  }
}

// Each a test of its own, for they take their time.
INSTANTIATE_TEST_SUITE_P(Worlds, Convergence, testing::Range<uint64_t>(1, 5));

}  // namespace
}  // namespace callbraid::collector
