#ifndef CALLBRAID_COLLECTOR_QUALITY_RECEIVER_VIEW_H_
#define CALLBRAID_COLLECTOR_QUALITY_RECEIVER_VIEW_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/quality.pb.h"
#include "collector/store/store.h"
#include "common/rtp/voip_metrics.h"

namespace callbraid::collector {

// What the parties of a call said of its streams by RTCP, from the frames in
// the store. Of parties only that send RTP themselves: others' RTCP is not
// filed with the call.
//
// Memory is bounded however much RTCP there is. One thread.
class ReceiverView {
 public:
  // Errors: those of Store.
  static absl::StatusOr<ReceiverView> Read(Store& store,
                                           const store::v1::CallRecord& record);

  // Of the stream with this SSRC: the last of each receiver.
  std::vector<v1::VoipMetrics> MetricsOf(uint32_t ssrc) const;
  // Mean round trip between its sender and a receiver, in milliseconds: as an
  // XR says, else by the reports of both that passed one capture point (RFC
  // 3550, section 6.4.1).
  std::optional<double> ReportedRoundTripMs(uint32_t ssrc) const;
  std::optional<double> MeasuredRoundTripMs(uint32_t ssrc) const;

 private:
  struct Metrics {
    int64_t time_ns = 0;
    uint32_t reports = 0;
    RtcpVoipMetrics last;
  };
  struct Heard {
    size_t place = 0;
    int64_t time_ns = 0;
    RtcpTiming timing;
  };
  // Round trips between a capture point and the receiver of a stream.
  struct Trips {
    double sum_ms = 0;
    uint32_t count = 0;
    double mean_ms() const { return sum_ms / count; }
  };

  void Take(size_t place, int64_t time_ns, const std::string& datagram);
  void Match();

  // By SSRC of the stream, and of its receiver.
  std::map<std::pair<uint32_t, uint32_t>, Metrics> metrics_;
  // Capture times of sender reports by place, SSRC and the time they give.
  std::map<std::tuple<size_t, uint32_t, uint32_t>, int64_t> sent_;
  std::vector<Heard> heard_;
  // By place, SSRC of the stream, and of its receiver.
  std::map<std::tuple<size_t, uint32_t, uint32_t>, Trips> trips_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUALITY_RECEIVER_VIEW_H_
