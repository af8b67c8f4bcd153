#include <algorithm>

#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/leg_relation.h"
#include "collector/evidence/link_group.h"

namespace callbraid::collector {
namespace {

// The call of both by the name that their controller has for it; null if there
// is none.
const store::v1::DialogLink* SharedCall(const Node& a, const Node& b) {
  for (const store::v1::DialogLink& link : a.dialog().links()) {
    if (link.kind() == store::v1::LINK_KIND_CONTROLLED_CALL &&
        Carries(b, link.kind(), link.value())) {
      return &link;
    }
  }
  return nullptr;
}

}  // namespace

bool AreControlledTogether(const Node& a, const Node& b) {
  // One endpoint at two capture points is the same dialog.
  return a.dialog().from_tag() != b.dialog().from_tag() &&
         SharedCall(a, b) != nullptr;
}

std::optional<Evidence> ControlledCall(const Node& a, const Node& b,
                                       const EvidencePolicy& policy,
                                       const ClockRelation& clock) {
  // A controller may count its calls from 1 again, but no two at one time.
  if (!AreControlledTogether(a, b) || !RanTogether(a, b, policy, clock)) {
    return std::nullopt;
  }
  return Evidence{v1::EVIDENCE_KIND_CONTROLLED_CALL, policy.controlled_call,
                  absl::StrCat("call ", SharedCall(a, b)->value())};
}

}  // namespace callbraid::collector
