#ifndef CALLBRAID_SENSOR_FLOW_ZRTP_FLOWS_H_
#define CALLBRAID_SENSOR_FLOW_ZRTP_FLOWS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "common/net/endpoint.h"
#include "sensor/flow/lru_map.h"

namespace callbraid::sensor {

// The messages of ZRTP (RFC 6189, section 5) that matter here.
enum class ZrtpMessage : uint8_t {
  kHello,  // An agreement begins.
  // The keys are confirmed: SRTP follows (section 4.6).
  kConfirm2,
  kConf2Ack,
  kOther,
};

// Nullopt of what is no ZRTP.
std::optional<ZrtpMessage> ParseZrtp(std::span<const uint8_t> datagram);

// On which flows ZRTP has agreed on keys, in the media path itself. Signalling
// need not say a word of it, and nobody else can know the keys.
//
// Bounded: 16,384 flows, forgotten 5 minutes after the last message or use. One
// thread.
class ZrtpFlows {
 public:
  static constexpr size_t kMaxFlows = 16'384;

  // `time_ns` is the capture's.
  void OnMessage(const FlowKey& flow, ZrtpMessage message, int64_t time_ns);

  // When the keys on this flow, in either direction, were first confirmed since
  // the last agreement began; 0: they are not.
  int64_t SecureSince(const FlowKey& flow);
  // The flow is still in use.
  void Refresh(const FlowKey& flow);

  // `now_ns` is the pipeline's clock.
  void OnTick(int64_t now_ns);

  size_t size() const { return flows_.size(); }

 private:
  int64_t now_ns_ = 0;
  // Time of the confirmation, by the direction whose source is the lesser
  // endpoint.
  LruMap<FlowKey, int64_t> flows_{kMaxFlows};
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_ZRTP_FLOWS_H_
