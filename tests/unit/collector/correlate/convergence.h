#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_CONVERGENCE_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_CONVERGENCE_H_

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/correlate/correlator.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/scenes.h"

// Puts a world of observations through a correlator in one go, and again
// shuffled, split, repeated and interrupted: each call must come out the same,
// byte by byte.
namespace callbraid::collector::scenes {

// What becomes of one observation, from its first message on.
using History = std::vector<StoredObservation>;

inline const std::vector<Spot>& Spots() {
  static const auto& spots = *new std::vector<Spot>{
      {"s1", "eth0", "hq"},
      // Drifts.
      {"s2", "eth0", "hq", 80 * fakes::kMs, 2 * fakes::kMs, 200},
      // Half an hour off.
      {"s3", "eth0", "hq", 2112 * fakes::kSecond, 3 * fakes::kMs},
      // Is set in mid-call.
      {"s4", "eth0", "branch", 0, 0, 0, 60'000, fakes::kSecond},
      {"s1", "eth1", "hq", 0, 200'000}};
  return spots;
}

// A random set of calls and of who saw them.
class World {
 public:
  explicit World(uint64_t seed) : random_(seed) {}

  const std::vector<History>& histories() const { return histories_; }
  // Of calls of two legs no sensor saw all of: only what other calls say of the
  // clocks can put them together.
  const std::vector<ObservationId>& split() const { return split_; }

 protected:
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
  void AddSplit(const Wire& wire, const Spot& spot) {
    const size_t first = histories_.size();
    AddAt(wire, spot);
    for (size_t i = first; i < histories_.size(); ++i) {
      split_.push_back(fakes::IdOf(histories_[i].back()));
    }
  }
  // Seen by a random selection of sensors.
  void Add(const Wire& wire) {
    const int64_t mask = 1 + Any(31);
    for (size_t i = 0; i < Spots().size(); ++i) {
      if ((mask >> i) & 1) AddAt(wire, Spots()[i]);
    }
  }

  std::mt19937_64 random_;
  int number_ = 0;
  std::vector<History> histories_;
  std::vector<ObservationId> split_;
};

// A store and a correlator with its thread.
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
    correlator_->OnCommitted("any", changed);
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
      const v1::Sensor sensor = fakes::SensorAt(
          spot, fakes::kEpoch + 900 * fakes::kSecond + spot.clock_ns,
          /*final=*/true);
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
      auto record = store_.facts().GetCall(id.ToHex(), Scope::All());
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

inline std::map<ObservationId, std::string> InOrder(const World& world) {
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
inline std::map<ObservationId, std::string> Shuffled(const World& world,
                                                     uint64_t seed,
                                                     int& restarts) {
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
    if (random() % 10 != 0) continue;
    run.Restart();
    ++restarts;
  }
  run.Flush();
  run.End();
  EXPECT_EQ(run.Unsettled(), 0u);
  return run.Calls(world);
}

// Tries the world of this seed in `orders` orders, and says what it tried.
template <typename AnyWorld>
void ExpectTheSameCalls(uint64_t seed, uint64_t orders) {
  const AnyWorld world(seed);
  const auto expected = InOrder(world);
  for (const ObservationId& id : world.split()) {
    store::v1::CallRecord record;
    ASSERT_TRUE(record.ParseFromString(expected.at(id)));
    EXPECT_EQ(record.call().legs_size(), 2) << record.DebugString();
  }
  // Much was joined, and not all.
  std::set<std::string> distinct;
  for (const auto& [id, record] : expected) distinct.insert(record);
  EXPECT_LT(distinct.size(), expected.size() / 2);
  EXPECT_GT(distinct.size(), 40u);
  int restarts = 0;
  for (uint64_t order = 1; order <= orders; ++order) {
    SCOPED_TRACE("order " + std::to_string(seed * 100 + order));
    const auto calls = Shuffled(world, seed * 100 + order, restarts);
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
  std::printf(
      "world %d: %zu observations, %zu calls; orders %d to %d, %d restarts\n",
      static_cast<int>(seed), expected.size(), distinct.size(),
      static_cast<int>(seed * 100 + 1), static_cast<int>(seed * 100 + orders),
      restarts);
}

}  // namespace callbraid::collector::scenes

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_CONVERGENCE_H_
