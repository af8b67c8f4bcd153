#ifndef CALLBRAID_SENSOR_CAPTURE_LIVE_SOURCE_H_
#define CALLBRAID_SENSOR_CAPTURE_LIVE_SOURCE_H_

#include <pcap/pcap.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "common/base/clock.h"
#include "sensor/capture/interface_probe.h"
#include "sensor/capture/open_live.h"
#include "sensor/capture/packet_source.h"
#include "sensor/capture/pcap_handle.h"

namespace callbraid::sensor {

// Packets from an interface. Promiscuous mode, and the kernel's ring, end with
// the object.
//
// When the interface goes down or vanishes, Read() goes on without packets and
// takes it up again within a second of its return; each change is one line in
// the log. Everything but Stop() belongs to the thread that reads.
class LiveSource final : public PacketSource {
 public:
  // `collector`: HOST:PORT of the uplink, left out of the capture. `clock` must
  // outlive the source. Errors: see OpenLive().
  static absl::StatusOr<std::unique_ptr<LiveSource>> Open(
      const std::string& interface, const v1::CaptureConfig& config,
      const std::string& collector, const Clock& clock);

  // Never fails.
  absl::StatusOr<bool> Read(PacketSink& sink) override;
  // Async-signal-safe. Read() goes on until what the kernel still gathers has
  // come: two read timeouts.
  void Stop() override { stopped_.store(true, std::memory_order_relaxed); }

  // kernel_drops: the ring was full. interface_drops: the NIC had no room
  // (rx_missed_errors, rx_fifo_errors); not rx_dropped, which counts frames
  // that found no protocol after they were captured.
  CaptureCounters counters() override;
  const v1::InterfaceState* interface_state() const override {
    return &probe_.state();
  }
  const std::string& name() const override { return interface_; }
  int64_t watermark_ns() const override { return watermark_ns_; }

 private:
  LiveSource(const std::string& interface, LiveOptions options,
             const Clock& clock, PcapHandle pcap);

  static void OnPcapPacket(u_char* context, const pcap_pkthdr* header,
                           const u_char* bytes);

  void Use(PcapHandle pcap);
  void Lose(const std::string& reason);
  void TryReopen();
  // Compares the interface with what was opened, once a second.
  void CheckInterface();
  // Waits for packets, for the read timeout at most.
  void WaitForPackets();
  // Adds what the handle counted since the last call.
  void AddStatistics();
  // The longest that the kernel holds a packet back.
  int64_t LatencyNs() const;

  const std::string interface_;
  const LiveOptions options_;
  const Clock& clock_;
  std::atomic<bool> stopped_ = false;

  PcapHandle pcap_;  // Null while the interface is gone.
  int link_type_ = 0;
  bool nanoseconds_ = false;
  unsigned interface_index_ = 0;
  bool is_running_ = true;
  InterfaceProbe probe_;
  pcap_stat last_statistics_ = {};

  CaptureCounters counters_;
  int64_t last_packet_ns_ = 0;
  int64_t watermark_ns_ = 0;
  int64_t next_check_ns_ = 0;          // Monotonic.
  std::optional<int64_t> drained_at_;  // Monotonic; set by the stop.
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_LIVE_SOURCE_H_
