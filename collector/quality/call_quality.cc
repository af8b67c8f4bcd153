#include "collector/quality/call_quality.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "collector/calls/stream_rating.h"
#include "collector/emodel/codec_impairment.h"
#include "collector/hearing/call_listening.h"
#include "collector/playout/call_layout.h"
#include "collector/playout/packet_reader.h"
#include "collector/playout/stream_union.h"
#include "collector/playout/transit.h"
#include "collector/quality/rating.h"
#include "collector/quality/receiver_view.h"
#include "collector/quality/stream_quality.h"
#include "collector/store/proto_time.h"
#include "collector/timeline/call_holds.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kMaxSlices = 2000;
constexpr size_t kMaxSlicesOfCall = 10'000;
constexpr size_t kLeastSlices = 20;

// Where a stream does not tell how far its packets are apart.
constexpr int64_t kUsualIntervalNs = 20'000'000;
// The tag of HMAC-SHA1-80, which most SRTP has (RFC 5764, section 4.1.2).
constexpr size_t kUsualTrailerBytes = 10;

// A slice of fewer packets than a second's is no worst one.
constexpr uint64_t kSecondOfPackets = 50;

// What makes of the packets of one stream what is measured.
class Reader {
 public:
  Reader(const v1::Stream& stream, const TrackSource& source)
      : stream_(stream), source_(source), trailer_(TrailerOf(stream, source)) {}

  QualityPacket ToQuality(int64_t time_ns, uint16_t sequence,
                          uint32_t timestamp, uint8_t payload_type,
                          size_t payload_bytes) const {
    const PayloadMeaning& meaning = source_.payloads.At(payload_type, time_ns);
    QualityPacket packet;
    packet.time_ns = time_ns;
    packet.sequence = sequence;
    packet.timestamp = timestamp;
    packet.payload_type = payload_type;
    packet.payload_bytes = payload_bytes - std::min(payload_bytes, trailer_);
    // By its form, where nothing tells what it is.
    const bool may_be_event =
        meaning.name.empty() && payload_type >= 96 && payload_bytes == 4;
    if (may_be_event || (meaning.silent && !meaning.comfort_noise)) {
      return packet;
    }
    packet.clock_rate = ClockRate(meaning);
    if (meaning.comfort_noise) return packet;
    packet.codec = meaning.name.empty() ? stream_.codec() : meaning.name;
    return packet;
  }

 private:
  uint32_t ClockRate(const PayloadMeaning& meaning) const {
    if (meaning.codec != nullptr) return source_.rates.Of(*meaning.codec);
    return stream_.clock_rate();
  }

  // Bytes of SRTP behind the payload.
  static size_t TrailerOf(const v1::Stream& stream, const TrackSource& source) {
    if (!source.keys.empty()) return TrailerBytes(source.keys.front());
    return stream.encrypted() ? kUsualTrailerBytes : 0;
  }

  const v1::Stream& stream_;
  const TrackSource& source_;
  const size_t trailer_;
};

absl::Status MeasureUnion(Store& store, const TrackSource& source,
                          const Reader& reader, StreamQuality& quality) {
  // Without decryption: headers are in clear.
  StreamUnion packets(store.media(), source.observations);
  while (const auto packet = packets.Next()) {
    quality.Add(reader.ToQuality(packet->time_ns, packet->sequence,
                                 packet->timestamp, packet->payload_type,
                                 packet->payload_size));
  }
  quality.Finish();
  return packets.status();
}

absl::Status MeasureObservation(Store& store, const ObservationSource& source,
                                const Reader& reader, StreamQuality& quality) {
  PacketReader packets(store.media(), source);
  while (const ChunkPacket* packet = packets.Peek()) {
    quality.Add(reader.ToQuality(
        packet->time_ns, packet->rtp.sequence, packet->rtp.timestamp,
        packet->rtp.payload_type, packet->payload_size));
    packets.Pop();
  }
  quality.Finish();
  return packets.status();
}

int64_t IntervalOf(const CodecUse& codec) {
  return codec.interval_ns.value() > 0 ? codec.interval_ns.value()
                                       : kUsualIntervalNs;
}

// Mean delay of the network from sender to receiver.
void FindDelay(const v1::Stream& stream, const ReceiverView& receivers,
               v1::StreamQuality& told) {
  if (const auto trip = receivers.ReportedRoundTripMs(stream.ssrc())) {
    told.set_one_way_delay_ms(*trip / 2);
    told.set_delay_source(v1::DELAY_SOURCE_XR);
    return;
  }
  if (const auto trip = receivers.MeasuredRoundTripMs(stream.ssrc())) {
    told.set_one_way_delay_ms(*trip / 2);
    told.set_delay_source(v1::DELAY_SOURCE_RTCP);
    return;
  }
  for (const v1::Hop& hop : stream.hops()) {
    if (!hop.has_delay_ms()) continue;
    // Clocks are known only so well: a hop may seem to take less than nothing.
    told.set_one_way_delay_ms(told.one_way_delay_ms() +
                              std::max(0.0, hop.delay_ms()));
    told.set_delay_source(v1::DELAY_SOURCE_HOPS);
  }
}

// Of `lost`, what no capture point saw: what is known to have arrived, or to
// have gone elsewhere. While a call is on, its record is behind its packets.
uint64_t NotLost(const v1::Call& call, const v1::Stream& stream,
                 uint64_t lost) {
  const uint64_t known =
      call.has_end_time() ? lost : std::min<uint64_t>(lost, stream.lost());
  return known - std::min<uint64_t>(known, stream.lost_before());
}

// Writes up one stream.
class StreamReport {
 public:
  StreamReport(const v1::GetQualityRequest& request, const v1::Call& call,
               const v1::Stream& stream, const StreamQuality& whole)
      : request_(request),
        call_(call),
        stream_(stream),
        whole_(whole),
        impairments_(Impairments(whole)) {}

  void Write(const ReceiverView& receivers, bool is_union,
             v1::StreamQuality& told) const {
    told.set_stream_id(stream_.id());
    told.set_side(stream_.side());
    told.set_lost_further_on(LostFurtherOn(stream_));
    told.set_not_lost(NotLost(call_, stream_, whole_.total().lost));
    for (v1::VoipMetrics& metrics : receivers.MetricsOf(stream_.ssrc())) {
      *told.add_reports() = std::move(metrics);
    }
    FindDelay(stream_, receivers, told);
    const size_t main = whole_.main_codec();
    const CodecUse& codec = whole_.codecs()[main];
    told.mutable_codec()->set_name(codec.name);
    *told.mutable_packets() =
        ToProto(whole_.total(), IntervalOf(codec), !is_union);
    if (const auto& impairment = impairments_[main]) {
      WriteImpairment(*impairment, *told.mutable_codec());
      RatingTerms terms;
      terms.lost_further_on = told.lost_further_on();
      terms.not_lost = told.not_lost();
      if (told.has_one_way_delay_ms()) {
        terms.delay_ms =
            told.one_way_delay_ms() +
            static_cast<double>(IntervalOf(codec) + Transit::kBufferNs) / 1e6;
      }
      *told.mutable_rating() = Rate(whole_.total(), *impairment, terms);
      told.mutable_rating()->set_worst_mos_listening(
          WorstMos(whole_, told.rating().mos_listening()));
    }
    if (!request_.with_slices()) return;
    *told.mutable_slice_length() =
        TimeUtil::NanosecondsToDuration(whole_.slices().length_ns());
    WriteSlices(whole_, impairments_, !is_union, *told.mutable_slices());
  }

  void WriteObservation(const v1::StreamObservation& seen,
                        const StreamQuality& quality,
                        v1::ObservationQuality& told) const {
    told.set_id(seen.id());
    told.set_sensor(seen.sensor());
    told.set_capture_point(seen.capture_point());
    const CodecUse& codec = quality.codecs()[quality.main_codec()];
    *told.mutable_packets() = ToProto(quality.total(), IntervalOf(codec), true);
    const auto impairment = ImpairmentOf(codec.name, codec.bits_per_second(),
                                         !request_.without_plc());
    if (impairment) *told.mutable_rating() = Rate(quality.total(), *impairment);
    if (!request_.with_slices()) return;
    *told.mutable_slice_length() =
        TimeUtil::NanosecondsToDuration(quality.slices().length_ns());
    WriteSlices(quality, Impairments(quality), true, *told.mutable_slices());
  }

 private:
  using Slices = google::protobuf::RepeatedPtrField<v1::QualitySlice>;

  // As the codecs of `quality`.
  std::vector<std::optional<CodecImpairment>> Impairments(
      const StreamQuality& quality) const {
    std::vector<std::optional<CodecImpairment>> impairments;
    for (const CodecUse& codec : quality.codecs()) {
      impairments.push_back(ImpairmentOf(codec.name, codec.bits_per_second(),
                                         !request_.without_plc()));
    }
    return impairments;
  }

  static void WriteImpairment(const CodecImpairment& impairment,
                              v1::CodecImpairment& told) {
    told.set_ie(impairment.ie);
    told.set_bpl(impairment.bpl);
    told.set_wideband(impairment.wideband);
    told.set_provisional(impairment.provisional);
    told.set_source(impairment.source);
  }

  double WorstMos(const StreamQuality& quality, double mos) const {
    for (const QualitySlice& slice : quality.slices().slices()) {
      const auto& impairment = impairments_[slice.codec];
      if (!impairment || slice.counts.expected < kSecondOfPackets) continue;
      mos = std::min(mos, Rate(slice.counts, *impairment).mos_listening());
    }
    return mos;
  }

  // With copies, where these can be told.
  static void WriteSlices(
      const StreamQuality& quality,
      const std::vector<std::optional<CodecImpairment>>& impairments,
      bool with_copies, Slices& told) {
    const QualitySlices& slices = quality.slices();
    for (const QualitySlice& slice : slices.slices()) {
      v1::QualitySlice& out = *told.Add();
      *out.mutable_time() = ToTimestamp(slices.BeginOf(slice));
      *out.mutable_packets() = ToProto(
          slice.counts, IntervalOf(quality.codecs()[slice.codec]), with_copies);
      const auto& impairment = impairments[slice.codec];
      if (!impairment || slice.counts.expected == 0) continue;
      *out.mutable_rating() = Rate(slice.counts, *impairment);
    }
  }

  const v1::GetQualityRequest& request_;
  const v1::Call& call_;
  const v1::Stream& stream_;
  const StreamQuality& whole_;
  const std::vector<std::optional<CodecImpairment>> impairments_;
};

template <typename Items>
auto FindById(const Items& items, const std::string& id)
    -> decltype(&*items.begin()) {
  for (const auto& item : items) {
    if (item.id() == id) return &item;
  }
  return nullptr;
}

absl::Status ReadStream(Store& store, const v1::GetQualityRequest& request,
                        const v1::Call& call, const v1::Stream& stream,
                        const TrackSource& source, size_t max_slices,
                        const ReceiverView& receivers,
                        v1::StreamQuality& told) {
  const Reader reader(stream, source);
  const bool is_union = source.observations.size() > 1;
  const int64_t origin_ns = ToNs(call.start_time());
  StreamQuality whole(origin_ns, max_slices);
  RETURN_IF_ERROR(is_union
                      ? MeasureUnion(store, source, reader, whole)
                      : MeasureObservation(store, source.observations.front(),
                                           reader, whole));
  const StreamReport report(request, call, stream, whole);
  report.Write(receivers, is_union, told);
  for (const ObservationSource& seen : source.observations) {
    const auto* observation = FindById(stream.observations(), seen.id.ToHex());
    if (observation == nullptr) continue;
    if (!is_union) {
      report.WriteObservation(*observation, whole, *told.add_observations());
      continue;
    }
    StreamQuality quality(origin_ns, max_slices);
    RETURN_IF_ERROR(MeasureObservation(store, seen, reader, quality));
    report.WriteObservation(*observation, quality, *told.add_observations());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::GetQualityResponse> ReadQuality(
    Store& store, const store::v1::CallRecord& record,
    const v1::GetQualityRequest& request) {
  ASSIGN_OR_RETURN(const std::vector<TrackSource> sources,
                   SourcesOfStreams(store, record, request.stream_id()));
  ASSIGN_OR_RETURN(const ReceiverView receivers,
                   ReceiverView::Read(store, record));
  // Each union, and each capture point.
  size_t measured = 0;
  for (const TrackSource& source : sources) {
    measured += 1 + source.observations.size();
  }
  const size_t max_slices =
      std::clamp(kMaxSlicesOfCall / std::max<size_t>(1, measured), kLeastSlices,
                 kMaxSlices);
  v1::GetQualityResponse response;
  for (const TrackSource& source : sources) {
    const v1::Stream* stream =
        FindById(record.call().streams(), source.stream_id);
    if (stream == nullptr) continue;
    RETURN_IF_ERROR(ReadStream(store, request, record.call(), *stream, source,
                               max_slices, receivers, *response.add_streams()));
  }
  if (request.with_listening() && request.stream_id().empty()) {
    ASSIGN_OR_RETURN(const std::vector<CallStretch> holds,
                     HoldsOfCall(store, record));
    ASSIGN_OR_RETURN(std::optional<v1::CallListening> listening,
                     ListenToCall(store, record, holds));
    if (listening) *response.mutable_listening() = *std::move(listening);
  }
  return response;
}

}  // namespace callbraid::collector
