#include "collector/query/call_rtcp.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "collector/store/buckets.h"
#include "collector/store/clock_offset.h"
#include "collector/store/observation_identity.h"
#include "common/base/status_macros.h"
#include "common/bytes/byte_reader.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kRtcpAfterNs = 30'000'000'000;
constexpr size_t kMaxWords = 8;

// RTCP of a sender at a capture point.
struct RtcpSource {
  std::string sensor;
  std::string capture_point;
  std::string leg_id;
  uint32_t first_bucket = 0;
  uint32_t last_bucket = 0;
};

absl::StatusOr<std::map<ObservationId, RtcpSource>> SourcesOf(
    Store& store, const store::v1::CallRecord& record) {
  std::map<std::string, std::string> leg_of;
  for (const v1::Stream& stream : record.call().streams()) {
    for (const v1::StreamObservation& observation : stream.observations()) {
      leg_of[observation.id()] = stream.leg_id();
    }
  }
  // Two runs of a stream share their RTCP; it must not come twice.
  std::map<ObservationId, RtcpSource> sources;
  for (const std::string& bytes : record.members()) {
    const auto id = ObservationId::FromBytes(bytes);
    if (!id) return absl::DataLossError("a call record is damaged");
    ASSIGN_OR_RETURN(const StoredObservation stored,
                     store.facts().GetObservation(*id));
    const store::v1::Observation& observation = stored.observation;
    const auto rtcp_id = RtcpFramesId(observation);
    if (!rtcp_id) continue;
    const RtcpSource source = {
        observation.sensor(), observation.capture_point(), leg_of[id->ToHex()],
        BucketOf(observation.first_time_ns()),
        BucketOf(observation.last_time_ns() + kRtcpAfterNs)};
    RtcpSource& all = sources.try_emplace(*rtcp_id, source).first->second;
    all.first_bucket = std::min(all.first_bucket, source.first_bucket);
    all.last_bucket = std::max(all.last_bucket, source.last_bucket);
  }
  return sources;
}

// RFC 3550, section 12.1; RFC 4585 and 3611.
const char* NameOf(uint8_t type) {
  switch (type) {
    case 200:
      return "SR";
    case 201:
      return "RR";
    case 202:
      return "SDES";
    case 203:
      return "BYE";
    case 204:
      return "APP";
    case 205:
      return "RTPFB";
    case 206:
      return "PSFB";
    case 207:
      return "XR";
    default:
      return "?";
  }
}

// The first report block behind a header (and a sender's own words).
//   ssrc:32 fraction_lost:8 lost:24 highest:32 jitter:32 lsr:32 dlsr:32
std::string WordsOfReport(ByteReader in) {
  in.U32();
  const uint32_t loss = in.U32();
  in.U32();
  const uint32_t jitter = in.U32();
  if (!in.ok()) return "";
  // Signed, of 24 bits.
  const int32_t lost = static_cast<int32_t>(loss << 8) >> 8;
  return absl::StrFormat("%.1f %% lost, %d packets, jitter %d units",
                         (loss >> 24) * 100 / 256.0, lost, jitter);
}

}  // namespace

absl::Status VisitRtcp(Store& store, const store::v1::CallRecord& record,
                       const std::function<bool(const CallRtcp&)>& visit) {
  ASSIGN_OR_RETURN(const auto sources, SourcesOf(store, record));
  bool go_on = true;
  v1::CallFrame frame;
  for (const auto& [id, of_sender] : sources) {
    // A structured binding cannot be captured by clang 14.
    const RtcpSource& source = of_sender;
    RETURN_IF_ERROR(store.media().ReadFrames(
        id, {source.first_bucket, source.last_bucket},
        [&](const FrameRecord& stored) {
          if (!frame.ParseFromString(stored.frame) || !frame.has_rtcp()) {
            return true;
          }
          const int64_t raw_ns = frame.rtcp().time_ns();
          go_on = visit({frame.rtcp(), source.sensor, source.capture_point,
                         source.leg_id,
                         raw_ns + OffsetAt(record, source.sensor, raw_ns)});
          return go_on;
        }));
    if (!go_on) break;
  }
  return absl::OkStatus();
}

std::string SummaryOfRtcp(std::string_view packet) {
  std::vector<std::string> names;
  std::string report;
  ByteReader in(
      {reinterpret_cast<const uint8_t*>(packet.data()), packet.size()});
  while (!in.rest().empty() && names.size() < kMaxWords) {
    const uint8_t first = in.U8();
    const uint8_t type = in.U8();
    const size_t length = size_t{4} * in.U16();
    const auto body = in.Take(length);
    // Behind what is encrypted stand an index and a tag.
    if (!in.ok() || first >> 6 != 2) {
      names.push_back(names.empty() ? "?" : "SRTCP");
      break;
    }
    names.emplace_back(NameOf(type));
    const bool is_report = type == 200 || type == 201;
    if (!is_report || (first & 0x1f) == 0 || !report.empty()) continue;
    ByteReader block(body);
    block.Take(type == 200 ? size_t{24} : size_t{4});
    report = WordsOfReport(block);
  }
  return absl::StrCat(absl::StrJoin(names, " "), report.empty() ? "" : ": ",
                      report);
}

}  // namespace callbraid::collector
