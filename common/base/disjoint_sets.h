#ifndef CALLBRAID_COMMON_BASE_DISJOINT_SETS_H_
#define CALLBRAID_COMMON_BASE_DISJOINT_SETS_H_

#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace callbraid {

// The numbers 0..n-1 in sets that are joined. The lowest of a set stands for
// it, so the result does not depend on the order of joining.
class DisjointSets {
 public:
  explicit DisjointSets(size_t size) : parents_(size) {
    std::iota(parents_.begin(), parents_.end(), size_t{0});
  }

  size_t Find(size_t item) {
    while (parents_[item] != item) {
      parents_[item] = parents_[parents_[item]];
      item = parents_[item];
    }
    return item;
  }

  // False if they were together.
  bool Join(size_t a, size_t b) {
    a = Find(a);
    b = Find(b);
    if (a == b) return false;
    if (b < a) std::swap(a, b);
    parents_[b] = a;
    return true;
  }

 private:
  std::vector<size_t> parents_;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BASE_DISJOINT_SETS_H_
