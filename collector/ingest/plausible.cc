#include "collector/ingest/plausible.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace callbraid::collector {
namespace {

// 2000-01-01: a clock before that was never set.
constexpr int64_t kEarliestNs = 946'684'800'000'000'000;
constexpr int64_t kAheadNs = 86'400'000'000'000;
// More than any counter of packets reaches, and sums of them fit.
constexpr uint64_t kMaxCount = uint64_t{1} << 56;
constexpr uint64_t kMaxPacketBytes = 65'535;
// What libpcap may give at most (MAXIMUM_SNAPLEN).
constexpr uint64_t kMaxFrameBytes = 262'144;

bool IsTimely(int64_t time_ns, int64_t now_ns) {
  return time_ns >= kEarliestNs && time_ns <= now_ns + kAheadNs;
}

bool AreTimely(const v1::CallFrame& frame, int64_t now_ns) {
  switch (frame.body_case()) {
    case v1::CallFrame::kSip:
      return IsTimely(frame.sip().time_ns(), now_ns);
    case v1::CallFrame::kRtcp:
      return IsTimely(frame.rtcp().time_ns(), now_ns);
    case v1::CallFrame::kMedia:
      return IsTimely(frame.media().stream_start_ns(), now_ns) &&
             IsTimely(frame.media().first_time_ns(), now_ns);
    case v1::CallFrame::kStream:
      return IsTimely(frame.stream().stream_start_ns(), now_ns) &&
             IsTimely(frame.stream().time_ns(), now_ns);
    case v1::CallFrame::kCapture:
      return IsTimely(frame.capture().time_ns(), now_ns);
    case v1::CallFrame::BODY_NOT_SET:
      break;
  }
  return true;
}

bool AreConsistent(const v1::StreamStatistics& statistics) {
  return statistics.lost() <= statistics.expected() &&
         statistics.duplicates() <= statistics.packets() &&
         statistics.reordered() <= statistics.packets() &&
         statistics.jitter_us() <= statistics.max_jitter_us() &&
         statistics.payload_bytes() <= statistics.packets() * kMaxPacketBytes;
}

bool AreConsistent(const v1::CaptureReport& report) {
  const uint64_t counts[] = {report.packets(), report.kernel_drops(),
                             report.interface_drops(), report.mirror_copies(),
                             report.tunnel_drops()};
  return std::all_of(std::begin(counts), std::end(counts),
                     [](uint64_t count) { return count <= kMaxCount; }) &&
         std::all_of(
             report.discarded().begin(), report.discarded().end(),
             [](const auto& reason) { return reason.second <= kMaxCount; }) &&
         report.bytes() / kMaxFrameBytes <= report.packets();
}

std::string Utc(int64_t time_ns) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixNanos(time_ns),
                          absl::UTCTimeZone());
}

}  // namespace

bool IsPlausible(const v1::CallFrame& frame, bool live, int64_t now_ns) {
  if (live && !AreTimely(frame, now_ns)) return false;
  if (frame.has_stream()) return AreConsistent(frame.stream().statistics());
  if (frame.has_capture()) return AreConsistent(frame.capture());
  return true;
}

absl::Status CheckClock(const v1::Hello& hello, int64_t now_ns) {
  const bool live = std::any_of(hello.capture_points().begin(),
                                hello.capture_points().end(), IsLive);
  const int64_t clock_ns = hello.clock_ns();
  // 0: it does not say.
  if (!live || clock_ns == 0 || IsTimely(clock_ns, now_ns)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the clock of sensor '", hello.sensor_id(), "' says ", Utc(clock_ns),
      ", the collector's ", Utc(now_ns),
      ": set it (NTP); what was captured stays in the sensor's spool"));
}

}  // namespace callbraid::collector
