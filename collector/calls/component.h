#ifndef CALLBRAID_COLLECTOR_CALLS_COMPONENT_H_
#define CALLBRAID_COLLECTOR_CALLS_COMPONENT_H_

#include <cstddef>
#include <vector>

#include "collector/evidence/evidence.h"
#include "collector/evidence/node.h"

namespace callbraid::collector {

// Why two members of a component belong together.
struct Edge {
  // Indices of members; first < second.
  size_t first = 0;
  size_t second = 0;
  Evidence evidence;
};

// Observations of one call and why they are.
struct Component {
  std::vector<const Node*> members;  // In the order of Before().
  std::vector<Edge> edges;           // By first, second.
  // What receivers say of streams between the hosts of members. By id.
  std::vector<const Node*> receptions;
};

// Puts members in the order of Before(), and edges with them.
void Arrange(Component& component);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_COMPONENT_H_
