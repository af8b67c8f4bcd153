#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/leg_relation.h"
#include "collector/evidence/party_match.h"

namespace callbraid::collector {
namespace {

// How the times of two legs are compared: those of the first, moved to the
// clock of the second.
struct Comparison {
  int64_t offset_ns = 0;
  // What is left open.
  int64_t slack_ns = 0;
};

bool AnswersAgree(const Node& in, const Node& out, const Comparison& by,
                  const EvidencePolicy& policy) {
  return std::abs(in.dialog().answer_time_ns() + by.offset_ns -
                  out.dialog().answer_time_ns()) <=
         policy.bridge_answer_ns + by.slack_ns;
}

// A leg that sent the other party on ends before the call does.
bool Transferred(const Node& node) {
  return std::any_of(node.dialog().links().begin(), node.dialog().links().end(),
                     [](const store::v1::DialogLink& link) {
                       return link.kind() == store::v1::LINK_KIND_REFER_TO &&
                              link.status() / 100 == 2;
                     });
}

// Nothing is said by an end that the other's capture has not come to.
bool EndsAgree(const Node& in, const Node& out, const Comparison& by,
               const EvidencePolicy& policy) {
  const bool in_ended = in.dialog().end_time_ns() != 0;
  const bool out_ended = out.dialog().end_time_ns() != 0;
  const int64_t in_end = in.dialog().end_time_ns() + by.offset_ns;
  const int64_t out_end = out.dialog().end_time_ns();
  const int64_t limit = policy.bridge_end_ns + by.slack_ns;
  const bool in_first = in_ended && (!out_ended || in_end <= out_end);
  if (Transferred(in_first ? in : out)) return true;
  if (in_ended && out_ended) return std::abs(in_end - out_end) <= limit;
  if (in_ended) return out.last_ns <= in_end + limit;
  return !out_ended || in.last_ns + by.offset_ns <= out_end + limit;
}

// How many numbers agree where `out` looks like the other side of `in`; 0: it
// does not.
int Fit(const Node& in, const Node& out, const EvidencePolicy& policy,
        const ClockTable& clocks) {
  if (!in.is_dialog || !out.is_dialog || !in.makes_call || !out.makes_call ||
      in.invite_ns == 0 || out.invite_ns == 0 || in.dialog().is_copy() ||
      out.dialog().is_copy() || SameCallId(in, out) || !LeadsTo(in, out)) {
    return 0;
  }
  const ClockRelation clock = clocks.Between(in, out);
  const Comparison by = {clock.offset_ns, ClockSlack(in, out, policy, clock)};
  const int64_t after_ns = out.invite_ns - (in.invite_ns + by.offset_ns);
  if (after_ns < -by.slack_ns ||
      after_ns > policy.bridge_setup_ns + by.slack_ns) {
    return 0;
  }
  // How it went must be known: many calls begin alike.
  const bool answered = in.answered();
  if (answered != out.answered()) return 0;
  if (answered
          ? !AnswersAgree(in, out, by, policy)
          : in.dialog().end_time_ns() == 0 || out.dialog().end_time_ns() == 0) {
    return 0;
  }
  if (!EndsAgree(in, out, by, policy)) return 0;
  return MatchParties(in, out, policy).equal();
}

// Whether none fits as well. Two calls to one number at once can be told apart
// by their callers.
bool IsTheOnly(const Node& in, const Node& out, const Others& others,
               const EvidencePolicy& policy, const ClockTable& clocks) {
  const int fit = Fit(in, out, policy, clocks);
  for (const Node* node : others.nodes) {
    if ((!SameCallId(*node, out) && Fit(in, *node, policy, clocks) >= fit) ||
        (!SameCallId(*node, in) && Fit(*node, out, policy, clocks) >= fit)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Evidence> NumbersAndTime(const Node& a, const Node& b,
                                       const Others& others,
                                       const EvidencePolicy& policy,
                                       const ClockTable& clocks) {
  if (b.id < a.id) return NumbersAndTime(b, a, others, policy, clocks);
  bool forward = Fit(a, b, policy, clocks) > 0;
  const bool backward = Fit(b, a, policy, clocks) > 0;
  if (!forward && !backward) return std::nullopt;
  // A call that goes back to where it came from fits both ways.
  if (forward && backward) {
    forward = a.invite_ns + clocks.Between(a, b).offset_ns <= b.invite_ns;
  }
  const Node& in = forward ? a : b;
  const Node& out = forward ? b : a;
  if (!IsTheOnly(in, out, others, policy, clocks)) return std::nullopt;
  const PartyMatch parties = MatchParties(in, out, policy);
  return Evidence{
      v1::EVIDENCE_KIND_NUMBERS_AND_TIME, policy.numbers_and_time,
      absl::StrCat(parties.equal() == 2 ? "both numbers"
                   : parties.callee == Agreement::kEqual
                       ? "number called"
                       : "number of the caller",
                   " and times in and out of ",
                   in.responder_host.address.ToString(), ", no other fits")};
}

}  // namespace callbraid::collector
