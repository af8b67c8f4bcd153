#include "sensor/capture/file_source.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

constexpr int kPacketsPerRead = 2048;
// So that Stop() and whoever waits for Read() are heard.
constexpr int64_t kLongestWaitNs = 20'000'000;

void Wait(int64_t ns) {
  const timespec time = {.tv_sec = static_cast<time_t>(ns / 1'000'000'000),
                         .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

}  // namespace

absl::StatusOr<std::optional<double>> ParseSpeed(std::string_view text) {
  if (text.empty() || text == "max") return std::optional<double>();
  if (text == "real") return std::optional<double>(1.0);
  double factor = 0;
  if (!absl::SimpleAtod(ToAbsl(text), &factor) || !std::isfinite(factor) ||
      factor <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "speed '", ToAbsl(text), "' is not max, real or a factor above 0"));
  }
  return std::optional<double>(factor);
}

absl::StatusOr<std::unique_ptr<FileSource>> FileSource::Open(
    const std::string& path, const v1::CaptureConfig& config,
    const Clock& clock) {
  ASSIGN_OR_RETURN(const std::optional<double> speed,
                   ParseSpeed(config.speed()));
  ASSIGN_OR_RETURN(auto file, OpenPacketFile(path, config.filter()));
  return std::unique_ptr<FileSource>(
      new FileSource(path, std::move(file), speed, clock));
}

FileSource::FileSource(const std::string& path,
                       std::unique_ptr<PacketFile> file,
                       std::optional<double> speed, const Clock& clock)
    : path_(path),
      name_(path.substr(path.rfind('/') + 1)),
      file_(std::move(file)),
      speed_(speed),
      clock_(clock) {}

absl::StatusOr<bool> FileSource::Read(PacketSink& sink) {
  for (int count = 0; count < kPacketsPerRead; ++count) {
    if (stopped_.load(std::memory_order_relaxed)) return false;
    if (!pending_) {
      ASSIGN_OR_RETURN(const bool more, Advance());
      if (!more) {
        HandOnKeys(sink);
        return false;
      }
      Schedule();
    }
    if (speed_) {
      const int64_t early_ns = pending_due_ns_ - clock_.MonotonicNs();
      if (early_ns > 0) {
        // What was handed on should be seen before the next is waited for.
        if (count > 0) return true;
        Wait(std::min(early_ns, kLongestWaitNs));
        if (early_ns > kLongestWaitNs) return true;
      }
    }
    HandOn(sink);
  }
  return true;
}

absl::StatusOr<bool> FileSource::Advance() {
  const absl::StatusOr<bool> more = file_->Next(pending_.emplace());
  if (more.ok() && *more) return true;
  pending_.reset();
  if (more.ok() || !absl::IsDataLoss(more.status())) return more;
  return absl::DataLossError(
      absl::StrCat("capture file '", path_, "' is damaged after ",
                   counters_.packets, " packets: ", more.status().message()));
}

void FileSource::Schedule() {
  if (!speed_) return;
  if (!start_) start_ = {pending_->time_ns, clock_.MonotonicNs()};
  // In floating point: the times of a damaged file may be anything.
  const double elapsed_ns = (static_cast<double>(pending_->time_ns) -
                             static_cast<double>(start_->capture_ns)) /
                            *speed_;
  constexpr double kLimitNs = 1e18;
  pending_due_ns_ = start_->monotonic_ns +
                    static_cast<int64_t>(std::clamp(elapsed_ns, 0.0, kLimitNs));
}

void FileSource::HandOnKeys(PacketSink& sink) {
  if (file_->key_log().empty()) return;
  sink.OnKeyLog(file_->key_log());
  file_->WipeKeyLog();
}

void FileSource::HandOn(PacketSink& sink) {
  ++counters_.packets;
  counters_.bytes += pending_->wire_length;
  watermark_ns_ = pending_->time_ns;
  HandOnKeys(sink);
  sink.OnPacket(*pending_);
  pending_.reset();
}

}  // namespace callbraid::sensor
