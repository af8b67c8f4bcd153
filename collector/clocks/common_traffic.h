#ifndef CALLBRAID_COLLECTOR_CLOCKS_COMMON_TRAFFIC_H_
#define CALLBRAID_COLLECTOR_CLOCKS_COMMON_TRAFFIC_H_

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "collector/clocks/clock_fit.h"
#include "collector/evidence/lag.h"
#include "collector/evidence/node.h"

namespace callbraid::collector {

// What two sensors both saw: gathered pair by pair of observations, to compare
// their clocks.
class CommonTraffic {
 public:
  // `a` is of the first sensor, `b` of the second.
  void AddStream(const Node& a, const Node& b);
  void AddDialog(const Node& a, const Node& b);

  // Packets or messages, and not only hops of one dialog.
  bool has_content() const { return !content_.empty(); }

  // From the first sensor's clock to the second's.
  std::optional<ClockFit> Fit() const;
  // And back.
  std::optional<ClockFit> FitBack() const;

 private:
  void Add(const FlowKey& way, const std::vector<LagPoint>& points);
  std::vector<LagGroup> Groups() const;

  // Packets and messages, by where they came from and went to, as the first
  // sensor sees it.
  std::map<FlowKey, std::vector<LagPoint>> content_;
  // Of dialogs that each sensor saw on another hop.
  std::vector<LagPoint> hops_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_COMMON_TRAFFIC_H_
