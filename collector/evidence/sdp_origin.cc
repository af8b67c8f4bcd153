#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/leg_relation.h"
#include "collector/evidence/link_group.h"

namespace callbraid::collector {
namespace {

using store::v1::DialogLink;

const DialogLink* Find(const Node& node, const std::string& origin) {
  for (const DialogLink& link : node.dialog().links()) {
    if (link.kind() == store::v1::LINK_KIND_SDP_ORIGIN &&
        link.value() == origin) {
      return &link;
    }
  }
  return nullptr;
}

// Nothing for one that is named, or no address at all.
std::optional<IpAddress> AuthorOf(std::string_view origin) {
  return IpAddress::Parse(origin.substr(origin.rfind(' ') + 1));
}

// Whether the host that sent the SDP is the one that it names: its author.
bool IsByItsAuthor(const Node& node, const DialogLink& link) {
  const IpAddress& sender =
      link.from_initiator() ? node.initiator.address : node.responder.address;
  return AuthorOf(link.value()) == sender;
}

// Whether one host is meant. Sites that were set up alike have phones with the
// same addresses, numbers and constants.
bool HasOneAuthor(const Node& a, const Node& b, std::string_view origin) {
  const std::optional<IpAddress> author = AuthorOf(origin);
  return a.site() == b.site() || !author || !author->is_private();
}

// SDP is passed on in its direction, and by others than its author: what one
// host says in two dialogs of its own is a constant.
bool IsPassedOn(const Node& a, const Node& b, const std::string& origin) {
  const DialogLink* x = Find(a, origin);
  const DialogLink* y = Find(b, origin);
  return x != nullptr && y != nullptr && HasOneAuthor(a, b, origin) &&
         x->from_initiator() == y->from_initiator() &&
         !(IsByItsAuthor(a, *x) && IsByItsAuthor(b, *y));
}

}  // namespace

std::optional<Evidence> SdpOrigin(const Node& a, const Node& b,
                                  const LinkGroups& groups,
                                  const EvidencePolicy& policy,
                                  const ClockRelation& clock) {
  const auto shared = FindShared(
      {.kind = store::v1::LINK_KIND_SDP_ORIGIN,
       .accept =
           [&](const std::string& origin) { return IsPassedOn(a, b, origin); }},
      a, b, groups, policy, clock);
  if (!shared) return std::nullopt;
  return Evidence{v1::EVIDENCE_KIND_SDP_ORIGIN,
                  ScoreOf(shared->trust, policy.sdp_origin, policy),
                  absl::StrCat("SDP o=", shared->value)};
}

}  // namespace callbraid::collector
