#include "sensor/capture/file_source.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"
#include "sensor/capture/capture_file.h"

namespace callbraid::sensor {
namespace {

constexpr int kPacketsPerRead = 2048;
// So that Stop() and whoever waits for Read() are heard.
constexpr int64_t kLongestWaitNs = 20'000'000;

// libpcap tells its errors apart by text alone.
bool IsMixedInterfaces(absl::string_view error) {
  return absl::StrContains(error, "different from the");
}
absl::Status MixedInterfaces(const std::string& path, absl::string_view error) {
  return absl::UnimplementedError(absl::StrCat(
      "capture file '", path,
      "' has interfaces of different kinds, which libpcap does not read; split "
      "it by interface first (",
      error, ")"));
}

absl::Status CannotRead(const std::string& path, absl::string_view error) {
  if (IsMixedInterfaces(error)) return MixedInterfaces(path, error);
  if (absl::StrContains(error, "only got 0")) {
    return absl::InvalidArgumentError(
        absl::StrCat("capture file '", path, "' is empty"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", path, "' is not a pcap or pcapng file (", error, ")"));
}

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
  auto secrets = std::make_unique<PcapngSecrets>();
  ASSIGN_OR_RETURN(File file, OpenCaptureFile(path, *secrets));
  char error[PCAP_ERRBUF_SIZE] = "";
  PcapHandle pcap(pcap_fopen_offline_with_tstamp_precision(
      file.get(), PCAP_TSTAMP_PRECISION_NANO, error));
  if (pcap == nullptr) return CannotRead(path, error);
  file.release();  // pcap_close() closes it.
  if (!config.filter().empty()) {
    RETURN_IF_ERROR(SetFilter(pcap.get(), config.filter()));
  }
  return std::unique_ptr<FileSource>(
      new FileSource(path, std::move(secrets), std::move(pcap), speed, clock));
}

FileSource::FileSource(const std::string& path,
                       std::unique_ptr<PcapngSecrets> secrets, PcapHandle pcap,
                       std::optional<double> speed, const Clock& clock)
    : path_(path),
      name_(path.substr(path.rfind('/') + 1)),
      secrets_(std::move(secrets)),
      pcap_(std::move(pcap)),
      link_type_(pcap_datalink(pcap_.get())),
      speed_(speed),
      clock_(clock) {}

absl::StatusOr<bool> FileSource::Read(PacketSink& sink) {
  for (int count = 0; count < kPacketsPerRead; ++count) {
    if (stopped_.load(std::memory_order_relaxed)) return false;
    if (!pending_) {
      ASSIGN_OR_RETURN(const bool more, Advance());
      if (!more) return false;
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
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  switch (pcap_next_ex(pcap_.get(), &header, &bytes)) {
    case 1:
      pending_ = ToCapturedPacket(*header, bytes, link_type_,
                                  /*nanoseconds=*/true);
      return true;
    case PCAP_ERROR_BREAK:  // End of file.
      return false;
    default: {
      const char* error = pcap_geterr(pcap_.get());
      if (IsMixedInterfaces(error)) return MixedInterfaces(path_, error);
      return absl::DataLossError(
          absl::StrCat("capture file '", path_, "' is damaged after ",
                       counters_.packets, " packets: ", error));
    }
  }
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

void FileSource::HandOn(PacketSink& sink) {
  ++counters_.packets;
  counters_.bytes += pending_->wire_length;
  watermark_ns_ = pending_->time_ns;
  if (!secrets_->key_log().empty()) {
    sink.OnKeyLog(secrets_->key_log());
    secrets_->Wipe();
  }
  sink.OnPacket(*pending_);
  pending_.reset();
}

}  // namespace callbraid::sensor
