// Frames of any link type, one after the other, along the whole path of a
// sensor: decapsulation, flows, signalling, call frames.
//
// Input: link type (1 byte, an index), options (1 byte), then packets: time
// since the last one (1 byte, see StepNs()), length (2 bytes), how many bytes
// the capture cut off (1 byte), bytes.

#include <pcap/dlt.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <vector>

#include "callbraid/v1/config.pb.h"
#include "common/bytes/byte_reader.h"
#include "common/media/media_chunk.h"
#include "sensor/capture_pipeline.h"

namespace {

using callbraid::sensor::CapturePipeline;

constexpr int kLinkTypes[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2,
                              DLT_RAW,    DLT_NULL,      DLT_LOOP,
                              DLT_IPV4,   DLT_IPV6,      DLT_IEEE802_11,
                              DLT_PPP,    DLT_PPP_ETHER, DLT_IEEE802_11_RADIO,
                              DLT_MPLS,   DLT_C_HDLC};
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kStartNs = 1'700'000'000'000 * kMs;
constexpr size_t kMaxSipBytes = 65'535;

// 0 to 199 ms, then seconds, then what no clock should do.
int64_t StepNs(uint8_t step) {
  if (step < 200) return step * kMs;
  if (step < 250) return (step - 199) * 1000 * kMs;
  constexpr int64_t kOdd[] = {
      1, -1, -20 * kMs, -60'000 * kMs, INT64_MAX / 2, INT64_MIN / 2};
  return kOdd[step - 250];
}

// Of census.proto.
void CheckReport(const callbraid::v1::CaptureReport& report) {
  const callbraid::v1::TrafficCensus& census = report.census();
  if (report.hosts_size() > 512 || census.vlans_size() > 32 ||
      census.other_sip_ports_size() > 16 || census.other_protocols_size() > 5) {
    std::abort();
  }
  for (const callbraid::v1::HostTraffic& host : report.hosts()) {
    const size_t mac = host.mac().size();
    const size_t address = host.address().size();
    if ((mac != 0 && mac != 6) || (address != 4 && address != 16) ||
        host.vlan_ids_size() > 4) {
      std::abort();
    }
  }
  if (census.checksums_partial() + census.checksums_bad() >
          census.checksums_checked() ||
      std::any_of(census.tunnels().begin(), census.tunnels().end(),
                  [](const auto& tunnel) {
                    return tunnel.decapsulated() > tunnel.frames();
                  }) ||
      census.unicast_frames() + census.multicast_frames() +
              census.broadcast_frames() + census.own_frames() >
          report.packets()) {
    std::abort();
  }
}

// What a sensor sends the collector must be able to read.
class CheckFrames final : public callbraid::sensor::FrameSink {
 public:
  void OnFrame(callbraid::v1::SpoolLane lane,
               const callbraid::v1::CallFrame& frame) override {
    if (frame.has_media() != (lane == callbraid::v1::SPOOL_LANE_MEDIA)) {
      std::abort();
    }
    if (frame.has_media() &&
        !callbraid::ReadChunk(frame.media(), decoder_, packets_)) {
      std::abort();
    }
    if (frame.sip().message().size() > kMaxSipBytes) std::abort();
    CheckReport(frame.capture());
  }

 private:
  callbraid::PayloadDecoder decoder_;
  std::vector<callbraid::ChunkPacket> packets_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  callbraid::ByteReader in({data, size});
  const int link_type = kLinkTypes[in.U8() % std::size(kLinkTypes)];
  const uint8_t options = in.U8();
  callbraid::v1::SensorConfig config;
  if (options & 1) config.mutable_media()->set_max_streams(2);
  config.mutable_capture()->set_keep_mirror_copies(options & 2);
  const bool live = options & 4;

  callbraid::v1::InterfaceState interface;
  interface.set_mac("\x02\x10\x00\x00\x01\x01", 6);
  CheckFrames sink;
  CapturePipeline pipeline(config, 0, sink, live ? &interface : nullptr);
  int64_t time_ns = kStartNs;
  while (!in.rest().empty()) {
    time_ns = static_cast<int64_t>(static_cast<uint64_t>(time_ns) +
                                   static_cast<uint64_t>(StepNs(in.U8())));
    const size_t length = in.U16();
    const uint32_t cut = in.U8();
    const auto bytes = in.Take(std::min(length, in.rest().size()));
    if (live) pipeline.OnTime(time_ns, {});
    pipeline.OnPacket(
        {.time_ns = time_ns,
         .link_type = link_type,
         .bytes = bytes,
         .wire_length = static_cast<uint32_t>(bytes.size()) + cut});
  }
  pipeline.Finish(time_ns, {});
  return 0;
}
