#include "collector/quality/receiver_view.h"

#include <algorithm>
#include <array>
#include <span>

#include "collector/store/buckets.h"
#include "collector/store/observation_identity.h"
#include "collector/store/proto_time.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// RTCP goes on for a while after the last packet of the stream.
constexpr int64_t kAfterNs = 30'000'000'000;
// Reports that are looked at: a day of two parties' at one in five seconds.
constexpr size_t kMaxReports = 40'000;
constexpr size_t kMaxMetrics = 1000;
// In one datagram.
constexpr size_t kMaxBlocks = 64;
// What a round trip takes at most: beyond, a report was answered twice.
constexpr double kMaxTripMs = 5000;

double Of256(uint8_t share) { return share / 256.0; }

// Where the RTCP of one sender at one capture point is.
struct RtcpSource {
  size_t place = 0;
  uint32_t first_bucket = 0;
  uint32_t last_bucket = 0;
};

absl::StatusOr<std::map<ObservationId, RtcpSource>> SourcesOf(
    Store& store, const store::v1::CallRecord& record) {
  std::map<std::pair<std::string, std::string>, size_t> places;
  std::map<ObservationId, RtcpSource> sources;
  for (const std::string& bytes : record.members()) {
    const auto id = ObservationId::FromBytes(bytes);
    if (!id) return absl::DataLossError("a call record is damaged");
    const auto stored = store.facts().GetObservation(*id);
    // Retention may be ahead of the call.
    if (absl::IsNotFound(stored.status())) continue;
    RETURN_IF_ERROR(stored.status());
    const store::v1::Observation& seen = stored->observation;
    const auto rtcp_id = RtcpFramesId(seen);
    if (!rtcp_id) continue;
    const size_t place =
        places.try_emplace({seen.sensor(), seen.capture_point()}, places.size())
            .first->second;
    const RtcpSource source = {place, BucketOf(seen.first_time_ns()),
                               BucketOf(seen.last_time_ns() + kAfterNs)};
    const auto [known, is_new] = sources.try_emplace(*rtcp_id, source);
    if (is_new) continue;
    // Another run of the stream.
    known->second.first_bucket =
        std::min(known->second.first_bucket, source.first_bucket);
    known->second.last_bucket =
        std::max(known->second.last_bucket, source.last_bucket);
  }
  return sources;
}

}  // namespace

absl::StatusOr<ReceiverView> ReceiverView::Read(
    Store& store, const store::v1::CallRecord& record) {
  ReceiverView view;
  ASSIGN_OR_RETURN(const auto sources, SourcesOf(store, record));
  for (const auto& [id, source] : sources) {
    v1::CallFrame frame;
    RETURN_IF_ERROR(store.media().ReadFrames(
        id, {source.first_bucket, source.last_bucket},
        [&view, &frame, place = source.place](const FrameRecord& stored) {
          if (frame.ParseFromString(stored.frame) && frame.has_rtcp()) {
            view.Take(place, stored.time_ns, frame.rtcp().packet());
          }
          return view.sent_.size() + view.heard_.size() < kMaxReports;
        }));
  }
  view.Match();
  return view;
}

void ReceiverView::Take(size_t place, int64_t time_ns,
                        const std::string& datagram) {
  const std::span<const uint8_t> bytes = {
      reinterpret_cast<const uint8_t*>(datagram.data()), datagram.size()};
  std::array<RtcpVoipMetrics, kMaxBlocks> blocks;
  const size_t found = ReadVoipMetrics(bytes, blocks);
  for (const RtcpVoipMetrics& block : std::span(blocks).first(found)) {
    const auto key = std::pair(block.ssrc, block.reporter);
    if (metrics_.size() == kMaxMetrics && metrics_.count(key) == 0) continue;
    Metrics& metrics = metrics_[key];
    // Seen at two places it counts twice: no matter, the last is the last.
    ++metrics.reports;
    if (time_ns < metrics.time_ns) continue;
    metrics.time_ns = time_ns;
    metrics.last = block;
  }
  std::array<RtcpTiming, kMaxBlocks> timings;
  const size_t timed = ReadRtcpTimings(bytes, timings);
  for (const RtcpTiming& timing : std::span(timings).first(timed)) {
    if (timing.kind == RtcpTiming::Kind::kSent) {
      sent_.try_emplace({place, timing.ssrc, timing.at}, time_ns);
    } else {
      heard_.push_back({place, time_ns, timing});
    }
  }
}

// From when a sender report passed the capture point to when the answer did,
// less the time that the receiver kept it.
void ReceiverView::Match() {
  for (const Heard& heard : heard_) {
    const auto sent =
        sent_.find({heard.place, heard.timing.of, heard.timing.at});
    if (sent == sent_.end()) continue;
    const double ms = static_cast<double>(heard.time_ns - sent->second) / 1e6 -
                      heard.timing.held * 1000.0 / 65536;
    if (ms < 0 || ms > kMaxTripMs) continue;
    Trips& trips = trips_[{heard.place, heard.timing.of, heard.timing.ssrc}];
    trips.sum_ms += ms;
    ++trips.count;
  }
}

std::vector<v1::VoipMetrics> ReceiverView::MetricsOf(uint32_t ssrc) const {
  std::vector<v1::VoipMetrics> all;
  for (auto at = metrics_.lower_bound({ssrc, 0});
       at != metrics_.end() && at->first.first == ssrc; ++at) {
    const RtcpVoipMetrics& last = at->second.last;
    v1::VoipMetrics& told = all.emplace_back();
    told.set_reporter(last.reporter);
    *told.mutable_time() = ToTimestamp(at->second.time_ns);
    told.set_reports(at->second.reports);
    told.set_loss_rate(Of256(last.loss_rate));
    told.set_discard_rate(Of256(last.discard_rate));
    told.set_burst_density(Of256(last.burst_density));
    told.set_gap_density(Of256(last.gap_density));
    told.set_burst_duration_ms(last.burst_duration_ms);
    told.set_gap_duration_ms(last.gap_duration_ms);
    told.set_round_trip_delay_ms(last.round_trip_delay_ms);
    told.set_end_system_delay_ms(last.end_system_delay_ms);
    constexpr uint8_t kUnavailable = RtcpVoipMetrics::kUnavailable;
    if (last.r_factor != kUnavailable) told.set_r_factor(last.r_factor);
    if (last.mos_lq != kUnavailable) told.set_mos_lq(last.mos_lq / 10.0);
    if (last.mos_cq != kUnavailable) told.set_mos_cq(last.mos_cq / 10.0);
  }
  return all;
}

std::optional<double> ReceiverView::ReportedRoundTripMs(uint32_t ssrc) const {
  for (auto at = metrics_.lower_bound({ssrc, 0});
       at != metrics_.end() && at->first.first == ssrc; ++at) {
    const uint16_t ms = at->second.last.round_trip_delay_ms;
    // 0 is "not known".
    if (ms > 0) return ms;
  }
  return std::nullopt;
}

std::optional<double> ReceiverView::MeasuredRoundTripMs(uint32_t ssrc) const {
  for (const auto& [key, there] : trips_) {
    const auto& [place, stream, receiver] = key;
    if (stream != ssrc) continue;
    // And the other way: from the capture point to the sender.
    const auto back = trips_.find({place, receiver, stream});
    if (back != trips_.end()) return there.mean_ms() + back->second.mean_ms();
  }
  return std::nullopt;
}

}  // namespace callbraid::collector
