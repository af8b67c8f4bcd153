#include "sensor/flow/flow_discard.h"

namespace callbraid::sensor {
namespace {

constexpr std::array<const char*, kFlowDiscardCount> kNames = {
    "empty_udp",         "stun",         "dtls",     "turn_channel",
    "not_voip",          "bad_rtp",      "not_rtp",  "rtp_unconfirmed",
    "rtp_stray",         "stream_limit", "bad_rtcp", "rtcp_unrelated",
    "udptl_unconfirmed", "zrtp",
};
static_assert(kNames.back() != nullptr);
static_assert(static_cast<size_t>(FlowDiscard::kZrtp) + 1 == kFlowDiscardCount);

}  // namespace

const char* FlowDiscardName(FlowDiscard reason) {
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace callbraid::sensor
