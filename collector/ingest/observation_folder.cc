#include "collector/ingest/observation_folder.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include "collector/ingest/dialog_fold.h"
#include "collector/ingest/reception_fold.h"
#include "collector/ingest/rtp_fold.h"
#include "collector/ingest/withheld_runs.h"
#include "collector/store/clock_window.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/base/status_macros.h"
#include "common/media/withhold.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

// Up to 2116: whatever is computed from two times fits into 64 bits.
constexpr int64_t kMaxTimeNs = int64_t{1} << 62;
// Between packets of one chunk: half a second, and whatever a clock was set by.
constexpr int64_t kMaxChunkNs = 86'400'000'000'000;
constexpr size_t kMaxMessageBytes = 65'535;
constexpr int kMaxVlans = 8;
constexpr size_t kMacBytes = 6;
// Reports of one RTCP datagram that are looked at: what one packet can hold.
constexpr size_t kMaxReports = 31;

bool IsSane(int64_t time_ns) { return time_ns >= 0 && time_ns <= kMaxTimeNs; }

bool AreSane(const std::vector<ChunkPacket>& packets) {
  const int64_t first_ns = packets.front().time_ns;
  return std::all_of(
      packets.begin(), packets.end(), [first_ns](const ChunkPacket& packet) {
        return IsSane(packet.time_ns) &&
               std::abs(packet.time_ns - first_ns) <= kMaxChunkNs;
      });
}

size_t PayloadBytesOf(const std::vector<ChunkPacket>& packets) {
  size_t bytes = 0;
  for (const ChunkPacket& packet : packets) bytes += packet.rtp.payload.size();
  return bytes;
}

// What carries it is known, by whatever sensor.
bool IsKnown(v1::MediaTransport transport) {
  return transport == v1::MEDIA_TRANSPORT_UNSPECIFIED ||
         transport == v1::MEDIA_TRANSPORT_RTP ||
         transport == v1::MEDIA_TRANSPORT_UDPTL;
}

template <typename Frame>
std::optional<FlowKey> FlowOf(const Frame& frame) {
  const auto source = FromProto(frame.source());
  const auto destination = FromProto(frame.destination());
  if (!source || !destination) return std::nullopt;
  return FlowKey{*source, *destination};
}

bool IsSound(const v1::LinkInfo& link) {
  const auto mac = [](const std::string& bytes) {
    return bytes.empty() || bytes.size() == kMacBytes;
  };
  return mac(link.source_mac()) && mac(link.destination_mac()) &&
         link.vlan_ids_size() <= kMaxVlans;
}

// As frame.proto bounds them.
bool AreSound(const google::protobuf::RepeatedPtrField<v1::DtlsSrtp>& keys) {
  constexpr int kMaxKeys = 8;
  constexpr size_t kMaxKeyBytes = 48;
  constexpr size_t kMaxMkiBytes = 255;
  return keys.size() <= kMaxKeys &&
         std::all_of(keys.begin(), keys.end(), [](const v1::DtlsSrtp& key) {
           return IsSane(key.time_ns()) && key.profile() <= 0xffff &&
                  key.master_key_and_salt().size() <= kMaxKeyBytes &&
                  key.mki().size() <= kMaxMkiBytes;
         });
}

}  // namespace

ObservationFolder::ObservationFolder(Store& store, size_t capacity,
                                     LinkHeaders headers)
    : headers_(std::move(headers)),
      facts_(store.facts()),
      media_(store.media()),
      cache_(store.facts(), capacity) {}

absl::StatusOr<FoldResult> ObservationFolder::Fold(const FrameOrigin& origin,
                                                   const v1::CallFrame& frame,
                                                   CommitGroup& group) {
  switch (frame.body_case()) {
    case v1::CallFrame::kSip:
      return FoldSip(origin, frame, group);
    case v1::CallFrame::kRtcp:
      return FoldRtcp(origin, frame, group);
    case v1::CallFrame::kMedia:
      return FoldMedia(origin, frame, group);
    case v1::CallFrame::kStream:
      return FoldReport(origin, frame.stream(), group);
    case v1::CallFrame::kCapture:
      return FoldCapture(origin, frame.capture(), group);
    case v1::CallFrame::BODY_NOT_SET:
      break;
  }
  return FoldResult::kMalformed;
}

void ObservationFolder::SetOrigin(const FrameOrigin& origin,
                                  const ObservationId& id,
                                  store::v1::Observation& observation) {
  observation.set_id(id.bytes().data(), id.bytes().size());
  observation.set_sensor(origin.sensor);
  observation.set_site(origin.site);
  observation.set_capture_point(origin.capture_point);
}

void ObservationFolder::AddFrame(const ObservationId& id, int64_t time_ns,
                                 uint32_t ordinal, const v1::CallFrame& frame,
                                 CommitGroup& group) {
  FrameRecord& record = group.frames.emplace_back();
  record.observation = id;
  record.time_ns = time_ns;
  record.ordinal = ordinal;
  record.is_signalling = frame.has_sip();
  frame.SerializeToString(&record.frame);
}

void ObservationFolder::AddTokens(const std::vector<Token>& tokens,
                                  OpenObservation& open) {
  open.new_tokens.insert(open.new_tokens.end(), tokens.begin(), tokens.end());
}

OpenObservation& ObservationFolder::Begin(const ObservationId& id) {
  ++begun_;
  return cache_.Add(id);
}

absl::StatusOr<FoldResult> ObservationFolder::FoldSip(
    const FrameOrigin& origin, const v1::CallFrame& frame, CommitGroup& group) {
  const v1::SipFrame& sip = frame.sip();
  const auto flow = FlowOf(sip);
  if (!flow || !IsSane(sip.time_ns()) || !IsSound(sip.link()) ||
      sip.message().size() > kMaxMessageBytes) {
    return FoldResult::kMalformed;
  }
  if (sip.protocol() != v1::SIGNALLING_PROTOCOL_UNSPECIFIED &&
      sip.protocol() != v1::SIGNALLING_PROTOCOL_SIP) {
    return FoldExchange(origin, frame, *flow, group);
  }
  const auto message = ReadMessage(sip, *flow);
  if (!message) return FoldResult::kMalformed;

  const CapturePlace place{origin.sensor, origin.capture_point};
  const SignallingPair pair =
      MakeSignallingPair(flow->source, flow->destination);
  const Token call_id = CallIdToken(place, message->call_id, pair);
  ASSIGN_OR_RETURN(const std::vector<OpenObservation*> dialogs,
                   cache_.FindListed(call_id));
  OpenObservation* open = nullptr;
  for (OpenObservation* const dialog : dialogs) {
    const Fit fit = FitOf(*message, dialog->stored.observation);
    if (fit == Fit::kOther) continue;
    if (fit == Fit::kRepeat) return FoldResult::kRepeated;
    if (fit == Fit::kContinues) open = dialog;
    break;
  }
  if (open == nullptr) {
    const ObservationId id = DialogObservationId(
        place, message->call_id, message->from_tag, pair, message->time_ns);
    ASSIGN_OR_RETURN(open, cache_.Find(id));
    // One of so many uses of this Call-ID that it was not listed.
    if (open != nullptr) return FoldResult::kRepeated;
    // By either tag: the other side's requests have them swapped.
    for (const std::string& tag : {message->from_tag, message->to_tag}) {
      ASSIGN_OR_RETURN(
          const bool deleted,
          facts_.WasDeleted(DialogToken(message->call_id, tag), sip.time_ns()));
      if (deleted) return FoldResult::kDeleted;
    }
    open = &Begin(id);
    SetOrigin(origin, id, open->stored.observation);
    AddTokens(BeginDialog(*message, headers_, open->stored.observation), *open);
    AddTokens({call_id, ClockToken(open->stored.observation)}, *open);
    cache_.List(call_id, *open);
  } else {
    AddTokens(FoldMessage(*message, headers_, open->stored.observation), *open);
  }
  open->observation_changed = true;
  cache_.Note(*open);
  AddFrame(open->id, sip.time_ns(), sip.ordinal(), frame, group);
  return FoldResult::kStored;
}

absl::StatusOr<FoldResult> ObservationFolder::FoldRtcp(
    const FrameOrigin& origin, const v1::CallFrame& frame, CommitGroup& group) {
  const v1::RtcpFrame& rtcp = frame.rtcp();
  const auto flow = FlowOf(rtcp);
  if (!flow || !IsSane(rtcp.time_ns()) || rtcp.packet().empty() ||
      rtcp.packet().size() > kMaxMessageBytes) {
    return FoldResult::kMalformed;
  }
  const ObservationId id =
      RtcpFramesId({origin.sensor, origin.capture_point}, *flow, rtcp.ssrc());
  ASSIGN_OR_RETURN(const bool deleted, facts_.WasDeleted(id, rtcp.time_ns()));
  if (deleted) return FoldResult::kDeleted;
  RETURN_IF_ERROR(FoldReceptions(origin, rtcp, *flow));
  // Packets of one time differ in content, or are the same packet.
  const auto ordinal = static_cast<uint32_t>(
      XXH3_64bits(rtcp.packet().data(), rtcp.packet().size()));
  AddFrame(id, rtcp.time_ns(), ordinal, frame, group);
  return FoldResult::kStored;
}

// What receivers say of the streams that they get: kept apart from the streams,
// whose packets come by the other lane.
absl::Status ObservationFolder::FoldReceptions(const FrameOrigin& origin,
                                               const v1::RtcpFrame& rtcp,
                                               const FlowKey& flow) {
  std::array<RtcpReport, kMaxReports> reports;
  const size_t count =
      ReadRtcpReports({reinterpret_cast<const uint8_t*>(rtcp.packet().data()),
                       rtcp.packet().size()},
                      reports);
  const CapturePlace place{origin.sensor, origin.capture_point};
  const IpAddress& sender = flow.destination.address;
  const IpAddress& receiver = flow.source.address;
  for (const RtcpReport& report : std::span(reports).first(count)) {
    const SeenReport seen{rtcp.time_ns(), flow, report};
    const Token uses = ReceptionsToken(place, sender, receiver, report.ssrc);
    ASSIGN_OR_RETURN(const std::vector<OpenObservation*> listed,
                     cache_.FindListed(uses));
    OpenObservation* open = nullptr;
    ReportFit fit = ReportFit::kBeginsAnew;
    for (OpenObservation* const use : listed) {
      fit = FitOf(seen, use->stored.observation);
      open = use;
      if (fit != ReportFit::kOther) break;
    }
    // Older than all: one of so many that it was not listed, or out of order.
    if (fit == ReportFit::kRepeat || fit == ReportFit::kOther) continue;
    if (fit == ReportFit::kBeginsAnew) {
      ASSIGN_OR_RETURN(const bool deleted,
                       facts_.WasDeleted(uses, seen.time_ns));
      if (deleted) continue;
    }
    if (fit == ReportFit::kContinues) {
      FoldReception(seen, open->stored.observation);
    } else {
      open = &Begin(ReceptionObservationId(place, sender, receiver, report.ssrc,
                                           seen.time_ns));
      SetOrigin(origin, open->id, open->stored.observation);
      BeginReception(seen, open->stored.observation);
      AddTokens(
          {uses, ReceptionToken(origin.site, sender, receiver, report.ssrc)},
          *open);
      cache_.List(uses, *open);
    }
    open->observation_changed = true;
    cache_.Note(*open);
  }
  return absl::OkStatus();
}

// A run by itself, or the same packets at another capture point.
absl::StatusOr<bool> ObservationFolder::WasDeleted(const ObservationId& id,
                                                   const FlowKey& flow,
                                                   uint32_t ssrc,
                                                   int64_t time_ns) {
  ASSIGN_OR_RETURN(const bool deleted, facts_.WasDeleted(id, time_ns));
  if (deleted) return true;
  return facts_.WasDeleted(FlowToken(flow.source, flow.destination, ssrc),
                           time_ns);
}

absl::StatusOr<FoldResult> ObservationFolder::FoldMedia(
    const FrameOrigin& origin, const v1::CallFrame& frame, CommitGroup& group) {
  const v1::MediaChunk& chunk = frame.media();
  const auto flow = FlowOf(chunk);
  if (!flow || !IsKnown(chunk.transport()) ||
      !IsSane(chunk.stream_start_ns()) ||
      !ReadChunk(chunk, decoder_, packets_) || !AreSane(packets_)) {
    return FoldResult::kMalformed;
  }
  expanded_bytes_ += PayloadBytesOf(packets_) - chunk.payload().size();
  const ObservationId id =
      RtpObservationId({origin.sensor, origin.capture_point}, *flow,
                       chunk.ssrc(), chunk.stream_start_ns());
  ASSIGN_OR_RETURN(OpenObservation * open, cache_.Find(id));
  if (chunk.was_kept()) return FoldDelivered(frame, open, group);
  const bool withheld = chunk.encoding() == v1::PAYLOAD_ENCODING_KEPT;
  SequenceSet before;
  if (withheld && open != nullptr) {
    const store::v1::RtpTally& tally = open->stored.tally;
    before = SequenceSet(tally, 0).Without(SequenceSet::Withheld(tally, 0));
  }
  RtpChange change;
  if (open == nullptr || IsUnseen(open->stored.tally)) {
    if (open == nullptr) {
      ASSIGN_OR_RETURN(const bool deleted, WasDeleted(id, *flow, chunk.ssrc(),
                                                      chunk.first_time_ns()));
      if (deleted) return FoldResult::kDeleted;
      open = &Begin(id);
    }
    open->stored = {};
    SetOrigin(origin, id, open->stored.observation);
    change = BeginRtp(*flow, chunk, packets_, open->stored.observation,
                      open->stored.tally);
    change.tokens.push_back(ClockToken(open->stored.observation));
  } else if (IsRepeat(chunk, open->stored.tally)) {
    return FoldResult::kRepeated;
  } else {
    change = FoldChunk(chunk, packets_, open->stored.observation,
                       open->stored.tally);
  }
  if (withheld) NoteWithheld(packets_, before, open->stored.tally);
  AddTokens(change.tokens, *open);
  open->observation_changed = open->observation_changed || change.observation;
  open->tally_changed = true;
  cache_.Note(*open);
  AddFrame(id, chunk.first_time_ns(), 0, frame, group);
  return FoldResult::kStored;
}

// It takes the place of the chunk that had no payload, and must be that: what
// was told of a stream is not told anew.
absl::StatusOr<FoldResult> ObservationFolder::FoldDelivered(
    const v1::CallFrame& frame, OpenObservation* open, CommitGroup& group) {
  const v1::MediaChunk& chunk = frame.media();
  if (open == nullptr || open->stored.tally.withheld_runs().empty()) {
    return FoldResult::kRepeated;
  }
  const auto stored = media_.GetFrame(open->id, chunk.first_time_ns(), 0);
  // What is damaged is not there either: the gap stays.
  if (absl::IsNotFound(stored.status()) || absl::IsDataLoss(stored.status())) {
    return FoldResult::kRepeated;
  }
  RETURN_IF_ERROR(stored.status());
  v1::CallFrame bare;
  if (!bare.ParseFromString(*stored)) return FoldResult::kMalformed;
  if (bare.media().encoding() != v1::PAYLOAD_ENCODING_KEPT) {
    return FoldResult::kRepeated;
  }
  if (!IsPayloadOf(bare.media(), chunk, packets_)) {
    return FoldResult::kMalformed;
  }
  // Twice in one commit.
  if (!NoteDelivered(packets_, open->stored.tally)) {
    return FoldResult::kRepeated;
  }
  open->tally_changed = true;
  cache_.Note(*open);
  AddFrame(open->id, chunk.first_time_ns(), 0, frame, group);
  return FoldResult::kStored;
}

absl::StatusOr<FoldResult> ObservationFolder::FoldReport(
    const FrameOrigin& origin, const v1::StreamReport& report,
    CommitGroup& group) {
  const auto flow = FlowOf(report);
  if (!flow || !IsKnown(report.transport()) || !IsSane(report.time_ns()) ||
      !IsSane(report.stream_start_ns()) || !IsSound(report.link()) ||
      !AreSound(report.dtls_srtp())) {
    return FoldResult::kMalformed;
  }
  const ObservationId id =
      RtpObservationId({origin.sensor, origin.capture_point}, *flow,
                       report.ssrc(), report.stream_start_ns());
  // Its packets may be still to come, by the other spool.
  ASSIGN_OR_RETURN(OpenObservation * open, cache_.Find(id));
  if (open == nullptr) {
    ASSIGN_OR_RETURN(const bool deleted, WasDeleted(id, *flow, report.ssrc(),
                                                    report.stream_start_ns()));
    if (deleted) return FoldResult::kDeleted;
  }
  if (open == nullptr && report.final()) {
    open = &Begin(id);
    SetOrigin(origin, id, open->stored.observation);
    RtpChange change = BeginUnseen(*flow, report, open->stored.observation,
                                   open->stored.tally);
    change.tokens.push_back(ClockToken(open->stored.observation));
    AddTokens(change.tokens, *open);
    open->observation_changed = open->tally_changed = true;
  }
  if (open != nullptr) cache_.Note(*open);
  group.reports.push_back({id, report});
  return FoldResult::kStored;
}

absl::StatusOr<FoldResult> ObservationFolder::FoldCapture(
    const FrameOrigin& origin, const v1::CaptureReport& report,
    CommitGroup& group) {
  if (!IsSane(report.time_ns())) return FoldResult::kMalformed;
  if (!report.final()) return FoldResult::kStored;
  group.capture_ends.push_back(
      {origin.sensor, origin.capture_point, report.time_ns()});
  cache_.ForEach([this, &origin](OpenObservation& open) {
    const store::v1::Observation& observation = open.stored.observation;
    if (observation.sensor() == origin.sensor &&
        observation.capture_point() == origin.capture_point) {
      cache_.Note(open);
    }
  });
  return FoldResult::kStored;
}

}  // namespace callbraid::collector
