#include <pcap/dlt.h>

#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "sensor/decap/decapsulate.h"
#include "sensor/decap/deduplicator.h"
#include "sensor/decap/ip_packet.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using fakes::Bytes;
using fakes::PacketBuilder;
using fakes::Rtp;

constexpr size_t kFrames = 4096;
// 100,000 packets a second.
constexpr int64_t kIntervalNs = 10'000;

class NullSink final : public DatagramSink {
 public:
  void OnDatagram(const Datagram& datagram) override {
    benchmark::DoNotOptimize(&datagram);
  }
  void OnMirrorCopy(const Datagram& copy) override {
    benchmark::DoNotOptimize(&copy);
  }
};

PacketBuilder Packet(size_t i) {
  return PacketBuilder()
      .From("10.0.0.1", static_cast<uint16_t>(10000 + i % 1000 * 2))
      .IpId(static_cast<uint32_t>(i))
      .Payload(Rtp{.sequence = static_cast<uint16_t>(i)}.Build());
}

// G.711 RTP, 20 ms a packet, in `vlans` tags; every frame `copies` times.
void Decapsulate(benchmark::State& state, int vlans, int copies,
                 bool keep_mirror_copies) {
  std::vector<Bytes> frames;
  for (size_t i = 0; i < kFrames; ++i) {
    PacketBuilder packet = Packet(i);
    for (int vlan = 0; vlan < vlans; ++vlan) packet.Vlan(100);
    for (int copy = 0; copy < copies; ++copy) {
      frames.push_back(packet.Ethernet());
    }
  }
  v1::CaptureConfig config;
  config.set_keep_mirror_copies(keep_mirror_copies);
  NullSink sink;
  Decapsulator decapsulator(config, sink);
  int64_t time_ns = 0;
  size_t next = 0;
  for (auto _ : state) {
    const Bytes& frame = frames[next];
    decapsulator.OnPacket({.time_ns = time_ns,
                           .link_type = DLT_EN10MB,
                           .bytes = frame,
                           .wire_length = static_cast<uint32_t>(frame.size())});
    time_ns += kIntervalNs;
    next = next + 1 == frames.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(frames[0].size()));
}

void BM_Decapsulate(benchmark::State& state) {
  Decapsulate(state, 0, 1, false);
}
void BM_DecapsulateTagged(benchmark::State& state) {
  Decapsulate(state, 2, 1, false);
}
void BM_DecapsulateMirroredTwice(benchmark::State& state) {
  Decapsulate(state, 0, 2, false);
}
void BM_DecapsulateKeepingCopies(benchmark::State& state) {
  Decapsulate(state, 0, 1, true);
}
BENCHMARK(BM_Decapsulate);
BENCHMARK(BM_DecapsulateTagged);
BENCHMARK(BM_DecapsulateMirroredTwice);
BENCHMARK(BM_DecapsulateKeepingCopies);

void BM_Deduplicate(benchmark::State& state) {
  std::vector<Bytes> bytes;
  std::vector<IpPacket> packets(kFrames);
  for (size_t i = 0; i < kFrames; ++i) bytes.push_back(Packet(i).Ip());
  for (size_t i = 0; i < kFrames; ++i) {
    ParseIp(bytes[i], bytes[i].size(), packets[i]);
  }
  Deduplicator deduplicator(2'000'000);
  int64_t time_ns = 0;
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(deduplicator.IsCopy(time_ns, packets[next]));
    time_ns += kIntervalNs;
    next = (next + 1) % kFrames;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Deduplicate);

void BM_Reassemble(benchmark::State& state) {
  std::vector<std::vector<Bytes>> datagrams;
  for (size_t i = 0; i < kFrames; ++i) {
    datagrams.push_back(
        Packet(i).Payload(std::string(2500, 'x')).Fragments(1480));
  }
  NullSink sink;
  Decapsulator decapsulator({}, sink);
  int64_t time_ns = 0;
  size_t next = 0;
  for (auto _ : state) {
    for (const Bytes& frame : datagrams[next]) {
      decapsulator.OnPacket(
          {.time_ns = time_ns,
           .link_type = DLT_EN10MB,
           .bytes = frame,
           .wire_length = static_cast<uint32_t>(frame.size())});
    }
    time_ns += kIntervalNs;
    next = (next + 1) % kFrames;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Reassemble);

}  // namespace
}  // namespace callbraid::sensor
