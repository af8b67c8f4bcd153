#include "collector/query/causal_order.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace callbraid::collector {
namespace {

// Effects are put so much behind their cause.
constexpr int64_t kBehindNs = 1000;
// Stamps that are late or early by a scheduler's whim.
constexpr int64_t kSlackNs = 20'000'000;
// Rounds of moving; a chain of causes has no more links in a call.
constexpr int kMaxRounds = 64;
constexpr int kTrying = 100;

using Transaction = std::tuple<size_t, std::string, uint32_t, std::string>;

struct Cause {
  size_t before = 0;
  size_t after = 0;
};

class Causes {
 public:
  Causes(const std::vector<LegPair>& legs,
         const std::vector<LadderMessage>& messages)
      : messages_(messages) {
    KeepFirst();
    AddOrderOfSensors();
    AddAnswers();
    for (const LegPair& pair : legs) AddLegs(pair);
  }
  const std::vector<Cause>& all() const { return causes_; }

 private:
  // What is the same message wherever it is seen, but for its leg.
  using Message = std::tuple<std::string, uint32_t, std::string, int, bool>;

  // A message that is sent again may well come after what the first caused.
  void KeepFirst() {
    std::map<std::tuple<size_t, Transaction, int, bool>, size_t> first;
    for (size_t i = 0; i < messages_.size(); ++i) {
      const LadderMessage& message = messages_[i];
      const auto [at, added] =
          first.try_emplace({message.sensor, TransactionOf(message),
                             message.status, message.forward},
                            i);
      if (!added && message.aligned_ns < messages_[at->second].aligned_ns) {
        at->second = i;
      }
    }
    for (const auto& [key, i] : first) first_.push_back(i);
  }

  void AddOrderOfSensors() {
    std::map<size_t, std::vector<size_t>> by_sensor;
    for (size_t i = 0; i < messages_.size(); ++i) {
      by_sensor[messages_[i].sensor].push_back(i);
    }
    for (auto& [sensor, seen] : by_sensor) {
      std::stable_sort(seen.begin(), seen.end(), [this](size_t a, size_t b) {
        return messages_[a].aligned_ns < messages_[b].aligned_ns;
      });
      for (size_t i = 1; i < seen.size(); ++i) {
        causes_.push_back({seen[i - 1], seen[i]});
      }
    }
  }

  void AddAnswers() {
    std::map<Transaction, std::vector<size_t>> requests;
    for (const size_t i : first_) {
      if (messages_[i].status != 0) continue;
      requests[TransactionOf(messages_[i])].push_back(i);
    }
    for (const size_t i : first_) {
      if (messages_[i].status == 0) continue;
      const auto asked = requests.find(TransactionOf(messages_[i]));
      if (asked == requests.end()) continue;
      for (const size_t request : asked->second) Add(request, i);
    }
  }

  void AddLegs(const LegPair& pair) {
    std::map<Message, std::vector<size_t>> near;
    std::map<Message, std::vector<size_t>> far;
    for (const size_t i : first_) {
      const LadderMessage& message = messages_[i];
      // Each host says 100 for itself.
      if (message.status == kTrying) continue;
      if (message.leg != pair.near && message.leg != pair.far) continue;
      (message.leg == pair.near ? near : far)[MessageOf(message)].push_back(i);
    }
    for (const auto& [message, seen_near] : near) {
      const auto seen_far = far.find(message);
      if (seen_far == far.end()) continue;
      const bool forward = std::get<bool>(message);
      if (pair.forked && std::get<int>(message) != 0) continue;
      for (const size_t x : seen_near) {
        for (const size_t y : seen_far->second) {
          if (forward) {
            Add(x, y);
          } else {
            Add(y, x);
          }
        }
      }
    }
  }

  void Add(size_t before, size_t after) {
    if (messages_[before].sensor == messages_[after].sensor) return;
    causes_.push_back({before, after});
  }

  static Transaction TransactionOf(const LadderMessage& message) {
    return {message.leg, message.branch, message.cseq, message.method};
  }
  static Message MessageOf(const LadderMessage& message) {
    return {message.call_id, message.cseq, message.method, message.status,
            message.forward};
  }

  const std::vector<LadderMessage>& messages_;
  // The first of each message at each sensor.
  std::vector<size_t> first_;
  std::vector<Cause> causes_;
};

}  // namespace

void OrderCausally(const std::vector<LegPair>& legs,
                   std::vector<LadderMessage>& messages) {
  const Causes causes(legs, messages);
  std::vector<int64_t> moved(messages.size());
  for (int round = 0; round < kMaxRounds; ++round) {
    bool changed = false;
    for (const Cause& cause : causes.all()) {
      const LadderMessage& before = messages[cause.before];
      LadderMessage& after = messages[cause.after];
      const bool one_clock = before.sensor == after.sensor;
      const int64_t least = before.aligned_ns + (one_clock ? 0 : kBehindNs);
      const int64_t move = least - after.aligned_ns;
      if (move <= 0) continue;
      // What one clock stamped keeps its order, come what may.
      const int64_t limit =
          before.uncertainty_ns + after.uncertainty_ns + kSlackNs;
      if (!one_clock && moved[cause.after] + move > limit) continue;
      after.aligned_ns = least;
      moved[cause.after] += move;
      changed = true;
    }
    if (!changed) break;
  }
}

}  // namespace callbraid::collector
