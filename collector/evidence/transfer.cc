#include <string>

#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/leg_relation.h"
#include "collector/evidence/party_match.h"
#include "collector/store/link_tokens.h"
#include "common/sip/sip_number.h"

namespace callbraid::collector {
namespace {

using store::v1::DialogLink;

// How sure it is that a REFER within one dialog brought about the other.
enum class Fit {
  kNone,
  // Who was asked called who was asked for, and at once.
  kTarget,
  // And did so for a party of the dialog.
  kCaller,
  // And says who asked for it (RFC 3892).
  kReferrer,
};

// Whether `b` says that it was brought about by who sent `link`, in `a`.
Agreement MatchReferrer(const DialogLink& link, const Node& a, const Node& b,
                        const EvidencePolicy& policy) {
  const std::string referrer = PlainUser(link.referred_by());
  bool told = false;
  for (const DialogLink& said : b.dialog().links()) {
    if (said.kind() != store::v1::LINK_KIND_REFERRED_BY) continue;
    const std::string by = PlainUser(said.value());
    if (SameNumber(referrer, a.site(), by, b.site(), policy)) {
      return Agreement::kEqual;
    }
    told = told || !by.empty();
  }
  return told && !referrer.empty() ? Agreement::kDifferent
                                   : Agreement::kUnknown;
}

struct Referral {
  const DialogLink* link = nullptr;
  Fit fit = Fit::kNone;
};

Referral ReferralTo(const Node& a, const Node& b, const EvidencePolicy& policy,
                    const ClockTable& clocks) {
  Referral best;
  if (SameCallId(a, b) || b.invite_ns == 0) return best;
  const ClockRelation clock = clocks.Between(a, b);
  const int64_t slack = ClockSlack(a, b, policy, clock);
  for (const DialogLink& link : a.dialog().links()) {
    if (link.kind() != store::v1::LINK_KIND_REFER_TO || link.status() >= 300) {
      continue;
    }
    const auto host = HostAsked(link, a.dialog());
    const int64_t after_ns = b.invite_ns - (link.time_ns() + clock.offset_ns);
    if (!host || !SameHost(a, *host, b, b.initiator_host) ||
        after_ns < -slack || after_ns > policy.refer_ns + slack ||
        !Calls(b, link.value(), a, policy)) {
      continue;
    }
    const Agreement referrer = MatchReferrer(link, a, b, policy);
    if (referrer == Agreement::kDifferent) continue;
    const Fit fit = referrer == Agreement::kEqual   ? Fit::kReferrer
                    : CalledByPartyOf(a, b, policy) ? Fit::kCaller
                                                    : Fit::kTarget;
    if (fit > best.fit) best = {&link, fit};
  }
  return best;
}

bool IsTheOnly(const Node& a, const Node& b, const Referral& referral,
               const Others& others, const EvidencePolicy& policy,
               const ClockTable& clocks) {
  for (const Node* node : others.nodes) {
    if (!node->is_dialog || !node->makes_call) continue;
    if (!SameCallId(*node, b) && !MatchParties(*node, b, policy).AreOneTry()) {
      const Referral other = ReferralTo(a, *node, policy, clocks);
      if (other.link == referral.link && other.fit >= referral.fit) {
        return false;
      }
    }
    if (!SameCallId(*node, a) &&
        ReferralTo(*node, b, policy, clocks).fit >= referral.fit) {
      return false;
    }
  }
  return true;
}

std::optional<Evidence> Refers(const Node& a, const Node& b,
                               const Others& others,
                               const EvidencePolicy& policy,
                               const ClockTable& clocks) {
  const Referral referral = ReferralTo(a, b, policy, clocks);
  // A call to there for somebody else may be anyone's, unless who referred was
  // told how it goes.
  const bool told = a.dialog().transfer_status() != 0;
  if (referral.link == nullptr || (referral.fit == Fit::kTarget && !told) ||
      !IsTheOnly(a, b, referral, others, policy, clocks)) {
    return std::nullopt;
  }
  const bool confirmed =
      referral.fit == Fit::kReferrer || a.dialog().transfer_status() / 100 == 2;
  Evidence evidence;
  evidence.kind = v1::EVIDENCE_KIND_TRANSFER;
  evidence.score = confirmed ? policy.transfer_confirmed : policy.transfer;
  evidence.detail =
      absl::StrCat("REFER to ", referral.link->value(),
                   referral.fit == Fit::kReferrer ? ", Referred-By" : "",
                   ", then INVITE to there");
  // Who is called takes the place of who referred.
  evidence.turns = referral.link->from_initiator();
  return evidence;
}

}  // namespace

std::optional<Evidence> Transfer(const Node& a, const Node& b,
                                 const Others& others,
                                 const EvidencePolicy& policy,
                                 const ClockTable& clocks) {
  if (b.id < a.id) return Transfer(b, a, others, policy, clocks);
  if (!others.complete) return std::nullopt;
  if (auto refers = Refers(a, b, others, policy, clocks)) return refers;
  return Refers(b, a, others, policy, clocks);
}

}  // namespace callbraid::collector
