#ifndef CALLBRAID_SENSOR_SIGNALLING_DIALOG_TABLE_H_
#define CALLBRAID_SENSOR_SIGNALLING_DIALOG_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/net/endpoint.h"
#include "common/sip/sdp.h"
#include "common/sip/sip_message.h"
#include "sensor/flow/expected_media.h"
#include "sensor/flow/lru_map.h"

namespace callbraid::sensor {

// What the SDP seen here says about media: tells it to ExpectedMedia, and keeps
// it alive with every further message of the same call (ringing and hold can
// outlast what is kept without).
//
// Any message may carry SDP: INVITE, 183, 200, PRACK, ACK, UPDATE. This is no
// dialog state machine: what belongs together is the collector's to decide.
// Bounded. One thread.
class DialogTable {
 public:
  // `expected` must outlive the table.
  DialogTable(ExpectedMedia& expected, size_t capacity)
      : expected_(expected), dialogs_(capacity) {}

  void OnMessage(const SipMessage& message);

  // `now_ns` is the pipeline's clock.
  void OnTick(int64_t now_ns);

  size_t size() const { return dialogs_.size(); }

 private:
  // Endpoints that SDP of one Call-ID has named.
  using Endpoints = std::vector<Endpoint>;

  void Expect(const SdpMediaLine& line, uint64_t call, Endpoints& endpoints);

  ExpectedMedia& expected_;
  int64_t now_ns_ = 0;
  // By hash of the Call-ID: two calls that share one only keep each other's
  // endpoints alive.
  LruMap<uint64_t, Endpoints> dialogs_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_DIALOG_TABLE_H_
