#include "sensor/signalling/signalling_discard.h"

namespace callbraid::sensor {
namespace {

constexpr std::array<const char*, kSignallingDiscardCount> kNames = {
    "not_sip",         "sip_keep_alive",
    "bad_sip",         "other_tcp",
    "sip_tcp_gap",     "sip_tcp_skipped_bytes",
    "sip_tcp_evicted", "websocket_compressed",
    "not_mgcp",        "mgcp_evicted",
    "sccp_keep_alive", "sccp_skipped_bytes",
    "not_h323",        "bad_h323",
    "h323_keep_alive", "h323_skipped_bytes",
    "h323_evicted",
};
static_assert(kNames.back() != nullptr);
static_assert(static_cast<size_t>(SignallingDiscard::kH323Evicted) + 1 ==
              kSignallingDiscardCount);

}  // namespace

const char* SignallingDiscardName(SignallingDiscard reason) {
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace callbraid::sensor
