#ifndef CALLBRAID_SENSOR_SIGNALLING_CONTROLLED_MEDIA_H_
#define CALLBRAID_SENSOR_SIGNALLING_CONTROLLED_MEDIA_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "common/mgcp/mgcp_message.h"
#include "common/net/endpoint.h"
#include "sensor/flow/lru_map.h"
#include "sensor/signalling/dialog_table.h"
#include "sensor/signalling/signalling_discard.h"

namespace callbraid::sensor {

// What devices (gateways, phones) and their controllers say of media, in MGCP
// and SCCP, for DialogTable; and who speaks MGCP, whose responses cannot be
// told from other text by themselves.
//
// Bounded: pairs of hosts and open commands, those not used for longest make
// room. One thread.
class ControlledMedia {
 public:
  // `dialogs` and `counters` must outlive this.
  ControlledMedia(DialogTable& dialogs, SignallingCounters& counters);

  // Whether MGCP was spoken between these two, in whatever direction.
  bool SpeakMgcp(const FlowKey& flow);

  void OnMgcp(const FlowKey& flow, const MgcpMessage& message);
  // `bytes`: one message.
  void OnSccp(const FlowKey& flow, std::string_view bytes);

  // `now_ns` is the pipeline's clock.
  void OnTick(int64_t now_ns);

 private:
  // Two hosts in a fixed order. MGCP's ports may differ by direction.
  using Pair = std::pair<IpAddress, IpAddress>;
  static Pair PairOf(const FlowKey& flow);

  DialogTable& dialogs_;
  SignallingCounters& counters_;
  int64_t now_ns_ = 0;
  LruMap<Pair, bool> pairs_;
  // By transaction: the call that its command was about.
  LruMap<std::pair<Pair, uint32_t>, uint64_t> commands_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_CONTROLLED_MEDIA_H_
