#include "collector/ingest/sensor_session.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace callbraid::collector {
namespace {

constexpr int kMaxFrames = 4096;
constexpr int kMaxCapturePoints = 64;
constexpr int kMaxSpools = 8;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxCapturePointBytes = 128;
constexpr size_t kMaxVersionBytes = 64;

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

absl::Status CheckSpools(const v1::Hello& hello) {
  if (hello.spools_size() > kMaxSpools) {
    return absl::InvalidArgumentError("hello.spools: more than 8");
  }
  for (int i = 0; i < hello.spools_size(); ++i) {
    const uint64_t id = hello.spools(i).spool_id();
    if (id == 0) {
      return absl::InvalidArgumentError("hello.spools: spool_id must not be 0");
    }
    for (int other = 0; other < i; ++other) {
      if (hello.spools(other).spool_id() == id) {
        return absl::InvalidArgumentError("hello.spools: a spool_id twice");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckHello(const v1::Hello& hello) {
  if (!IsName(hello.sensor_id())) {
    return absl::InvalidArgumentError(
        "hello.sensor_id: must be 1 to 64 of [A-Za-z0-9._-]");
  }
  if (!IsName(hello.site())) {
    return absl::InvalidArgumentError(
        "hello.site: must be 1 to 64 of [A-Za-z0-9._-]");
  }
  if (hello.version().size() > kMaxVersionBytes) {
    return absl::InvalidArgumentError("hello.version: longer than 64 bytes");
  }
  if (hello.capture_points_size() > kMaxCapturePoints) {
    return absl::InvalidArgumentError("hello.capture_points: more than 64");
  }
  for (const v1::CapturePoint& point : hello.capture_points()) {
    // NUL ends names in keys.
    if (point.name().empty() || point.name().size() > kMaxCapturePointBytes ||
        point.name().find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(
          "hello.capture_points: a name must have 1 to 128 bytes, none NUL");
    }
  }
  return CheckSpools(hello);
}

SensorSession::SensorSession(v1::Hello hello,
                             const std::vector<SpoolWatermark>& watermarks,
                             uint64_t window_bytes)
    : hello_(std::move(hello)),
      window_bytes_(window_bytes),
      credit_bytes_(window_bytes) {
  for (const v1::SpoolState& spool : hello_.spools()) {
    spools_[spool.spool_id()] = {};
  }
  for (const SpoolWatermark& watermark : watermarks) {
    Spool& spool = spools_[watermark.spool_id];
    spool.accepted = spool.stored = watermark.sequence;
  }
}

v1::Welcome SensorSession::Welcome(const std::string& version,
                                   int64_t clock_ns) const {
  v1::Welcome welcome;
  welcome.set_version(version);
  welcome.set_clock_ns(clock_ns);
  welcome.mutable_credit()->set_bytes(credit_bytes_);
  for (const v1::SpoolState& state : hello_.spools()) {
    v1::Watermark& watermark = *welcome.add_watermarks();
    watermark.set_spool_id(state.spool_id());
    const uint64_t stored = spools_.at(state.spool_id()).stored;
    watermark.set_received(stored);
    watermark.set_stored(stored);
  }
  return welcome;
}

absl::StatusOr<int> SensorSession::Accept(const v1::FrameBatch& batch,
                                          size_t bytes) {
  const auto found = spools_.find(batch.spool_id());
  if (found == spools_.end()) {
    return absl::InvalidArgumentError(
        "batch.spool_id: not one of the hello's spools");
  }
  Spool& spool = found->second;
  const int frames = batch.frames_size();
  if (frames == 0 || frames > kMaxFrames) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch.frames: ", frames, ", must be 1 to 4096"));
  }
  const uint64_t first = batch.first_sequence();
  if (first == 0 || first > std::numeric_limits<uint64_t>::max() - kMaxFrames) {
    return absl::InvalidArgumentError("batch.first_sequence: out of range");
  }
  const uint64_t next = spool.accepted + 1;
  if (first > next) {
    const uint64_t gap = first - next;
    // More may have been discarded than what is missing here.
    if (gap > batch.discarded_before()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "batch.first_sequence: ", first, " after ", spool.accepted,
          ": a gap that discarded_before does not announce"));
    }
    discarded_frames_ += gap;
  }
  accepted_bytes_ += bytes;
  const uint64_t last = first + static_cast<uint64_t>(frames) - 1;
  if (last <= spool.accepted) {
    spool.repeat_ack = true;
    return frames;
  }
  const uint64_t repeated = first < next ? next - first : 0;
  spool.accepted = last;
  return static_cast<int>(repeated);
}

std::vector<SpoolWatermark> SensorSession::Uncommitted() const {
  std::vector<SpoolWatermark> watermarks;
  for (const auto& [id, spool] : spools_) {
    if (spool.accepted == spool.stored) continue;
    watermarks.push_back({sensor(), id, spool.accepted});
  }
  return watermarks;
}

SensorSession::Answer SensorSession::Committed(bool give_credit) {
  Answer answer;
  for (auto& [id, spool] : spools_) {
    if (spool.accepted == spool.stored && !spool.repeat_ack) continue;
    spool.stored = spool.accepted;
    spool.repeat_ack = false;
    v1::Watermark& watermark = *answer.ack.add_watermarks();
    watermark.set_spool_id(id);
    watermark.set_received(spool.stored);
    watermark.set_stored(spool.stored);
  }
  const uint64_t credit = accepted_bytes_ + window_bytes_;
  if (give_credit && credit - credit_bytes_ >= window_bytes_ / 4) {
    credit_bytes_ = credit;
    answer.credit.set_bytes(credit);
  }
  return answer;
}

}  // namespace callbraid::collector
