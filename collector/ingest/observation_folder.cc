#include "collector/ingest/observation_folder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "collector/ingest/dialog_fold.h"
#include "collector/ingest/reception_fold.h"
#include "collector/ingest/sound.h"
#include "collector/store/clock_window.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/base/status_macros.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxMessageBytes = 65'535;
// Reports of one RTCP datagram that are looked at: what one packet can hold.
constexpr size_t kMaxReports = 31;

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
