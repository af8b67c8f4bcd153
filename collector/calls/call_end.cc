#include "collector/calls/call_end.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace callbraid::collector {
namespace {

// What ends a call goes through all of its legs within this time, though each
// host on the way takes its own.
constexpr int64_t kOneEndNs = 2 * EvidencePolicy::kSecond;

bool IsSignalled(v1::EndReason reason) {
  return reason == v1::END_REASON_BYE || reason == v1::END_REASON_CANCELLED ||
         reason == v1::END_REASON_REFUSED;
}

bool Talked(const CallLeg& leg) {
  return leg.answered() || leg.best->dialog().began_before();
}

bool HasFocus(const CallLeg& leg) {
  return std::any_of(leg.nodes.begin(), leg.nodes.end(), [](const Node* node) {
    return node->dialog().initiator_is_focus() ||
           node->dialog().responder_is_focus();
  });
}

// A leg and who ended it, as the call has the sides.
struct LegEnd {
  size_t leg = 0;
  int64_t time_ns = 0;
  v1::Side by = v1::SIDE_UNSPECIFIED;
};

class EndFinder {
 public:
  EndFinder(const std::vector<CallLeg>& legs, const std::vector<bool>& turned,
            int64_t end_ns)
      : legs_(legs), turned_(turned), end_ns_(end_ns) {
    for (const CallLeg& leg : legs_) {
      // Of a recorder alone, the copy is all there is.
      only_copies_ = only_copies_ && leg.is_copy();
      talked_ = talked_ || Talked(leg);
    }
    // Where parties come and go, an end is often only theirs.
    for (const CallLeg& leg : legs_) {
      changes_ = changes_ || leg.continues.has_value() || HasFocus(leg);
    }
  }

  CallEnd Find() const {
    const std::vector<LegEnd> ends = Ends();
    if (ends.empty()) return {};
    const LegEnd& first = Deciding(ends);
    const CallLeg& leg = legs_[first.leg];
    return {WhoOf(first, ends), leg.release_cause, leg.release_reason};
  }

 private:
  // Whether the call goes on without `at`: another leg has its place, or begins
  // when it is over (a queue tries one after the other).
  bool IsLeftBehind(size_t at) const {
    for (const CallLeg& other : legs_) {
      if (&other == &legs_[at] || Talked(other) != talked_ ||
          (other.is_copy() && !only_copies_)) {
        continue;
      }
      if (other.continues == at || other.start_ns > legs_[at].end_ns) {
        return true;
      }
    }
    return false;
  }

  // By time.
  std::vector<LegEnd> Ends() const {
    std::vector<LegEnd> ends;
    for (size_t i = 0; i < legs_.size(); ++i) {
      const CallLeg& leg = legs_[i];
      if (leg.end_ns == 0 || (leg.is_copy() && !only_copies_) ||
          (talked_ && leg.end_reason != v1::END_REASON_BYE) ||
          ((!talked_ || changes_) && leg.end_ns < end_ns_ - kOneEndNs) ||
          IsLeftBehind(i)) {
        continue;
      }
      ends.push_back({i, leg.end_ns,
                      turned_[i] ? OppositeOf(leg.ended_by) : leg.ended_by});
    }
    std::sort(ends.begin(), ends.end(), [](const LegEnd& a, const LegEnd& b) {
      return std::tie(a.time_ns, a.leg) < std::tie(b.time_ns, b.leg);
    });
    return ends;
  }

  // Of what was never answered the caller's own leg says who: a fork may be
  // refused shortly before the caller gives up.
  const LegEnd& Deciding(const std::vector<LegEnd>& ends) const {
    if (talked_) return ends.front();
    const auto nearest = std::min_element(
        ends.begin(), ends.end(),
        [](const LegEnd& a, const LegEnd& b) { return a.leg < b.leg; });
    return *std::find_if(
        ends.begin(), ends.end(),
        [&nearest](const LegEnd& end) { return end.by == nearest->by; });
  }

  v1::Side WhoOf(const LegEnd& first, const std::vector<LegEnd>& ends) const {
    if (IsByThirdParty(first)) return v1::SIDE_UNSPECIFIED;
    v1::Side by = first.by;
    for (const LegEnd& end : ends) {
      const bool at_once = std::max(end.time_ns, first.time_ns) -
                               std::min(end.time_ns, first.time_ns) <=
                           kAtOnceNs;
      if (!at_once || end.by == v1::SIDE_UNSPECIFIED) continue;
      if (by != v1::SIDE_UNSPECIFIED && end.by != by) {
        return v1::SIDE_UNSPECIFIED;
      }
      by = end.by;
    }
    return by;
  }

  // Who came in by a transfer is neither caller nor callee. Who picked the call
  // up, or to whom it was redirected, is the callee.
  bool IsByThirdParty(const LegEnd& end) const {
    size_t root = end.leg;
    while (legs_[root].continues) root = *legs_[root].continues;
    if (root == end.leg || !legs_[root].answered()) return false;
    const CallLeg& leg = legs_[end.leg];
    if (leg.ended_by == v1::SIDE_UNSPECIFIED) return false;
    const IpAddress& party =
        (leg.ended_by == v1::SIDE_CALLER ? leg.best->initiator
                                         : leg.best->responder)
            .address;
    return party != legs_[root].best->initiator.address &&
           party != legs_[root].best->responder.address;
  }

  const std::vector<CallLeg>& legs_;
  const std::vector<bool>& turned_;
  const int64_t end_ns_;
  bool only_copies_ = true;
  bool talked_ = false;
  bool changes_ = false;
};

}  // namespace

CallEnd FindEnd(const std::vector<CallLeg>& legs,
                const std::vector<bool>& turned, const CallStanding& standing) {
  if (!standing.over || !IsSignalled(standing.end_reason)) return {};
  return EndFinder(legs, turned, standing.end_ns).Find();
}

}  // namespace callbraid::collector
