#ifndef CALLBRAID_COLLECTOR_INDEX_MERGED_OTHERS_H_
#define CALLBRAID_COLLECTOR_INDEX_MERGED_OTHERS_H_

#include <algorithm>
#include <iterator>
#include <vector>

#include "collector/evidence/evidence.h"
#include "collector/index/candidates.h"

namespace callbraid::collector {

// Who shares a token with either of two nodes. Owns what others() views.
class MergedOthers {
 public:
  MergedOthers(const Candidates::Found& a, const Candidates::Found& b) {
    std::set_union(a.nodes.begin(), a.nodes.end(), b.nodes.begin(),
                   b.nodes.end(), std::back_inserter(nodes_),
                   [](const Node* x, const Node* y) { return x->id < y->id; });
    others_ = {nodes_, a.complete && b.complete};
  }
  MergedOthers(const MergedOthers&) = delete;
  MergedOthers& operator=(const MergedOthers&) = delete;

  const Others& others() const { return others_; }

 private:
  std::vector<const Node*> nodes_;
  Others others_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INDEX_MERGED_OTHERS_H_
