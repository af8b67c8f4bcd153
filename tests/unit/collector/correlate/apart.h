#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_APART_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_APART_H_

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/link_scenes.h"
#include "tests/unit/collector/correlate/scenes.h"

// For tests of what looks like one call and is two.
namespace callbraid::collector::scenes {

class ApartTest : public ::testing::Test {
 protected:
  // The id of the first dialog.
  ObservationId Add(const Wire& wire, const Spot& spot = {}) {
    const std::vector<StoredObservation> seen = SeeAll(wire, spot);
    braid_.Add(seen);
    return fakes::IdOf(seen.front());
  }
  ObservationId Add(const Dialog& dialog, const Spot& spot = {}) {
    return braid_.Add(See(dialog, spot));
  }
  void ExpectApart(const ObservationId& a, const ObservationId& b) {
    EXPECT_FALSE(braid_.Together(a, b));
  }
  void ExpectTogether(const ObservationId& a, const ObservationId& b) {
    EXPECT_TRUE(braid_.Together(a, b));
  }
  void ExpectAllApart(const std::vector<ObservationId>& ids) {
    for (size_t i = 0; i < ids.size(); ++i) {
      for (size_t j = i + 1; j < ids.size(); ++j) ExpectApart(ids[i], ids[j]);
    }
  }
  // How many dialogs, hops not counted, its call has.
  int CallIdsOf(const ObservationId& id) {
    const v1::Call call = braid_.CallOf(id);
    std::set<std::string> call_ids;
    for (const v1::Leg& leg : call.legs()) {
      call_ids.insert(leg.call_id());
    }
    return static_cast<int>(call_ids.size());
  }

  Braid braid_;
};

// All dialogs of `wire` carry `value`.
inline Wire Tagged(Wire wire, LinkKind kind, const std::string& value) {
  for (Dialog& dialog : wire.dialogs) {
    dialog.links.push_back({.kind = kind, .value = value});
  }
  return wire;
}

// `wire` with numbers of its own, so that nothing but what is tested agrees.
inline Wire Numbered(Wire wire, int number) {
  for (Dialog& dialog : wire.dialogs) {
    dialog.from = "sip:5" + std::to_string(100 + number) + "@10.0.0.9";
    dialog.to = "sip:6" + std::to_string(100 + number) + "@10.0.0.9";
  }
  return wire;
}

}  // namespace callbraid::collector::scenes

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_APART_H_
