// The part of FlowTable that follows streams, once they are known.

#include <algorithm>
#include <span>
#include <utility>

#include "common/rtp/sequence.h"
#include "common/sip/sdp.h"
#include "sensor/flow/flow_table.h"
#include "sensor/flow/parse_media.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

// Ends a run.
constexpr int64_t kSilenceNs = 8 * kNsPerSecond;
// So does a clock that was set back: a run's chunks must be in order of time.
// Less than this is a capture that hands packets on out of order.
constexpr int64_t kMaxStepBackNs = kNsPerSecond / 4;

// A pause. If another call has named the stream's endpoints since the run
// began, it ends here: some phones keep ports, SSRC and even count from call to
// call.
constexpr int64_t kPauseNs = kNsPerSecond / 5;

constexpr int64_t kReportEveryNs = 5 * kNsPerSecond;
// A stream without runs is forgotten after this.
constexpr int64_t kIdleNs = 300 * kNsPerSecond;
// Streams on one flow, those between runs included.
constexpr int kMaxStreamsOfFlow = 64;
// Packets that wait to confirm a jump, in all streams.
constexpr size_t kMaxHeld = 1024;

// A stream that no signalling seen here speaks of is asked for.
bool IsSpare(const Stream& stream) {
  return (stream.destination_call.spare || stream.source_call.spare) &&
         !stream.destination_call.asked_for() &&
         !stream.source_call.asked_for();
}

}  // namespace

Stream* FlowTable::Find(const FlowKey& flow, uint32_t ssrc) {
  const auto it = flows_.find(flow);
  if (it == flows_.end()) return nullptr;
  Stream* stream = it->second;
  while (stream != nullptr && (stream->ssrc != ssrc || stream->is_udptl())) {
    stream = stream->next_in_flow;
  }
  return stream;
}

Stream* FlowTable::NewStream(const FlowKey& flow, uint32_t ssrc,
                             v1::MediaTransport transport) {
  if (!MakeRoomIn(flow)) return nullptr;
  Stream* stream = pool_.Acquire();
  if (stream == nullptr && pool_.longest_idle() != nullptr) {
    Forget(*pool_.longest_idle());
    stream = pool_.Acquire();
  }
  if (stream == nullptr) return nullptr;
  stream->flow = flow;
  stream->ssrc = ssrc;
  stream->transport = transport;
  Stream*& first = flows_[flow];
  stream->next_in_flow = first;
  first = stream;
  if (!stream->is_udptl()) ++ssrcs_[ssrc];
  return stream;
}

bool FlowTable::MakeRoomIn(const FlowKey& flow) {
  const auto it = flows_.find(flow);
  if (it == flows_.end()) return true;
  int count = 0;
  Stream* last_idle = nullptr;
  for (Stream* s = it->second; s != nullptr; s = s->next_in_flow) {
    ++count;
    if (s->parked) last_idle = s;
  }
  if (count < kMaxStreamsOfFlow) return true;
  if (last_idle == nullptr) return false;
  Forget(*last_idle);
  return true;
}

void FlowTable::Forget(Stream& stream) {
  const auto flow = flows_.find(stream.flow);
  Stream** link = &flow->second;
  while (*link != &stream) link = &(*link)->next_in_flow;
  *link = stream.next_in_flow;
  if (flow->second == nullptr) flows_.erase(flow);
  if (!stream.is_udptl()) {
    const auto ssrc = ssrcs_.find(stream.ssrc);
    if (--ssrc->second == 0) ssrcs_.erase(ssrc);
  }
  pool_.Unpark(stream);
  pool_.Release(stream);
}

void FlowTable::OnStreamPacket(Stream& stream, const Datagram& datagram,
                               const RtpPacket& packet) {
  const int64_t time_ns = datagram.time_ns;
  stream.last_seen_ns = now_ns_;
  if (stream.active &&
      (time_ns - stream.newest_ns > kSilenceNs ||
       stream.newest_ns - time_ns > kMaxStepBackNs ||
       (time_ns - stream.newest_ns > kPauseNs && IsOfAnotherCall(stream)))) {
    EndRun(stream);
  }
  if (!stream.active) {
    BeginRun(stream, datagram, packet);
    return;
  }
  if (!stream.meter.Add(time_ns, packet)) {
    OnJump(stream, datagram, packet);
    return;
  }
  if (stream.meter.payload_type_changed()) LearnClock(stream);
  if (stream.holds_jump) DropHeld(stream);
  stream.newest_ns = std::max(stream.newest_ns, time_ns);
  media_.OnRtp(stream, time_ns, packet);
}

bool FlowTable::IsOfAnotherCall(const Stream& stream) {
  const NamingCall& destination = stream.destination_call;
  const NamingCall& source = stream.source_call;
  return (destination.id != 0 &&
          destination.id != expected_.CallOf(stream.flow.destination).id) ||
         (source.id != 0 &&
          source.id != expected_.CallOf(stream.flow.source).id);
}

// Also from SDP that comes only after the first packets.
void FlowTable::LearnCalls(Stream& stream) {
  LearnCall(stream.flow.destination, stream.destination_call);
  LearnCall(stream.flow.source, stream.source_call);
}

// A call that was spare may be asked for later, by what else it says.
void FlowTable::LearnCall(const Endpoint& endpoint, NamingCall& call) {
  if (call.asked_for()) return;
  const NamingCall now = expected_.CallOf(endpoint);
  if (call.id == 0 || call.id == now.id) call = now;
}

// RFC 3550, appendix A.1: two packets in sequence make a restart of the source,
// one alone is a stray.
void FlowTable::OnJump(Stream& stream, const Datagram& datagram,
                       const RtpPacket& packet) {
  const auto it = held_.find(stream.slot);
  if (it != held_.end()) {
    const HeldPacket held = std::move(it->second);
    held_.erase(it);
    stream.holds_jump = false;
    const std::span<const uint8_t> bytes = {
        reinterpret_cast<const uint8_t*>(held.bytes.data()), held.bytes.size()};
    const auto first = stream.is_udptl() ? ReadUdptl(bytes, held.truncated)
                                         : ParseMedia(bytes, held.truncated);
    if (first && packet.sequence == static_cast<uint16_t>(held.sequence + 1)) {
      EndRun(stream);
      Datagram begin = datagram;
      begin.time_ns = held.time_ns;
      BeginRun(stream, begin, *first);
      OnStreamPacket(stream, datagram, packet);
      return;
    }
    counters_.Count(FlowDiscard::kRtpStray);
  }
  if (held_.size() >= kMaxHeld) {
    counters_.Count(FlowDiscard::kRtpStray);
    return;
  }
  held_[stream.slot] = {
      datagram.time_ns, packet.sequence, datagram.truncated,
      std::string(datagram.payload.begin(), datagram.payload.end())};
  stream.holds_jump = true;
}

void FlowTable::BeginRun(Stream& stream, const Datagram& datagram,
                         const RtpPacket& packet) {
  pool_.Unpark(stream);
  // Runs are told apart by their start, also where the capture's clock stands
  // still.
  stream.start_ns = datagram.time_ns == stream.start_ns ? datagram.time_ns + 1
                                                        : datagram.time_ns;
  stream.active = true;
  stream.newest_ns = datagram.time_ns;
  stream.destination_call = stream.source_call = {};
  LearnCalls(stream);
  stream.spare = IsSpare(stream);
  stream.link = datagram.link;
  stream.dscp = datagram.dscp;
  stream.zrtp_secure_ns =
      stream.is_udptl() ? 0 : zrtp_.SecureSince(stream.flow);
  stream.last_report_ns = now_ns_;
  stream.meter.Start(datagram.time_ns, packet);
  LearnClock(stream);
  media_.OnRtp(stream, datagram.time_ns, packet);
  media_.OnStreamReport(stream, /*final=*/false);
}

void FlowTable::EndRun(Stream& stream) {
  if (stream.holds_jump) DropHeld(stream);
  media_.OnStreamReport(stream, /*final=*/true);
  stream.active = false;
  pool_.Park(stream);
}

void FlowTable::DropHeld(Stream& stream) {
  held_.erase(stream.slot);
  stream.holds_jump = false;
  counters_.Count(FlowDiscard::kRtpStray);
}

// The receiver's SDP says what it wants to be sent, the sender's mostly agrees.
void FlowTable::LearnClock(Stream& stream) {
  if (stream.is_udptl()) {
    stream.meter.set_clock_rate(0);
    return;
  }
  const uint8_t type = stream.meter.payload_type();
  uint32_t rate = StaticPayloadOf(type).clock_rate;
  if (rate == 0) rate = expected_.ClockRate(stream.flow.destination, type);
  if (rate == 0) rate = expected_.ClockRate(stream.flow.source, type);
  stream.meter.set_clock_rate(rate);
}

void FlowTable::ForEachStream(
    const FlowKey& flow, absl::FunctionRef<void(const Stream&)> visit) const {
  for (const FlowKey& direction : {flow, flow.Reversed()}) {
    const auto it = flows_.find(direction);
    if (it == flows_.end()) continue;
    for (const Stream* s = it->second; s != nullptr; s = s->next_in_flow) {
      visit(*s);
    }
  }
}

void FlowTable::Visit(Stream& stream) {
  const int64_t silent_ns = now_ns_ - stream.last_seen_ns;
  if (!stream.active) {
    if (silent_ns > kIdleNs) Forget(stream);
    return;
  }
  if (silent_ns > kSilenceNs) {
    EndRun(stream);
    return;
  }
  LearnCalls(stream);
  // A run goes one way to the collector. What follows goes another.
  if (IsSpare(stream) != stream.spare) {
    EndRun(stream);
    return;
  }
  if (now_ns_ - stream.last_report_ns < kReportEveryNs) return;
  stream.last_report_ns = now_ns_;
  expected_.Refresh(stream.flow.destination);
  expected_.Refresh(stream.flow.source);
  if (stream.zrtp_secure_ns != 0) zrtp_.Refresh(stream.flow);
  if (stream.meter.clock_rate() == 0) LearnClock(stream);
  media_.OnStreamReport(stream, /*final=*/false);
}

}  // namespace callbraid::sensor
