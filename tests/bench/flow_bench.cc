// The path of a packet from its frame to call frames: CapturePipeline over
// streams of 20 ms G.711. Frames are thrown away.

#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "sensor/capture_pipeline.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

constexpr int kEthernet = 1;  // DLT_EN10MB.
constexpr int64_t kPacketNs = 20'000'000;
constexpr int64_t kStart = 1'700'000'000'000'000'000;
// Ethernet, IPv4, UDP: where the RTP header begins in a frame.
constexpr size_t kRtpOffset = 14 + 20 + 8;

class NullSink final : public FrameSink {
 public:
  void OnFrame(v1::SpoolLane lane, const v1::CallFrame& frame) override {
    benchmark::DoNotOptimize(lane);
    benchmark::DoNotOptimize(&frame);
  }
};

// A frame of each of `count` streams; sequence and timestamp are set later.
std::vector<fakes::Bytes> Frames(int count) {
  std::vector<fakes::Bytes> frames;
  for (int i = 0; i < count; ++i) {
    const auto port = static_cast<uint16_t>(10'000 + i * 2);
    frames.push_back(fakes::PacketBuilder()
                         .From("10.0.0.1", port)
                         .To("10.0.0.2", port)
                         .Payload(fakes::Rtp{.ssrc = 1000u + i}.Build())
                         .Ethernet());
  }
  return frames;
}

void SetU16(fakes::Bytes& frame, size_t offset, uint16_t value) {
  frame[offset] = static_cast<uint8_t>(value >> 8);
  frame[offset + 1] = static_cast<uint8_t>(value);
}

// Makes the frame the stream's packet number `index`.
void SetPacket(fakes::Bytes& frame, uint32_t index) {
  const uint32_t timestamp = index * 160;
  SetU16(frame, 14 + 4, static_cast<uint16_t>(index));  // IP identification.
  SetU16(frame, kRtpOffset + 2, static_cast<uint16_t>(index));
  SetU16(frame, kRtpOffset + 4, static_cast<uint16_t>(timestamp >> 16));
  SetU16(frame, kRtpOffset + 6, static_cast<uint16_t>(timestamp));
}

void BM_CapturePipeline(benchmark::State& state) {
  const auto streams = static_cast<int>(state.range(0));
  std::vector<fakes::Bytes> frames = Frames(streams);
  NullSink sink;
  CapturePipeline pipeline(v1::SensorConfig(), 0, sink);
  const int64_t step_ns = kPacketNs / streams;
  int64_t time_ns = kStart;
  uint32_t index = 0;
  size_t next = 0;
  for (auto _ : state) {
    fakes::Bytes& frame = frames[next];
    SetPacket(frame, index);
    pipeline.OnPacket(
        {time_ns, kEthernet, frame, static_cast<uint32_t>(frame.size())});
    time_ns += step_ns;
    if (++next == frames.size()) {
      next = 0;
      ++index;
    }
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(frames[0].size()));
}
BENCHMARK(BM_CapturePipeline)->Arg(200)->Arg(2000);

}  // namespace
}  // namespace callbraid::sensor
