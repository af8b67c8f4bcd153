#include "sensor/capture/live_source.h"

#include <net/if.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

// Bounds one Read() on a busy link.
constexpr int kPacketsPerRead = 2048;
constexpr int64_t kCheckIntervalNs = 1'000'000'000;
// The kernel's timer may run late by this.
constexpr int64_t kTimerSlackNs = 20'000'000;
// On a link busier than this process the ring never runs dry.
constexpr int64_t kLongestDrainNs = 5'000'000'000;

}  // namespace

// What pcap_dispatch() is given for its callback.
struct DispatchContext {
  PacketSink& sink;
  CaptureCounters& counters;
  int64_t& last_packet_ns;
  const int link_type;
  const bool nanoseconds;
};

absl::StatusOr<std::unique_ptr<LiveSource>> LiveSource::Open(
    const std::string& interface, const v1::CaptureConfig& config,
    const std::string& collector, const Clock& clock) {
  ASSIGN_OR_RETURN(LiveOptions options, ToLiveOptions(config, collector));
  ASSIGN_OR_RETURN(PcapHandle pcap, OpenLive(interface, options));
  return std::unique_ptr<LiveSource>(
      new LiveSource(interface, std::move(options), clock, std::move(pcap)));
}

LiveSource::LiveSource(const std::string& interface, LiveOptions options,
                       const Clock& clock, PcapHandle pcap)
    : interface_(interface),
      options_(std::move(options)),
      clock_(clock),
      probe_(interface) {
  Use(std::move(pcap));
  probe_.Update(clock_.MonotonicNs());
  watermark_ns_ = clock_.WallNs() - LatencyNs();
}

absl::StatusOr<bool> LiveSource::Read(PacketSink& sink) {
  if (stopped_.load(std::memory_order_relaxed) && !drained_at_) {
    drained_at_ = clock_.MonotonicNs() + LatencyNs();
  }
  WaitForPackets();
  CheckInterface();
  const int64_t before_ns = clock_.WallNs();
  const int64_t monotonic_ns = clock_.MonotonicNs();
  int packets = 0;
  if (pcap_ != nullptr) {
    DispatchContext context = {sink, counters_, last_packet_ns_, link_type_,
                               nanoseconds_};
    packets = pcap_dispatch(pcap_.get(), kPacketsPerRead, &OnPcapPacket,
                            reinterpret_cast<u_char*>(&context));
    if (packets < 0) Lose(pcap_geterr(pcap_.get()));
  }
  const bool is_drained = packets < kPacketsPerRead;
  watermark_ns_ = last_packet_ns_;
  if (is_drained) {
    watermark_ns_ = std::max(watermark_ns_, before_ns - LatencyNs());
  }
  if (!drained_at_ || monotonic_ns < *drained_at_) return true;
  return !is_drained && monotonic_ns < *drained_at_ + kLongestDrainNs;
}

void LiveSource::OnPcapPacket(u_char* context, const pcap_pkthdr* header,
                              const u_char* bytes) {
  auto& to = *reinterpret_cast<DispatchContext*>(context);
  const CapturedPacket packet =
      ToCapturedPacket(*header, bytes, to.link_type, to.nanoseconds);
  ++to.counters.packets;
  to.counters.bytes += packet.wire_length;
  to.last_packet_ns = packet.time_ns;
  to.sink.OnPacket(packet);
}

CaptureCounters LiveSource::counters() {
  AddStatistics();
  return counters_;
}

void LiveSource::AddStatistics() {
  pcap_stat now = {};
  if (pcap_ == nullptr || pcap_stats(pcap_.get(), &now) != 0) return;
  // 32 bits that wrap.
  counters_.kernel_drops +=
      static_cast<uint32_t>(now.ps_drop - last_statistics_.ps_drop);
  counters_.interface_drops +=
      static_cast<uint32_t>(now.ps_ifdrop - last_statistics_.ps_ifdrop);
  last_statistics_ = now;
}

int64_t LiveSource::LatencyNs() const {
  // The kernel's timer hands over a block of the ring when it finds it as it
  // was at the tick before: after one to two timeouts.
  return 2 * int64_t{options_.read_timeout_ms} * 1'000'000 + kTimerSlackNs;
}

void LiveSource::WaitForPackets() {
  // Stop() need not interrupt this: the wait is shorter than what follows.
  if (pcap_ == nullptr) {
    poll(nullptr, 0, options_.read_timeout_ms);
    return;
  }
  // An error shows in pcap_dispatch(), which also clears it.
  pollfd ready = {.fd = pcap_get_selectable_fd(pcap_.get()),
                  .events = POLLIN,
                  .revents = 0};
  poll(&ready, 1, options_.read_timeout_ms);
}

void LiveSource::Use(PcapHandle pcap) {
  pcap_ = std::move(pcap);
  link_type_ = pcap_datalink(pcap_.get());
  nanoseconds_ =
      pcap_get_tstamp_precision(pcap_.get()) == PCAP_TSTAMP_PRECISION_NANO;
  interface_index_ = if_nametoindex(interface_.c_str());
  last_statistics_ = {};
}

void LiveSource::Lose(const std::string& reason) {
  spdlog::warn("{}: capture interrupted, trying again every second: {}",
               interface_, reason);
  AddStatistics();
  pcap_.reset();
  next_check_ns_ = clock_.MonotonicNs() + kCheckIntervalNs;
}

void LiveSource::CheckInterface() {
  const int64_t now_ns = clock_.MonotonicNs();
  if (now_ns < next_check_ns_) return;
  next_check_ns_ = now_ns + kCheckIntervalNs;
  probe_.Update(now_ns);
  if (pcap_ == nullptr) return TryReopen();
  const unsigned index = if_nametoindex(interface_.c_str());
  if (index != interface_index_) {
    return Lose(index == 0 ? "the interface is gone"
                           : "the interface was replaced");
  }
  const bool is_running = probe_.state().running();
  if (is_running == is_running_) return;
  is_running_ = is_running;
  if (is_running) {
    spdlog::info("{}: link is up", interface_);
  } else {
    spdlog::warn("{}: link is down", interface_);
  }
}

void LiveSource::TryReopen() {
  auto pcap = OpenLive(interface_, options_);
  if (!pcap.ok()) return;
  Use(*std::move(pcap));
  is_running_ = probe_.state().running();
  spdlog::info("{}: capturing again", interface_);
}

}  // namespace callbraid::sensor
