#include "collector/calls/component.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace callbraid::collector {

void Arrange(Component& component) {
  std::vector<size_t> order(component.members.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t x, size_t y) {
    return Before(*component.members[x], *component.members[y]);
  });
  std::vector<size_t> place(order.size());
  std::vector<const Node*> members;
  members.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    members.push_back(component.members[order[i]]);
  }
  component.members = std::move(members);
  for (Edge& edge : component.edges) {
    const size_t x = place[edge.first];
    const size_t y = place[edge.second];
    edge.first = std::min(x, y);
    edge.second = std::max(x, y);
  }
  std::sort(
      component.edges.begin(), component.edges.end(),
      [](const Edge& a, const Edge& b) {
        return std::tie(a.first, a.second, a.evidence.kind, a.evidence.detail) <
               std::tie(b.first, b.second, b.evidence.kind, b.evidence.detail);
      });
}

}  // namespace callbraid::collector
