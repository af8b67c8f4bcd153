#include "collector/store/rocksdb_call_parts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "collector/store/buckets.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxReceptions = 64;

}  // namespace

std::optional<ObservationId> RtcpOf(const store::v1::Observation& observation) {
  if (!observation.has_reception()) return RtcpFramesId(observation);
  const store::v1::ReceptionObservation& reception = observation.reception();
  const auto reporter = FromProto(reception.reporter());
  const auto sender = FromProto(reception.sender());
  if (!reporter || !sender) return std::nullopt;
  return RtcpFramesId({observation.sensor(), observation.capture_point()},
                      {*reporter, *sender}, reception.reporter_ssrc());
}

std::vector<FiledFrames> CallPart::Media() const {
  std::vector<FiledFrames> media = {{id, buckets}};
  if (const auto rtcp = RtcpOf(observation)) {
    media.push_back({*rtcp,
                     {BucketOf(first_ns - kRtcpBeforeNs),
                      BucketOf(last_ns + kRtcpAfterNs)}});
  }
  return media;
}

absl::StatusOr<CallPart> RocksDbCallParts::Read(const ObservationId& id) const {
  CallPart part;
  part.id = id;
  auto stored = facts_.GetCommitted(id);
  if (absl::IsNotFound(stored.status()) || absl::IsDataLoss(stored.status())) {
    return part;
  }
  RETURN_IF_ERROR(stored.status());
  const auto& ranges = stored->observation.has_rtp()
                           ? stored->tally.bucket_ranges()
                           : stored->observation.bucket_ranges();
  part.buckets.assign(ranges.begin(), ranges.end());
  part.first_ns = stored->observation.first_time_ns();
  part.last_ns = std::max(stored->observation.last_time_ns(),
                          stored->tally.last_time_ns());
  part.observation = std::move(stored->observation);
  return part;
}

absl::StatusOr<std::vector<CallPart>> RocksDbCallParts::Of(
    const store::v1::CallRecord& record) const {
  std::vector<CallPart> parts;
  for (const std::string& bytes : record.members()) {
    const auto member = ObservationId::FromBytes(bytes);
    if (!member) return absl::DataLossError("a call with a damaged member");
    ASSIGN_OR_RETURN(CallPart part, Read(*member));
    parts.push_back(std::move(part));
  }
  const size_t members = parts.size();
  for (size_t i = 0; i < members; ++i) {
    const CallPart stream = parts[i];
    RETURN_IF_ERROR(AddReceptions(stream, parts));
  }
  return parts;
}

absl::Status RocksDbCallParts::AddReceptions(
    const CallPart& stream, std::vector<CallPart>& parts) const {
  if (!stream.observation.has_rtp()) return absl::OkStatus();
  const store::v1::RtpObservation& rtp = stream.observation.rtp();
  const auto source = FromProto(rtp.source());
  const auto destination = FromProto(rtp.destination());
  if (!source || !destination) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::vector<ObservationId> found,
      facts_.FindByToken(
          ReceptionToken(stream.observation.site(), source->address,
                         destination->address, rtp.ssrc()),
          stream.first_ns - kRtcpBeforeNs, stream.last_ns + kRtcpAfterNs,
          kMaxReceptions));
  for (const ObservationId& id : found) {
    if (std::any_of(parts.begin(), parts.end(),
                    [&id](const CallPart& known) { return known.id == id; })) {
      continue;
    }
    ASSIGN_OR_RETURN(CallPart part, Read(id));
    // Else it is the stream itself, at a place that is not of this call; or of
    // another one with the same addresses.
    if (part.observation.has_reception() &&
        part.last_ns <= stream.last_ns + kRtcpAfterNs) {
      parts.push_back(std::move(part));
    }
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
