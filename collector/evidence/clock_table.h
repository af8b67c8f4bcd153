#ifndef CALLBRAID_COLLECTOR_EVIDENCE_CLOCK_TABLE_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_CLOCK_TABLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "collector/evidence/clock_relation.h"
#include "collector/evidence/node.h"
#include "collector/store/clock_window.h"

namespace callbraid::collector {

// How the clocks of the sensors of some nodes compare: for pure functions that
// look at more than two. Of what is not in it nothing is known.
class ClockTable {
 public:
  // By the other sensor.
  using Partners = std::map<std::string, ClockRelation>;

  // What to add to raw times of the sensor of `a` to get to the clock of that
  // of `b`. By the time of whichever comes first by id: so it is the same from
  // both ends.
  ClockRelation Between(const Node& a, const Node& b) const {
    if (SameSensor(a, b)) return ClockRelation::Same();
    return a.id < b.id ? From(a, b.sensor()) : From(b, a.sensor()).Reversed();
  }

  bool Has(const Node& node) const {
    return windows_.contains(Key(node.sensor(), WindowOf(node)));
  }
  // What is known at the time of `node`, and all of its window.
  void Set(const Node& node, Partners partners) {
    windows_.insert_or_assign({node.sensor(), WindowOf(node)},
                              std::move(partners));
  }
  void Clear() { windows_.clear(); }

 private:
  using Key = std::pair<std::string_view, int64_t>;
  struct Less {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return Key(a.first, a.second) < Key(b.first, b.second);
    }
  };

  static int64_t WindowOf(const Node& node) {
    return ClockWindowOf(node.first_ns);
  }
  ClockRelation From(const Node& node, const std::string& to) const {
    const auto window = windows_.find(Key(node.sensor(), WindowOf(node)));
    if (window == windows_.end()) return {};
    const auto found = window->second.find(to);
    return found == window->second.end() ? ClockRelation() : found->second;
  }

  std::map<std::pair<std::string, int64_t>, Partners, Less> windows_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_CLOCK_TABLE_H_
