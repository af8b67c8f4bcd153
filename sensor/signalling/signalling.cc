#include "sensor/signalling/signalling.h"

#include <memory>

#include "common/sip/sip_message.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxConnections = 8192;  // Directions, that is.
constexpr size_t kMaxTcpBytes = size_t{32} << 20;
constexpr int64_t kConnectionIdleNs = int64_t{600} * 1'000'000'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;

std::string_view TextOf(const Datagram& datagram) {
  return {reinterpret_cast<const char*>(datagram.payload.data()),
          datagram.payload.size()};
}

// RFC 5626, section 3.5.1: line ends; others send zeros.
bool IsKeepAlive(std::string_view text) {
  return text.size() <= 8 && text.find_first_not_of(std::string_view(
                                 "\r\n \0", 4)) == std::string_view::npos;
}

}  // namespace

Signalling::Signalling(const SignallingOptions& options,
                       ExpectedMedia& expected, SipSink& sink)
    : options_(options),
      sink_(sink),
      dialogs_(expected, options.asked_for, options.max_dialogs),
      streams_(kMaxConnections) {}

void Signalling::OnSignalling(const Datagram& datagram) {
  if (datagram.protocol == Protocol::kTcp) {
    OnTcp(datagram);
  } else {
    OnUdp(datagram);
  }
}

void Signalling::OnUdp(const Datagram& datagram) {
  const std::string_view text = TextOf(datagram);
  if (IsKeepAlive(text)) {
    counters_.Count(SignallingDiscard::kSipKeepAlive);
  } else if (!LooksLikeSip(text)) {
    counters_.Count(SignallingDiscard::kNotSip);
  } else {
    SipView sip;
    sip.time_ns = datagram.time_ns;
    sip.flow = datagram.flow;
    sip.protocol = Protocol::kUdp;
    sip.message = text.substr(0, kMaxSipMessageBytes);
    sip.truncated = datagram.truncated;
    sip.link = datagram.link;
    sip.dscp = datagram.dscp;
    Emit(sip);
  }
}

void Signalling::OnTcp(const Datagram& segment) {
  Connection* connection = Follow(segment);
  if (connection == nullptr) return;
  connection->link = segment.link;
  connection->dscp = segment.dscp;
  tcp_bytes_ -= connection->stream.bytes();
  connection->stream.OnSegment(
      segment, now_ns_,
      [&](int64_t time_ns, std::string_view message, bool truncated) {
        EmitFrom(segment.flow, *connection, time_ns, message, truncated);
      });
  tcp_bytes_ += connection->stream.bytes();
  if (connection->stream.finished()) streams_.Erase(segment.flow);
  while (tcp_bytes_ > kMaxTcpBytes) EvictOldest();
}

// The connection of `segment`, or nullptr if it is none of ours.
Signalling::Connection* Signalling::Follow(const Datagram& segment) {
  if (streams_.Find(segment.flow) == nullptr) {
    const bool begins_like_sip = LooksLikeSip(TextOf(segment));
    if (!begins_like_sip && !options_.sip_ports.UsedBy(segment.flow)) {
      counters_.Count(SignallingDiscard::kOtherTcp);
      return nullptr;
    }
    if (segment.payload.empty() && !segment.tcp_syn) return nullptr;
    if (streams_.full()) EvictOldest();
  }
  auto& connection = streams_.Use(segment.flow, now_ns_);
  if (!connection) connection = std::make_unique<Connection>(counters_);
  return connection.get();
}

void Signalling::EvictOldest() {
  auto* oldest = streams_.oldest();
  if (oldest == nullptr) return;
  counters_.Count(SignallingDiscard::kSipTcpEvicted);
  tcp_bytes_ -= oldest->value->stream.bytes();
  streams_.Erase(oldest->key);
}

void Signalling::OnTick(int64_t now_ns) {
  const bool second_begins = now_ns / kNsPerSecond != now_ns_ / kNsPerSecond;
  now_ns_ = now_ns;
  dialogs_.OnTick(now_ns);
  if (!second_begins) return;
  for (auto& entry : streams_.entries()) {
    SipStream& stream = entry.value->stream;
    tcp_bytes_ -= stream.bytes();
    stream.OnTick(
        now_ns, [&](int64_t time_ns, std::string_view message, bool truncated) {
          EmitFrom(entry.key, *entry.value, time_ns, message, truncated);
        });
    tcp_bytes_ += stream.bytes();
  }
  while (streams_.oldest() != nullptr &&
         streams_.oldest()->used_ns < now_ns - kConnectionIdleNs) {
    tcp_bytes_ -= streams_.oldest()->value->stream.bytes();
    streams_.Erase(streams_.oldest()->key);
  }
}

void Signalling::Finish() {
  for (auto& entry : streams_.entries()) {
    tcp_bytes_ -= entry.value->stream.bytes();
    entry.value->stream.Finish(
        [&](int64_t time_ns, std::string_view message, bool truncated) {
          EmitFrom(entry.key, *entry.value, time_ns, message, truncated);
        });
    tcp_bytes_ += entry.value->stream.bytes();
  }
}

void Signalling::EmitFrom(const FlowKey& flow, const Connection& connection,
                          int64_t time_ns, std::string_view message,
                          bool truncated) {
  SipView sip;
  sip.time_ns = time_ns;
  sip.flow = flow;
  sip.protocol = Protocol::kTcp;
  sip.message = message;
  sip.truncated = truncated;
  sip.link = connection.link;
  sip.dscp = connection.dscp;
  Emit(sip);
}

void Signalling::Emit(SipView sip) {
  sip.ordinal = NextOrdinal(sip.time_ns);
  if (const auto message = ParseSip(sip.message)) {
    dialogs_.OnMessage(*message);
  } else {
    counters_.Count(SignallingDiscard::kBadSip);
  }
  sink_.OnSip(sip);
}

uint32_t Signalling::NextOrdinal(int64_t time_ns) {
  for (Instant& instant : instants_) {
    if (instant.messages > 0 && instant.time_ns == time_ns) {
      return instant.messages++;
    }
  }
  instants_[next_instant_] = {time_ns, 1};
  next_instant_ = (next_instant_ + 1) % instants_.size();
  return 0;
}

}  // namespace callbraid::sensor
