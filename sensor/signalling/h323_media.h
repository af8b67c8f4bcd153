#ifndef CALLBRAID_SENSOR_SIGNALLING_H323_MEDIA_H_
#define CALLBRAID_SENSOR_SIGNALLING_H323_MEDIA_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "common/h323/h225_message.h"
#include "common/h323/h245_message.h"
#include "common/net/endpoint.h"
#include "common/sip/sdp.h"
#include "sensor/flow/lru_map.h"
#include "sensor/signalling/dialog_table.h"
#include "sensor/signalling/signalling_discard.h"

namespace callbraid::sensor {

// What H.323 says of media, for DialogTable; and where H.245 will be spoken in
// connections of its own.
//
// Bounded: addresses of H.245, open channels and addresses that are translated,
// those not used for longest make room. One thread.
class H323Media {
 public:
  // `dialogs` and `counters` must outlive this.
  H323Media(DialogTable& dialogs, SignallingCounters& counters);

  // Whether H.225.0 named one of the two for H.245, or it was spoken there.
  bool IsH245(const FlowKey& flow);
  // H.245 is spoken at `flow`, of a call that nobody named.
  void ExpectH245(const FlowKey& flow);

  // `bytes`: one message, with its TPKT header. False if it is none of H.323.
  bool OnMessage(const FlowKey& flow, std::string_view bytes);

  // `now_ns` is the pipeline's clock.
  void OnTick(int64_t now_ns);

 private:
  uint64_t CallOfH245(const FlowKey& flow);
  void OnH225(const FlowKey& flow, const H225Message& message);
  void OnH245(const FlowKey& flow, const H245Message& message,
              uint64_t call_id);
  void OnOpen(const FlowKey& flow, const H245Message& message,
              uint64_t call_id);
  void OnOpenAck(const FlowKey& flow, const H245Message& message,
                 uint64_t call_id);
  // The value of `key`, as used now; counts what makes room for it.
  template <typename Key, typename Value>
  Value& Use(LruMap<Key, Value>& map, const Key& key);
  void Announce(const Endpoint& endpoint, uint64_t call_id);
  void Expect(SdpMediaLine line, uint64_t call_id);

  DialogTable& dialogs_;
  SignallingCounters& counters_;
  int64_t now_ns_ = 0;
  // Where H.245 is spoken: the call that it is about; 0 if not known.
  LruMap<Endpoint, uint64_t> h245_;
  // What was asked for: by who opens a channel, to whom, and its number.
  using Channel = std::pair<FlowKey, uint16_t>;
  LruMap<Channel, SdpMediaLine> opened_;
  // By the address that callers have for themselves: the one that is seen.
  LruMap<IpAddress, IpAddress> translated_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_H323_MEDIA_H_
