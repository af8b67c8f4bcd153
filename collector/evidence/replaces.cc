#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/leg_relation.h"

namespace callbraid::collector {
namespace {

using store::v1::DialogLink;

bool HasTag(const Node& node, const std::string& tag) {
  const store::v1::DialogObservation& dialog = node.dialog();
  return tag == dialog.from_tag() ||
         std::find(dialog.to_tags().begin(), dialog.to_tags().end(), tag) !=
             dialog.to_tags().end();
}

// Who knows Call-ID and both tags is in the dialog, or was told by who is.
bool IsNamed(const Node& node, const DialogLink& link) {
  return link.value() == node.dialog().call_id() &&
         link.to_tag() != link.from_tag() && HasTag(node, link.to_tag()) &&
         HasTag(node, link.from_tag());
}

bool TookEffect(const Node& node, const DialogLink& link) {
  switch (link.kind()) {
    case store::v1::LINK_KIND_REPLACES:
    case store::v1::LINK_KIND_JOIN:
    case store::v1::LINK_KIND_TARGET_DIALOG:
      // Who does not know the dialog refuses (481).
      return node.answered();
    case store::v1::LINK_KIND_REFER_REPLACES:
      return (link.status() / 100 == 2 ||
              node.dialog().transfer_status() != 0) &&
             node.dialog().transfer_status() < 300;
    default:
      return false;
  }
}

const char* Words(store::v1::LinkKind kind) {
  switch (kind) {
    case store::v1::LINK_KIND_JOIN:
      return "Join";
    case store::v1::LINK_KIND_TARGET_DIALOG:
      return "Target-Dialog";
    case store::v1::LINK_KIND_REFER_REPLACES:
      return "REFER with Replaces";
    default:
      return "Replaces";
  }
}

// Whether the initiator of who names stands where the responder of `named`
// stood. The to-tag is that of who is asked, in the dialog that is named (RFC
// 3891, section 3).
bool Turns(const DialogLink& link, const Node& named) {
  const bool asks_initiator = link.to_tag() == named.dialog().from_tag();
  if (link.kind() != store::v1::LINK_KIND_REFER_REPLACES) return asks_initiator;
  // Who is asked takes the place of who referred.
  return asks_initiator != link.from_initiator();
}

std::optional<Evidence> Names(const Node& a, const Node& b,
                              const EvidencePolicy& policy) {
  for (const DialogLink& link : a.dialog().links()) {
    if (!TookEffect(a, link) || !IsNamed(b, link)) continue;
    Evidence evidence;
    evidence.kind = v1::EVIDENCE_KIND_REPLACES;
    evidence.score = policy.replaces;
    evidence.detail = absl::StrCat(Words(link.kind()), " names Call-ID ",
                                   link.value(), " and both tags");
    evidence.turns = Turns(link, b);
    return evidence;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Evidence> Replaces(const Node& a, const Node& b,
                                 const EvidencePolicy& policy,
                                 const ClockRelation& clock) {
  if (b.id < a.id) return Replaces(b, a, policy, clock.Reversed());
  // To a host that has no part in it nobody would turn to replace it.
  if (SameCallId(a, b) || !ShareAHost(a, b) ||
      !RanTogether(a, b, policy, clock)) {
    return std::nullopt;
  }
  if (auto names = Names(a, b, policy)) return names;
  return Names(b, a, policy);
}

}  // namespace callbraid::collector
