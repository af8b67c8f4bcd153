#include "tests/model/uplink_model.h"

#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

// Every history of the model within a budget, each state looked at once: is a
// frame ever neither stored, nor in the spool, nor known to be lost?

namespace callbraid::model {
namespace {

class Exploration {
 public:
  explicit Exploration(const Budget& budget) {
    State first;
    first.left = budget;
    Reach(first, nullptr, "");
  }

  // Breadth first, so that a history that is told is a shortest one.
  void Run() {
    while (!open_.empty() && fault_.empty()) {
      const auto from = open_.front();
      open_.pop_front();
      std::string broken;
      for (Step& step : StepsFrom(from->first, broken)) {
        if (!broken.empty()) {
          Tell(&*from, step.what + ": " + broken);
          return;
        }
        ++steps_;
        Reach(step.state, &*from, step.what);
      }
    }
  }

  const std::string& fault() const { return fault_; }
  size_t states() const { return seen_.size(); }
  size_t steps() const { return steps_; }

 private:
  struct Origin {
    const std::pair<const State, Origin>* from = nullptr;
    std::string what;
  };
  using Seen = std::map<State, Origin>;

  void Reach(const State& state, const Seen::value_type* from,
             const std::string& what) {
    const auto [it, added] = seen_.try_emplace(state, Origin{from, what});
    if (!added || !fault_.empty()) return;
    open_.push_back(it);
    if (const std::string fault = Fault(state); !fault.empty()) {
      Tell(&*it, fault);
      return;
    }
    std::string broken;
    const State end = Settle(state, broken);
    if (broken.empty()) broken = Fault(end);
    for (const Content frame : end.disk.frames) {
      const bool missing =
          end.store.frames.count(frame) + end.excused.count(frame) == 0;
      if (broken.empty() && missing) {
        broken = "a frame of the spool never comes to the store";
      }
    }
    if (!broken.empty()) Tell(&*it, "when all goes well from here: " + broken);
  }

  void Tell(const Seen::value_type* at, const std::string& fault) {
    std::string history;
    for (; at->second.from != nullptr; at = at->second.from) {
      history = at->second.what + "\n" + history;
    }
    fault_ = history + fault;
  }

  Seen seen_;
  std::deque<Seen::const_iterator> open_;
  size_t steps_ = 0;
  std::string fault_;
};

void Explore(const char* name, const Budget& budget) {
  Exploration exploration(budget);
  exploration.Run();
  EXPECT_EQ(exploration.fault(), "");
  std::printf("%s: %zu states, %zu steps\n", name, exploration.states(),
              exploration.steps());
}

TEST(UplinkModel, LosesNothingByKillsAndCuts) {
  Explore("kills and cuts", {.frames = 3,
                             .kills = 2,
                             .power_failures = 0,
                             .discards = 1,
                             .images = 0,
                             .cuts = 2,
                             .collector_kills = 2,
                             .backups = 0});
}

TEST(UplinkModel, LosesByPowerFailuresWhatWasNotSynced) {
  Explore("power failures", {.frames = 3,
                             .kills = 1,
                             .power_failures = 2,
                             .discards = 0,
                             .images = 0,
                             .cuts = 1,
                             .collector_kills = 0,
                             .backups = 0});
}

TEST(UplinkModel, TakesNoFrameForAnotherWhenADiskIsPutBack) {
  Explore("images", {.frames = 3,
                     .kills = 2,
                     .power_failures = 0,
                     .discards = 0,
                     .images = 1,
                     .cuts = 1,
                     .collector_kills = 0,
                     .backups = 0});
}

// All at once, once each.
TEST(UplinkModel, SurvivesEachFaultAfterAnyOther) {
  Explore("each once", {.frames = 2, .cuts = 1});
}

TEST(UplinkModel, GoesOnWithACollectorThatWasPutBack) {
  Explore("backups", {.frames = 3,
                      .kills = 1,
                      .power_failures = 1,
                      .discards = 0,
                      .images = 0,
                      .cuts = 1,
                      .collector_kills = 1,
                      .backups = 1});
}

}  // namespace
}  // namespace callbraid::model
