#include "sensor/capture_pipeline.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "callbraid/v1/frame.pb.h"
#include "sensor/decap/decapsulate.h"
#include "sensor/decap/discard.h"
#include "sensor/flow/expected_media.h"
#include "sensor/flow/flow_discard.h"
#include "sensor/flow/flow_table.h"
#include "sensor/flow/sip_ports.h"
#include "sensor/frame/capture_clock.h"
#include "sensor/frame/frame_builder.h"
#include "sensor/signalling/signalling.h"
#include "sensor/signalling/signalling_discard.h"

namespace callbraid::sensor {
namespace {

constexpr uint16_t kSipPort = 5060;
constexpr uint32_t kMaxStreams = 50'000;
constexpr uint32_t kChunkMs = 500;
constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;

// The year 2096. Sums of two times stay within 64 bits.
constexpr int64_t kMaxTimeNs = 4'000'000'000 * kNsPerSecond;

SipPorts SipPortsOf(const v1::SensorConfig& config) {
  std::vector<uint16_t> ports;
  for (const uint32_t port : config.capture().sip_ports()) {
    if (port <= std::numeric_limits<uint16_t>::max()) {
      ports.push_back(static_cast<uint16_t>(port));
    }
  }
  if (ports.empty()) ports.push_back(kSipPort);
  return SipPorts(std::move(ports));
}

size_t MaxStreamsOf(const v1::SensorConfig& config) {
  const uint32_t configured = config.media().max_streams();
  return configured == 0 ? kMaxStreams : configured;
}

int64_t ChunkNsOf(const v1::SensorConfig& config) {
  const uint32_t configured = config.media().chunk_ms();
  return (configured == 0 ? kChunkMs : configured) * kNsPerMs;
}

}  // namespace

struct CapturePipeline::Impl {
  Impl(const v1::SensorConfig& config, uint32_t capture_point, FrameSink& sink)
      : chunk_ns(ChunkNsOf(config)),
        // A call has an endpoint for RTP and one for RTCP on each side.
        expected(4 * MaxStreamsOf(config)),
        frames({capture_point, chunk_ns}, sink),
        signalling({SipPortsOf(config), MaxStreamsOf(config)}, expected,
                   frames),
        flows({SipPortsOf(config), MaxStreamsOf(config)}, expected, signalling,
              frames),
        decapsulator(config.capture(), flows) {}

  void Advance(int64_t time_ns);
  void OnTick(int64_t now_ns, int64_t capture_ns);
  void Report(int64_t time_ns, bool final);

  const int64_t chunk_ns;
  // From the end of the path to its beginning.
  ExpectedMedia expected;
  FrameBuilder frames;
  Signalling signalling;
  FlowTable flows;
  Decapsulator decapsulator;

  CaptureClock clock;
  int64_t newest_ns = 0;
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t bad_times = 0;
  // As last told by the source.
  CaptureCounters source;
};

void CapturePipeline::Impl::Advance(int64_t time_ns) {
  newest_ns = std::max(newest_ns, time_ns);
  clock.Advance(time_ns, [this](int64_t now_ns, int64_t capture_ns) {
    OnTick(now_ns, capture_ns);
  });
}

void CapturePipeline::Impl::OnTick(int64_t now_ns, int64_t capture_ns) {
  decapsulator.OnTime(capture_ns);
  expected.OnTick(now_ns);
  signalling.OnTick(now_ns);
  flows.OnTick(now_ns);
  frames.OnTick(now_ns);
  // What an open chunk has gathered is not handed on yet.
  if (now_ns % kNsPerSecond == 0) {
    Report(capture_ns - chunk_ns - CaptureClock::kTickNs, /*final=*/false);
  }
}

void CapturePipeline::Impl::Report(int64_t time_ns, bool final) {
  v1::CaptureReport report;
  report.set_time_ns(time_ns);
  report.set_packets(packets);
  report.set_bytes(bytes);
  report.set_kernel_drops(source.kernel_drops);
  report.set_interface_drops(source.interface_drops);
  const DecapCounters& decap = decapsulator.counters();
  report.set_mirror_copies(decap.mirror_copies);
  auto& discarded = *report.mutable_discarded();
  const auto add = [&discarded](const char* name, uint64_t count) {
    if (count > 0) discarded[name] = count;
  };
  for (size_t i = 0; i < kDiscardCount; ++i) {
    const auto reason = static_cast<Discard>(i);
    add(DiscardName(reason), decap.Get(reason));
  }
  for (size_t i = 0; i < kFlowDiscardCount; ++i) {
    const auto reason = static_cast<FlowDiscard>(i);
    add(FlowDiscardName(reason), flows.counters().Get(reason));
  }
  for (size_t i = 0; i < kSignallingDiscardCount; ++i) {
    const auto reason = static_cast<SignallingDiscard>(i);
    add(SignallingDiscardName(reason), signalling.counters().Get(reason));
  }
  add("bad_time", bad_times);
  report.set_final(final);
  frames.OnCaptureReport(report);
}

CapturePipeline::CapturePipeline(const v1::SensorConfig& config,
                                 uint32_t capture_point, FrameSink& sink)
    : impl_(std::make_unique<Impl>(config, capture_point, sink)) {}

CapturePipeline::~CapturePipeline() = default;

void CapturePipeline::OnPacket(const CapturedPacket& packet) {
  const bool bad_time = packet.time_ns < 0 || packet.time_ns > kMaxTimeNs;
  // What is reported of the time before this packet must not count it.
  if (!bad_time) impl_->Advance(packet.time_ns);
  ++impl_->packets;
  impl_->bytes += packet.wire_length;
  if (bad_time) {
    ++impl_->bad_times;
    return;
  }
  impl_->decapsulator.OnPacket(packet);
}

void CapturePipeline::OnTime(int64_t watermark_ns,
                             const CaptureCounters& counters) {
  impl_->source = counters;
  impl_->frames.OnDrops(counters.kernel_drops + counters.interface_drops);
  if (watermark_ns <= 0 || watermark_ns > kMaxTimeNs) return;
  impl_->Advance(watermark_ns);
}

void CapturePipeline::Finish(int64_t watermark_ns,
                             const CaptureCounters& counters) {
  OnTime(watermark_ns, counters);
  impl_->decapsulator.Finish();
  impl_->signalling.Finish();
  impl_->flows.Finish();
  impl_->Report(impl_->newest_ns, /*final=*/true);
}

}  // namespace callbraid::sensor
