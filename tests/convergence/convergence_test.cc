#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "common/base/log.h"
#include "gtest/gtest.h"
#include "tests/convergence/captures.h"
#include "tests/convergence/collector_under_test.h"

// Law 1: the stored calls are a function of the set of observations. The frames
// of whole captures go through the real ingest, store and correlator in random
// orders, with sensors that come late, batches and whole files that come twice,
// captures split over more sensors, and restarts; the calls and recordings must
// be those of the straight run, byte by byte.
//
//   convergence_test SCENES     (a folder written by tests/scenes/generate.py)
//
// CALLBRAID_CONVERGENCE_RUNS   sets of scenes, default 12
// CALLBRAID_CONVERGENCE_SEED   of the first set, default 1
// CALLBRAID_SHARED             where lab/ is, if anywhere

namespace callbraid::convergence {
namespace {

constexpr size_t kScenesOfSet = 10;
constexpr size_t kOrdersOfSet = 4;
constexpr size_t kHeldByDefault = 400'000;
constexpr int64_t kMs = 1'000'000;

std::string scenes_folder;  // NOLINT: set once by main().

uint64_t Setting(const char* name, uint64_t fallback) {
  const char* value = std::getenv(name);
  return value == nullptr ? fallback : std::strtoull(value, nullptr, 10);
}

std::string Shared() {
  const char* value = std::getenv("CALLBRAID_SHARED");
  return value == nullptr ? std::string() : std::string(value);
}

struct Tally {
  size_t orders = 0;
  size_t calls = 0;
  size_t splits = 0;
  size_t restarts = 0;
  size_t repeated_batches = 0;
  size_t files_read_again = 0;
  size_t late_sensors = 0;
  size_t merged = 0;
  size_t ids = 0;
};

// Captures of one sensor, each with its place among the sensor's points.
struct SensorCaptures {
  std::string site;
  std::vector<std::string> points;
  std::vector<Lanes> lanes;
};

// Puts the lanes of the sensor's capture points together, as its spools would
// have: each in its order, the points one after the other or mixed.
SensorScript MakeScript(const std::string& id, const SensorCaptures& captures,
                        Random* random) {
  SensorScript script;
  script.id = id;
  script.site = captures.site;
  script.points = captures.points;
  for (size_t lane = 0; lane < 2; ++lane) {
    std::vector<size_t> next(captures.lanes.size());
    std::vector<size_t> open;
    for (size_t i = 0; i < next.size(); ++i) {
      if (!captures.lanes[i][lane].empty()) open.push_back(i);
    }
    while (!open.empty()) {
      const size_t which = random == nullptr ? 0 : Any(*random, open.size());
      const size_t point = open[which];
      v1::CallFrame& frame = script.lanes[lane].emplace_back(
          captures.lanes[point][lane][next[point]]);
      frame.set_capture_point(static_cast<uint32_t>(point));
      if (++next[point] == captures.lanes[point][lane].size()) {
        open.erase(open.begin() + static_cast<int64_t>(which));
      }
    }
  }
  return script;
}

using Sensors = std::map<std::string, SensorCaptures>;

std::vector<SensorScript> ScriptsOf(const Sensors& sensors, Random* random) {
  std::vector<SensorScript> scripts;
  for (const auto& [id, captures] : sensors) {
    scripts.push_back(MakeScript(id, captures, random));
  }
  return scripts;
}

StoredCalls RunStraight(const Sensors& sensors, Tally& tally) {
  CollectorUnderTest collector(ScriptsOf(sensors, nullptr), kHeldByDefault);
  for (size_t i = 0; i < collector.sensors().size(); ++i) {
    for (const size_t lane : {0, 1}) {
      while (collector.Left(i, lane) > 0) collector.Send(i, lane, 500);
      collector.Commit();
    }
  }
  StoredCalls stored = collector.Stored();
  tally.calls += stored.records.size();
  EXPECT_EQ(collector.WatchedAmiss(), "");
  return stored;
}

// Delivers everything in an order of its own.
class ShuffledRun {
 public:
  ShuffledRun(const Sensors& sensors, Random& random, Tally& tally)
      : random_(random),
        tally_(tally),
        collector_(ScriptsOf(sensors, &random),
                   OneIn(random, 3) ? 1 + Any(random, 40) : kHeldByDefault) {
    ++tally_.orders;
    // Some sensors come when the others are done, or nearly.
    for (size_t i = 0; i < collector_.sensors().size(); ++i) {
      late_.push_back(OneIn(random_, 4));
      tally_.late_sensors += late_.back() ? 1 : 0;
    }
  }

  void Deliver() {
    // How often each thing happens is the run's own, too.
    const size_t correlate = 2 + Any(random_, 60);
    const size_t restart = 40 + Any(random_, 400);
    const size_t reread = 100 + Any(random_, 400);
    const size_t most = 1 + Any(random_, 40);
    for (auto open = Open(); !open.empty(); open = Open()) {
      const Lane lane = open[Any(random_, open.size())];
      const size_t repeated = OneIn(random_, 10) ? Any(random_, 20) : 0;
      tally_.repeated_batches += repeated > 0 ? 1 : 0;
      collector_.Send(lane.first, lane.second, 1 + Any(random_, most),
                      repeated);
      if (OneIn(random_, 3)) collector_.Commit();
      if (OneIn(random_, correlate)) Correlate();
      if (OneIn(random_, restart)) Restart();
      if (OneIn(random_, reread)) ReadAgain(lane.first);
      // Up to ten minutes: long enough for ingest to forget what it held.
      if (OneIn(random_, 20)) {
        collector_.Wait(static_cast<int64_t>(Any(random_, 600'000)) * kMs);
      }
    }
  }

  CollectorUnderTest& collector() { return collector_; }

 private:
  using Lane = std::pair<size_t, size_t>;

  // Lanes with something left; those of late sensors when there are no others.
  std::vector<Lane> Open() {
    std::array<std::vector<Lane>, 2> open;
    for (size_t i = 0; i < collector_.sensors().size(); ++i) {
      for (const size_t lane : {0, 1}) {
        if (collector_.Left(i, lane) > 0) open[late_[i]].emplace_back(i, lane);
      }
    }
    return open[0].empty() ? open[1] : open[0];
  }
  void Correlate() {
    collector_.Commit();
    collector_.Correlate();
  }
  void Restart() {
    ++tally_.restarts;
    collector_.Restart(/*orderly=*/OneIn(random_, 3));
  }
  void ReadAgain(size_t sensor) {
    if (!again_.insert(sensor).second) return;
    ++tally_.files_read_again;
    collector_.ReadAgain(sensor);
  }

  Random& random_;
  Tally& tally_;
  CollectorUnderTest collector_;
  std::vector<bool> late_;
  std::set<size_t> again_;
};

// What differs first, for people.
std::string Difference(const std::string& want, const std::string& got) {
  store::v1::CallRecord records[2];
  if (!records[0].ParseFromString(want) || !records[1].ParseFromString(got)) {
    return "does not parse";
  }
  std::istringstream a(records[0].DebugString());
  std::istringstream b(records[1].DebugString());
  std::string text;
  std::string x;
  std::string y;
  for (int line = 1, shown = 0; shown < 6; ++line) {
    const bool more_a = static_cast<bool>(std::getline(a, x));
    const bool more_b = static_cast<bool>(std::getline(b, y));
    if (!more_a && !more_b) break;
    if (!more_a) x.clear();
    if (!more_b) y.clear();
    if (x == y) continue;
    absl::StrAppend(&text, "\n  line ", line, ": ", x, "  |  ", y);
    ++shown;
  }
  return text;
}

void Compare(const StoredCalls& want, const StoredCalls& got,
             const std::string& where) {
  for (const auto& [id, record] : want.records) {
    const auto found = got.records.find(id);
    if (found == got.records.end()) {
      ADD_FAILURE() << where << ": no call " << id;
    } else if (found->second != record) {
      ADD_FAILURE() << where << ": call " << id << " differs, straight | here:"
                    << Difference(record, found->second);
    }
  }
  for (const auto& [id, record] : got.records) {
    if (want.records.contains(id)) continue;
    store::v1::CallRecord extra;
    extra.ParseFromString(record);
    ADD_FAILURE() << where << ": call " << id
                  << " is not in the straight run:\n"
                  << extra.DebugString();
  }
  EXPECT_EQ(got.recordings == want.recordings, true) << where;
}

// Which Call-IDs and streams are one call: what a split must not change.
using Grouping = std::map<std::set<std::string>, std::string>;
Grouping GroupingOf(const StoredCalls& stored) {
  Grouping groups;
  for (const auto& [id, bytes] : stored.records) {
    store::v1::CallRecord record;
    EXPECT_TRUE(record.ParseFromString(bytes));
    std::set<std::string> group;
    for (const auto& leg : record.call().legs()) group.insert(leg.call_id());
    for (const auto& stream : record.call().streams()) {
      group.insert(absl::StrCat(stream.source(), " ", stream.destination(), " ",
                                stream.ssrc()));
    }
    groups[group] = record.call().DebugString();
  }
  return groups;
}

// The calls of `got` that are no calls of `want`; empty if there are none.
std::string Apart(const StoredCalls& want, const StoredCalls& got) {
  std::string text;
  const Grouping known = GroupingOf(want);
  for (const auto& [group, call] : GroupingOf(got)) {
    if (!known.contains(group)) text += call;
  }
  return text;
}

class Convergence : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scenes_ = LoadScenes(scenes_folder, Shared() + "/lab");
    for (const Scene& scene : scenes_) {
      for (const Capture& capture : scene.captures) {
        frames_[{capture.sensor, capture.point}] = FramesOf(capture);
      }
    }
  }

  // Captures of `scene`; each by its own sensor, or split.
  static void Add(const Scene& scene, Random* split, Sensors& sensors,
                  Tally& tally) {
    for (const Capture& capture : scene.captures) {
      if (split == nullptr || !scene.may_be_split()) {
        Add(capture, frames_.at({capture.sensor, capture.point}), sensors);
        continue;
      }
      ++tally.splits;
      for (const Capture& part : Split(capture, 2 + Any(*split, 2), *split)) {
        Add(part, FramesOf(part), sensors);
      }
    }
  }

  static void RunSet(uint64_t seed, const std::vector<const Scene*>& scenes,
                     bool split, Tally& tally) {
    Random random(seed);
    Sensors sensors;
    Random* const splitter = split ? &random : nullptr;
    for (const Scene* scene : scenes) Add(*scene, splitter, sensors, tally);
    const StoredCalls straight = RunStraight(sensors, tally);
    if (split) {
      Sensors whole;
      for (const Scene* scene : scenes) Add(*scene, nullptr, whole, tally);
      EXPECT_EQ(Apart(RunStraight(whole, tally), straight), "")
          << "seed " << seed << ", split";
    }
    for (size_t order = 0; order < kOrdersOfSet; ++order) {
      const std::string where = absl::StrCat("seed ", seed, ", order ", order);
      SCOPED_TRACE(where);
      ShuffledRun run(sensors, random, tally);
      run.Deliver();
      Compare(straight, run.collector().Stored(), where);
      EXPECT_EQ(run.collector().WatchedAmiss(), "") << where;
      const auto unknown = run.collector().UnknownIds();
      EXPECT_TRUE(unknown.empty())
          << where << ": " << unknown.size() << " ids find no call, "
          << (unknown.empty() ? "" : unknown.front());
      tally.merged += run.collector().watcher().merged();
      tally.ids += run.collector().watcher().ids().size();
      if (testing::Test::HasFailure()) return;
    }
  }

  static std::vector<Scene> scenes_;

 private:
  static void Add(const Capture& capture, const Lanes& lanes,
                  Sensors& sensors) {
    SensorCaptures& sensor = sensors[capture.sensor];
    sensor.site = capture.site;
    sensor.points.push_back(capture.point);
    sensor.lanes.push_back(lanes);
  }

  static std::map<std::pair<std::string, std::string>, Lanes> frames_;
};

std::vector<Scene> Convergence::scenes_;
std::map<std::pair<std::string, std::string>, Lanes> Convergence::frames_;

TEST_F(Convergence, AnyOrderGivesTheCallsOfTheStraightRun) {
  ASSERT_FALSE(scenes_.empty()) << "no scenes in '" << scenes_folder << "'";
  const uint64_t runs = Setting("CALLBRAID_CONVERGENCE_RUNS", 12);
  const uint64_t first = Setting("CALLBRAID_CONVERGENCE_SEED", 1);
  Tally tally;
  for (uint64_t seed = first; seed < first + runs; ++seed) {
    Random random(seed * 7919);
    std::vector<const Scene*> scenes;
    for (const Scene& scene : scenes_) scenes.push_back(&scene);
    std::shuffle(scenes.begin(), scenes.end(), random);
    scenes.resize(std::min(scenes.size(), kScenesOfSet));
    RunSet(seed, scenes, /*split=*/OneIn(random, 3), tally);
    if (HasFailure()) break;
  }
  std::cout << "seeds " << first << " to " << first + runs - 1 << " of "
            << scenes_.size() << " scenes: " << tally.orders << " orders of "
            << tally.calls << " calls, " << tally.splits << " captures split, "
            << tally.restarts << " restarts, " << tally.late_sensors
            << " sensors late, " << tally.repeated_batches
            << " batches repeated, " << tally.files_read_again
            << " sensors' files read again; " << tally.merged
            << " calls merged on the way, " << tally.ids
            << " ids handed out and found\n";
}

}  // namespace
}  // namespace callbraid::convergence

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  spdlog::set_level(spdlog::level::off);
  if (argc > 1) callbraid::convergence::scenes_folder = argv[1];
  return RUN_ALL_TESTS();
}
