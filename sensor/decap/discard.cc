#include "sensor/decap/discard.h"

namespace callbraid::sensor {
namespace {

constexpr std::array<const char*, kDiscardCount> kNames = {
    "unknown_link_type",
    "truncated_link",
    "too_many_vlan_tags",
    "not_ip",
    "truncated_ip",
    "bad_ip",
    "too_many_ip_extensions",
    "truncated_tunnel",
    "bad_tunnel",
    "too_many_tunnels",
    "other_protocol",
    "truncated_transport",
    "bad_udp",
    "bad_tcp",
    "bad_fragment",
    "fragment_too_big",
    "fragment_overlap",
    "truncated_fragment",
    "fragment_timeout",
    "fragment_evicted",
    "other_mirror_session",
};
static_assert(kNames.back() != nullptr);
static_assert(static_cast<size_t>(Discard::kOtherMirrorSession) + 1 ==
              kDiscardCount);

}  // namespace

const char* DiscardName(Discard reason) {
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace callbraid::sensor
