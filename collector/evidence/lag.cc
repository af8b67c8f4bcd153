#include "collector/evidence/lag.h"

#include <algorithm>
#include <utility>

namespace callbraid::collector {
namespace {

// Of sorted values: the one that `part` of `whole` of them lie below.
int64_t At(const std::vector<int64_t>& sorted, size_t part, size_t whole) {
  return sorted[(sorted.size() - 1) * part / whole];
}

bool SameHeader(const Anchor& x, const Anchor& y) {
  return static_cast<uint16_t>(x.sequence) ==
             static_cast<uint16_t>(y.sequence) &&
         x.timestamp == y.timestamp;
}

// Calls `visit` with what is equal in two sorted ranges.
template <typename T, typename Key, typename Visit>
void ForEachCommon(const std::vector<T>& a, const std::vector<T>& b, Key key,
                   Visit visit) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (key(a[i]) < key(b[j])) {
      ++i;
    } else if (key(b[j]) < key(a[i])) {
      ++j;
    } else {
      visit(a[i++], b[j++]);
    }
  }
}

}  // namespace

int64_t Median(std::vector<int64_t> values) {
  const auto middle = values.begin() + (values.size() - 1) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Quartiles QuartilesOf(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  return {At(values, 1, 4), At(values, 3, 4)};
}

std::vector<int64_t> MarkLags(const Node& a, const Node& b) {
  std::vector<int64_t> lags;
  ForEachCommon(
      a.marks, b.marks, [](const Mark& mark) { return mark.identity; },
      [&](const Mark& x, const Mark& y) {
        lags.push_back(y.time_ns - x.time_ns);
      });
  return lags;
}

std::vector<LagPoint> MarkPoints(const Node& a, const Node& b,
                                 bool from_initiator) {
  std::vector<LagPoint> points;
  ForEachCommon(
      a.marks, b.marks, [](const Mark& mark) { return mark.identity; },
      [&](const Mark& x, const Mark& y) {
        if (x.from_initiator != from_initiator) return;
        points.push_back({x.time_ns, y.time_ns - x.time_ns});
      });
  return points;
}

std::vector<LagPoint> PacketPoints(const Node& a, const Node& b) {
  std::vector<LagPoint> points;
  ForEachCommon(
      a.anchors, b.anchors, [](const Anchor& anchor) { return anchor.hash; },
      [&](const Anchor& x, const Anchor& y) {
        if (!SameHeader(x, y)) return;
        points.push_back({x.time_ns, y.time_ns - x.time_ns});
      });
  return points;
}

AnchorMatch MatchAnchors(const Node& a, const Node& b) {
  AnchorMatch match;
  std::vector<int64_t> shifts;
  std::vector<uint64_t> steps;
  ForEachCommon(
      a.anchors, b.anchors, [](const Anchor& anchor) { return anchor.hash; },
      [&](const Anchor& x, const Anchor& y) {
        match.hashes.push_back(x.hash);
        match.lags.push_back(y.time_ns - x.time_ns);
        const auto sequence = static_cast<uint16_t>(y.sequence - x.sequence);
        const uint32_t timestamp = y.timestamp - x.timestamp;
        if (SameHeader(x, y)) ++match.same_header;
        steps.push_back((uint64_t{sequence} << 32) | timestamp);
        shifts.push_back(static_cast<int64_t>(y.sequence - x.sequence));
      });
  if (match.hashes.empty()) return match;
  std::sort(steps.begin(), steps.end());
  for (size_t begin = 0, i = 0; i < steps.size(); ++i) {
    if (steps[i] != steps[begin]) begin = i;
    match.same_step = std::max(match.same_step, i + 1 - begin);
  }
  match.sequence_shift = Median(std::move(shifts));
  std::vector<int64_t> sorted = match.lags;
  std::sort(sorted.begin(), sorted.end());
  match.lag_ns = At(sorted, 1, 2);
  match.spread_ns = At(sorted, 9, 10) - At(sorted, 1, 10);
  return match;
}

}  // namespace callbraid::collector
