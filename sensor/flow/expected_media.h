#ifndef CALLBRAID_SENSOR_FLOW_EXPECTED_MEDIA_H_
#define CALLBRAID_SENSOR_FLOW_EXPECTED_MEDIA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/net/endpoint.h"
#include "sensor/flow/lru_map.h"
#include "sensor/flow/naming_call.h"

namespace callbraid::sensor {

// A dynamic payload type and the clock of its timestamps.
struct PayloadClock {
  uint8_t payload_type = 0;
  uint32_t clock_rate = 0;
};

// Endpoints that signalling seen here has named for media: what comes from or
// goes to them is RTP, RTCP or UDPTL from the first packet on.
//
// Bounded; an entry lives until it has not been used for a while. One thread.
class ExpectedMedia {
 public:
  explicit ExpectedMedia(size_t capacity) : endpoints_(capacity) {}

  // `clocks`: at most 8 of them count. An endpoint with an unspecified address
  // or port 0 (a line on hold, or refused) is ignored. What is known of an
  // endpoint is refreshed, and added to.
  void Expect(const Endpoint& rtp, const Endpoint& rtcp,
              std::span<const PayloadClock> clocks, NamingCall call = {});

  // The same of one for fax by T.38.
  void ExpectUdptl(const Endpoint& endpoint, NamingCall call = {});

  // The media of the call with that id is no longer spare at this endpoint, if
  // it was that call that named it.
  void AskFor(const Endpoint& endpoint, uint64_t call_id);

  // The endpoint is still in use.
  void Refresh(const Endpoint& endpoint);

  // Whether RTP may use this endpoint; UDPTL; any of the three.
  bool ExpectsRtp(const Endpoint& endpoint);
  bool ExpectsUdptl(const Endpoint& endpoint);
  bool Expects(const Endpoint& endpoint);

  // The call that named this endpoint last.
  NamingCall CallOf(const Endpoint& endpoint);

  // Clock rate that SDP gave for this payload type; 0 if it gave none.
  uint32_t ClockRate(const Endpoint& endpoint, uint8_t payload_type);

  // `now_ns` is the pipeline's clock: forgets what was not used for long.
  void OnTick(int64_t now_ns);

  size_t size() const { return endpoints_.size(); }

 private:
  struct Expectation {
    bool rtp = false;
    bool udptl = false;
    NamingCall call;
    uint8_t clock_count = 0;
    std::array<PayloadClock, 8> clocks = {};
  };
  static void AddClock(const PayloadClock& clock, Expectation& expectation);

  int64_t now_ns_ = 0;
  LruMap<Endpoint, Expectation> endpoints_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_EXPECTED_MEDIA_H_
