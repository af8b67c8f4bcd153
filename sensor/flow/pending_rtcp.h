#ifndef CALLBRAID_SENSOR_FLOW_PENDING_RTCP_H_
#define CALLBRAID_SENSOR_FLOW_PENDING_RTCP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "common/net/endpoint.h"
#include "sensor/flow/flow_discard.h"
#include "sensor/flow/media_sink.h"

namespace callbraid::sensor {

// Keeps RTCP whose media is not known yet: reports can come before the first
// packets of RTP are recognised. Bounded; the oldest makes room. One thread.
class PendingRtcp {
 public:
  struct Item {
    int64_t kept_since_ns = 0;
    int64_t time_ns = 0;
    FlowKey flow;
    uint32_t ssrc = 0;
    bool truncated = false;
    std::string packet;

    RtcpView View() const {
      return {time_ns,
              flow,
              ssrc,
              {reinterpret_cast<const uint8_t*>(packet.data()), packet.size()},
              truncated};
    }
  };

  // `counters` must outlive this.
  explicit PendingRtcp(FlowCounters& counters) : counters_(counters) {}

  // `now_ns` is the pipeline's clock.
  void Add(const RtcpView& rtcp, int64_t now_ns);
  // Takes out the oldest, if it has waited long enough; with `any`, in any
  // case. To be tried once more, or counted.
  std::optional<Item> TakeExpired(int64_t now_ns, bool any);

 private:
  FlowCounters& counters_;
  std::deque<Item> items_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_PENDING_RTCP_H_
