#ifndef CALLBRAID_SENSOR_SIGNALLING_DIALOG_TABLE_H_
#define CALLBRAID_SENSOR_SIGNALLING_DIALOG_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/net/endpoint.h"
#include "common/sip/sdp.h"
#include "common/sip/sip_message.h"
#include "sensor/flow/expected_media.h"
#include "sensor/flow/lru_map.h"
#include "sensor/signalling/asked_for.h"

namespace callbraid::sensor {

// What the SDP seen here says about media: tells it to ExpectedMedia, and keeps
// it alive with every further message of the same call (ringing and hold can
// outlast what is kept without).
//
// It says which media is spare, too: that of calls none of whose messages names
// anybody who is asked for. A call that once was asked for stays so.
//
// Any message may carry SDP: INVITE, 183, 200, PRACK, ACK, UPDATE. This is no
// dialog state machine: what belongs together is the collector's to decide.
// Bounded. One thread.
class DialogTable {
 public:
  // `expected` must outlive the table.
  DialogTable(ExpectedMedia& expected, AskedFor asked_for, size_t capacity)
      : expected_(expected),
        asked_for_(std::move(asked_for)),
        dialogs_(capacity) {}

  void OnMessage(const SipMessage& message);

  // The same of a call of another protocol, whose parties are not known here:
  // its media is never spare. `device` named `line` for itself: the line is of
  // the call with that id, which tells calls apart.
  void OnDeviceMedia(const SdpMediaLine& line, uint64_t call_id);
  // For its peer, whose own signalling says of what call it is.
  void OnPeerMedia(const SdpMediaLine& line);
  // Something else was said of that call.
  void Refresh(uint64_t call_id);

  // `now_ns` is the pipeline's clock.
  void OnTick(int64_t now_ns);

  size_t size() const { return dialogs_.size(); }

 private:
  struct Dialog {
    bool spare = true;
    // That SDP of this Call-ID has named.
    std::vector<Endpoint> endpoints;
  };

  void AskFor(uint64_t call_id, Dialog& dialog);
  void Expect(const SdpMediaLine& line, uint64_t call_id, Dialog& dialog);

  ExpectedMedia& expected_;
  const AskedFor asked_for_;
  int64_t now_ns_ = 0;
  // By hash of the Call-ID: two calls that share one only keep each other's
  // endpoints alive.
  LruMap<uint64_t, Dialog> dialogs_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_DIALOG_TABLE_H_
