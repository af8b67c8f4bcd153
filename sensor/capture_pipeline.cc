#include "sensor/capture_pipeline.h"

#include <algorithm>
#include <array>
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
#include "sensor/inventory/traffic_inventory.h"
#include "sensor/signalling/asked_for.h"
#include "sensor/signalling/signalling.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/tls/dtls_sessions.h"
#include "sensor/tls/tls_discard.h"
#include "sensor/tls/tls_keys.h"

namespace callbraid::sensor {
namespace {

constexpr uint16_t kSipPort = 5060;
constexpr uint32_t kMaxStreams = 50'000;
constexpr uint32_t kChunkMs = 500;
constexpr uint32_t kKeyWaitMs = 30'000;
constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;

constexpr int64_t kHostsEveryNs = 10 * kNsPerSecond;

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

CodingEffort EffortOf(const v1::SensorConfig& config) {
  const std::string& compression = config.media().compression();
  if (compression == "none") return CodingEffort::kNone;
  return compression == "best" ? CodingEffort::kBest : CodingEffort::kFast;
}

SignallingOptions SignallingOptionsOf(const v1::SensorConfig& config,
                                      TlsKeys* tls_keys) {
  const auto& numbers = config.media().asked_for().numbers();
  const uint32_t wait_ms = config.decrypt().key_wait_ms();
  return {.sip_ports = SipPortsOf(config),
          .max_dialogs = MaxStreamsOf(config),
          .asked_for = AskedFor({numbers.begin(), numbers.end()}),
          .tls_keys = tls_keys,
          .tls_key_wait_ns = (wait_ms == 0 ? kKeyWaitMs : wait_ms) * kNsPerMs};
}

// What flow and signalling find goes to the frames, and what it says of the
// hosts to the inventory.
class Findings final : public MediaSink, public MessageSink {
 public:
  Findings(FrameBuilder& frames, TrafficInventory& inventory,
           DtlsSessions& dtls)
      : frames_(frames), inventory_(inventory), dtls_(dtls) {}

  void OnRtp(const Stream& stream, int64_t time_ns,
             const RtpPacket& packet) override {
    frames_.OnRtp(stream, time_ns, packet);
  }
  void OnStreamReport(const Stream& stream, bool final) override {
    inventory_.OnStreamReport(stream, final);
    frames_.OnStreamReport(stream, final);
  }
  void OnRtcp(const RtcpView& rtcp) override { frames_.OnRtcp(rtcp); }
  void OnDtls(const Datagram& datagram) override { dtls_.OnDtls(datagram); }
  void OnMessage(const MessageView& sip) override {
    inventory_.OnMessage(sip);
    frames_.OnMessage(sip);
  }

 private:
  FrameBuilder& frames_;
  TrafficInventory& inventory_;
  DtlsSessions& dtls_;
};

}  // namespace

struct CapturePipeline::Impl {
  Impl(const v1::SensorConfig& config, uint32_t capture_point, FrameSink& sink,
       const v1::InterfaceState* interface_state, TlsKeys* keys,
       const KeptStreams* kept)
      : interface(interface_state),
        tls_keys(keys),
        chunk_ns(ChunkNsOf(config)),
        // A call has an endpoint for RTP and one for RTCP on each side.
        expected(4 * MaxStreamsOf(config)),
        dtls(keys),
        frames({capture_point, chunk_ns, EffortOf(config), kept}, sink, &dtls),
        inventory(SipPortsOf(config)),
        findings(frames, inventory, dtls),
        signalling(SignallingOptionsOf(config, keys), expected, findings),
        flows({SipPortsOf(config), MaxStreamsOf(config)}, expected, signalling,
              findings),
        decapsulator(config.capture(), flows, &inventory) {
    std::array<uint8_t, 6> mac;
    if (interface == nullptr || interface->mac().size() != mac.size()) return;
    std::copy(interface->mac().begin(), interface->mac().end(), mac.begin());
    decapsulator.census().set_own_mac(mac);
  }

  void Advance(int64_t time_ns);
  void OnTick(int64_t now_ns, int64_t capture_ns);
  void OnDtlsKey(const FlowKey& flow);
  void Report(int64_t time_ns, bool final);
  void ReportDiscards(v1::CaptureReport& report) const;
  void ReportTls(v1::CaptureReport& report) const;

  // May be null.
  const v1::InterfaceState* const interface;
  TlsKeys* const tls_keys;
  const int64_t chunk_ns;
  // From the end of the path to its beginning.
  ExpectedMedia expected;
  DtlsSessions dtls;
  FrameBuilder frames;
  TrafficInventory inventory;
  Findings findings;
  Signalling signalling;
  FlowTable flows;
  Decapsulator decapsulator;

  CaptureClock clock;
  int64_t since_ns = 0;
  int64_t newest_ns = 0;
  // When hosts are to be reported next, by the pipeline's clock.
  int64_t hosts_due_ns = 0;
  bool hosts_are_due = false;
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t bad_times = 0;
  // As last told by the source.
  CaptureCounters source;
};

void CapturePipeline::Impl::Advance(int64_t time_ns) {
  if (since_ns == 0) since_ns = time_ns;
  newest_ns = std::max(newest_ns, time_ns);
  clock.Advance(time_ns, [this](int64_t now_ns, int64_t capture_ns) {
    OnTick(now_ns, capture_ns);
  });
}

void CapturePipeline::Impl::OnTick(int64_t now_ns, int64_t capture_ns) {
  decapsulator.OnTime(capture_ns);
  expected.OnTick(now_ns);
  signalling.OnTick(now_ns);
  dtls.OnTick(now_ns, [this](const FlowKey& flow) { OnDtlsKey(flow); });
  flows.OnTick(now_ns);
  frames.OnTick(now_ns);
  // What an open chunk has gathered is not handed on yet.
  if (now_ns % kNsPerSecond == 0) {
    hosts_are_due = now_ns >= hosts_due_ns;
    if (hosts_are_due) hosts_due_ns = now_ns + kHostsEveryNs;
    Report(capture_ns - chunk_ns - CaptureClock::kTickNs, /*final=*/false);
  }
}

// A key may come late, also when the streams that it is for have ended.
void CapturePipeline::Impl::OnDtlsKey(const FlowKey& flow) {
  flows.ForEachStream(flow, [this](const Stream& stream) {
    frames.OnStreamReport(stream, /*final=*/!stream.active);
  });
}

void CapturePipeline::Impl::Report(int64_t time_ns, bool final) {
  v1::CaptureReport report;
  report.set_time_ns(time_ns);
  report.set_packets(packets);
  report.set_bytes(bytes);
  report.set_kernel_drops(source.kernel_drops);
  report.set_interface_drops(source.interface_drops);
  report.set_mirror_copies(decapsulator.counters().mirror_copies);
  report.set_tunnel_drops(decapsulator.tunnel_drops());
  ReportDiscards(report);
  ReportTls(report);
  report.set_since_ns(since_ns);
  decapsulator.census().Fill(*report.mutable_census());
  report.mutable_census()->set_tunnel_times_used(
      decapsulator.tunnel_clocks().used());
  report.mutable_census()->set_tunnel_times_refused(
      decapsulator.tunnel_clocks().refused());
  inventory.Fill(*report.mutable_census());
  if (interface != nullptr) *report.mutable_interface() = *interface;
  if (hosts_are_due || final) inventory.TakeHosts(report);
  report.set_final(final);
  frames.OnCaptureReport(report);
}

void CapturePipeline::Impl::ReportDiscards(v1::CaptureReport& report) const {
  auto& discarded = *report.mutable_discarded();
  const auto add = [&discarded](const char* name, uint64_t count) {
    if (count > 0) discarded[name] = count;
  };
  const DecapCounters& decap = decapsulator.counters();
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
  for (size_t i = 0; i < kDtlsDiscardCount; ++i) {
    const auto reason = static_cast<DtlsDiscard>(i);
    add(DtlsDiscardName(reason), dtls.Get(reason));
  }
  add("bad_time", bad_times);
}

void CapturePipeline::Impl::ReportTls(v1::CaptureReport& report) const {
  report.mutable_census()->set_dtls_srtp_sessions(dtls.sessions());
  report.mutable_census()->set_dtls_srtp_sessions_with_key(
      dtls.sessions_with_key());
  const TlsCounters* tls = signalling.tls_counters();
  if (tls == nullptr) return;
  v1::TrafficCensus& census = *report.mutable_census();
  census.set_tls_connections(tls->connections);
  census.set_tls_connections_with_key(tls->with_key);
  census.set_tls_connections_without_key(tls->without_key);
  census.set_tls_records_read(tls->records);
  for (size_t i = 0; i < kTlsDiscardCount; ++i) {
    const auto reason = static_cast<TlsDiscard>(i);
    const uint64_t count = tls->Get(reason);
    if (count > 0)
      (*report.mutable_discarded())[TlsDiscardName(reason)] = count;
  }
}

CapturePipeline::CapturePipeline(const v1::SensorConfig& config,
                                 uint32_t capture_point, FrameSink& sink,
                                 const v1::InterfaceState* interface,
                                 TlsKeys* tls_keys, const KeptStreams* kept)
    : impl_(std::make_unique<Impl>(config, capture_point, sink, interface,
                                   tls_keys, kept)) {}

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

void CapturePipeline::OnKeyLog(std::string_view lines) {
  if (impl_->tls_keys != nullptr) impl_->tls_keys->AddText(lines);
}

void CapturePipeline::OnTime(int64_t watermark_ns,
                             const CaptureCounters& counters) {
  impl_->source = counters;
  impl_->frames.OnDrops(counters.kernel_drops + counters.interface_drops +
                        impl_->decapsulator.tunnel_drops());
  if (watermark_ns <= 0 || watermark_ns > kMaxTimeNs) return;
  impl_->Advance(watermark_ns);
}

void CapturePipeline::set_effort(CodingEffort effort) {
  impl_->frames.set_effort(effort);
}

void CapturePipeline::Flush() { impl_->frames.Flush(); }

void CapturePipeline::EndRuns() { impl_->flows.EndRuns(); }

void CapturePipeline::Finish(int64_t watermark_ns,
                             const CaptureCounters& counters) {
  impl_->decapsulator.Finish();
  OnTime(watermark_ns, counters);
  impl_->signalling.Finish();
  impl_->dtls.FindKeys([this](const FlowKey& flow) { impl_->OnDtlsKey(flow); });
  impl_->flows.Finish();
  impl_->Report(impl_->newest_ns, /*final=*/true);
}

}  // namespace callbraid::sensor
