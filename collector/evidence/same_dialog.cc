#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/lag.h"
#include "collector/evidence/leg_relation.h"

namespace callbraid::collector {
namespace {

// Two events of one dialog agree to this when no clock is compared.
constexpr int64_t kShapeNs = EvidencePolicy::kSecond;

bool Contains(const google::protobuf::RepeatedPtrField<std::string>& tags,
              const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

// An observation that began within a dialog may take either side for the
// initiator.
bool SameTags(const Node& a, const Node& b) {
  const auto& x = a.dialog();
  const auto& y = b.dialog();
  if (x.from_tag() == y.from_tag()) return true;
  return (x.began_before() || y.began_before()) &&
         Contains(x.to_tags(), y.from_tag()) &&
         Contains(y.to_tags(), x.from_tag());
}

// Who answers chooses a tag of its own, and every hop sees it.
bool ShareAnAnswer(const Node& a, const Node& b) {
  const auto answers = [](const Node& from, const Node& in) {
    const auto& tags = from.dialog().to_tags();
    return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
      return Contains(in.dialog().to_tags(), tag) ||
             (in.dialog().began_before() && in.dialog().from_tag() == tag);
    });
  };
  return answers(a, b) || answers(b, a);
}

// Whether the two can be on the way of one dialog. Call-ID and tag are the
// caller's choice, so anyone can send them from anywhere. Without an answer in
// common, as with a fork that was refused, the two must lie on one way.
bool MayBeHops(const Node& a, const Node& b, const EvidencePolicy& policy,
               const ClockRelation& clock) {
  if (ShareAnAnswer(a, b) || !MarkLags(a, b).empty()) return true;
  switch (RelationOf(a, b)) {
    case LegRelation::kChained:
      return (LeadsTo(a, b) && MayCause(a, b, policy, clock)) ||
             (LeadsTo(b, a) && MayCause(b, a, policy, clock.Reversed()));
    case LegRelation::kBranches:
    case LegRelation::kParallel:
      return true;
    case LegRelation::kMeeting:
    case LegRelation::kApart:
      return false;
  }
  return false;
}

bool IsSameDialog(const Node& a, const Node& b) {
  return a.is_dialog && b.is_dialog && a.makes_call && b.makes_call &&
         a.dialog().call_id() == b.dialog().call_id() && SameTags(a, b);
}

// By the clock of `b`.
int64_t Overlap(const Node& a, const Node& b, const ClockRelation& clock) {
  return std::min(a.last_ns + clock.offset_ns, b.last_ns) -
         std::max(a.first_ns + clock.offset_ns, b.first_ns);
}

// Time of `b` minus time of `a` for what happened in both.
std::vector<int64_t> EventLags(const Node& a, const Node& b) {
  std::vector<int64_t> lags;
  const auto add = [&](int64_t in_a, int64_t in_b) {
    if (in_a != 0 && in_b != 0) lags.push_back(in_b - in_a);
  };
  add(a.dialog().invite_time_ns(), b.dialog().invite_time_ns());
  add(a.dialog().answer_time_ns(), b.dialog().answer_time_ns());
  add(a.dialog().end_time_ns(), b.dialog().end_time_ns());
  return lags;
}

bool AtTheSameTime(const Node& a, const Node& b, const EvidencePolicy& policy,
                   const ClockRelation& clock) {
  const int64_t limit = clock.Tolerance(policy) + policy.hop_delay_ns;
  const std::vector<int64_t> lags = EventLags(a, b);
  if (lags.empty()) return Overlap(a, b, clock) >= -limit;
  return std::any_of(lags.begin(), lags.end(), [&](int64_t lag) {
    return std::abs(lag - clock.offset_ns) <= limit;
  });
}

bool SameShape(const Node& a, const Node& b) {
  const std::vector<int64_t> lags = EventLags(a, b);
  if (lags.size() < 2) return false;
  const auto [low, high] = std::minmax_element(lags.begin(), lags.end());
  return *high - *low <= kShapeNs;
}

// Whether the sensor of `of` saw this Call-ID in use once only: all its
// observations follow on one another.
bool UsedOnce(const Node& of, std::span<const Node* const> others,
              const EvidencePolicy& policy) {
  std::vector<const Node*> here = {&of};
  for (const Node* node : others) {
    if (node != &of && SameSensor(*node, of) && IsSameDialog(*node, of)) {
      here.push_back(node);
    }
  }
  std::sort(here.begin(), here.end(),
            [](const Node* a, const Node* b) { return Before(*a, *b); });
  int64_t end = here.front()->last_ns;
  for (const Node* node : here) {
    if (node->first_ns > end + policy.hop_delay_ns) return false;
    end = std::max(end, node->last_ns);
  }
  return true;
}

// Whether the sensor of `b` saw another use of the Call-ID that fits `a` in
// time, while `b` does not.
bool FitsAnother(const Node& a, const Node& b,
                 std::span<const Node* const> others,
                 const ClockRelation& clock) {
  if (Overlap(a, b, clock) >= 0) return false;
  return std::any_of(others.begin(), others.end(), [&](const Node* node) {
    return node != &b && SameSensor(*node, b) && IsSameDialog(*node, a) &&
           Overlap(a, *node, clock) >= 0;
  });
}

bool EitherFitsAnother(const Node& a, const Node& b,
                       std::span<const Node* const> others,
                       const ClockRelation& clock) {
  return FitsAnother(a, b, others, clock) ||
         FitsAnother(b, a, others, clock.Reversed());
}

// Whether one is the rest of the dialog that the other began, with nothing seen
// in between. Tags of both sides are never used again, but by test tools.
bool IsRestOf(const Node& rest, const Node& begun) {
  const auto& x = begun.dialog();
  const auto& y = rest.dialog();
  if (!y.began_before() || x.began_before() || x.end_time_ns() != 0 ||
      x.answered_tag().empty() || x.from_tag().empty()) {
    return false;
  }
  return (y.from_tag() == x.from_tag() &&
          Contains(y.to_tags(), x.answered_tag())) ||
         (y.from_tag() == x.answered_tag() &&
          Contains(y.to_tags(), x.from_tag()));
}

// By one sensor, whose clock was set by so much that the rest was taken for
// another dialog.
bool GoesOn(const Node& a, const Node& b, const EvidencePolicy& policy) {
  return (IsRestOf(a, b) || IsRestOf(b, a)) &&
         std::abs(Overlap(a, b, ClockRelation::Same())) <=
             policy.continuation_gap_ns;
}

// By two sensors: the end passed another way than the beginning.
bool EndsElsewhere(const Node& a, const Node& b, const EvidencePolicy& policy,
                   const ClockRelation& clock) {
  if (IsRestOf(a, b)) return EndsElsewhere(b, a, policy, clock.Reversed());
  const int64_t later_ns = b.first_ns - (a.first_ns + clock.offset_ns);
  return IsRestOf(b, a) && later_ns >= -clock.Tolerance(policy) &&
         later_ns <= policy.silent_dialog_ns;
}

Evidence Make(const Node& a, size_t marks, double score) {
  return {v1::EVIDENCE_KIND_SAME_DIALOG, score,
          marks > 0
              ? absl::StrCat("Call-ID ", a.dialog().call_id(), ", tag, ", marks,
                             " messages")
              : absl::StrCat("Call-ID ", a.dialog().call_id(), ", tag, time")};
}

}  // namespace

std::optional<Evidence> SameDialog(const Node& a, const Node& b,
                                   std::span<const Node* const> others,
                                   const EvidencePolicy& policy,
                                   const ClockRelation& clock) {
  if (&a == &b || !IsSameDialog(a, b) || !MayBeHops(a, b, policy, clock)) {
    return std::nullopt;
  }
  if (b.id < a.id) return SameDialog(b, a, others, policy, clock.Reversed());
  const std::vector<int64_t> lags = MarkLags(a, b);
  if (SameSensor(a, b)) {
    // One clock: a Call-ID used again later is another dialog.
    if (Overlap(a, b, ClockRelation::Same()) < -policy.hop_delay_ns &&
        !GoesOn(a, b, policy)) {
      return std::nullopt;
    }
    return Make(a, lags.size(), policy.same_dialog);
  }
  const bool once = UsedOnce(a, others, policy) && UsedOnce(b, others, policy);
  if (!lags.empty()) {
    const int64_t lag = std::abs(Median(lags) - clock.offset_ns);
    if (!once && lag > clock.Tolerance(policy) + policy.hop_delay_ns) {
      return std::nullopt;
    }
    if (!once && EitherFitsAnother(a, b, others, clock)) return std::nullopt;
    return Make(a, lags.size(), policy.same_dialog);
  }
  if (AtTheSameTime(a, b, policy, clock)) {
    if (EitherFitsAnother(a, b, others, clock)) return std::nullopt;
    return Make(a, 0, policy.same_dialog_by_time);
  }
  if (once && SameShape(a, b)) return Make(a, 0, policy.same_dialog_by_time);
  if (once && EndsElsewhere(a, b, policy, clock)) {
    return Make(a, 0, policy.same_dialog);
  }
  return std::nullopt;
}

}  // namespace callbraid::collector
