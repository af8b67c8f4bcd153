#include "sensor/signalling/signalling.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "common/h323/h225_message.h"
#include "common/h323/h245_message.h"
#include "common/h323/tpkt.h"
#include "common/mgcp/mgcp_message.h"
#include "common/sccp/sccp_message.h"
#include "common/sip/sip_message.h"
#include "sensor/signalling/keep_alive.h"
#include "sensor/signalling/websocket_framer.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxConnections = 8192;  // Directions, that is.
// Of one direction that wait for a gap of the other.
constexpr size_t kMaxHeldMessages = 64;
constexpr size_t kMaxTcpBytes = size_t{32} << 20;
constexpr int64_t kConnectionIdleNs = int64_t{600} * 1'000'000'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;

std::string_view TextOf(const Datagram& datagram) {
  return {reinterpret_cast<const char*>(datagram.payload.data()),
          datagram.payload.size()};
}

bool Uses(const FlowKey& flow, uint16_t port) {
  return flow.source.port == port || flow.destination.port == port;
}

// Whether a segment begins with a message that says of itself what it is, on
// whatever port.
bool BeginsLikeH225(std::string_view text) {
  return ReadTpktSize(text) && IsH225(text.substr(kTpktHeaderBytes));
}
bool BeginsLikeH245(std::string_view text) {
  return ReadTpktSize(text) &&
         IsH245CapabilitySet(text.substr(kTpktHeaderBytes));
}

}  // namespace

Signalling::Signalling(const SignallingOptions& options,
                       ExpectedMedia& expected, MessageSink& sink)
    : options_(options),
      sink_(sink),
      dialogs_(expected, options.asked_for, options.max_dialogs),
      controlled_(dialogs_, counters_),
      h323_(dialogs_, counters_),
      streams_(kMaxConnections) {
  if (options.tls_keys != nullptr) {
    tls_.emplace(*options.tls_keys, options.tls_key_wait_ns);
  }
}

void Signalling::OnSignalling(const Datagram& datagram) {
  if (datagram.protocol == Protocol::kTcp) {
    OnTcp(datagram);
  } else {
    OnUdp(datagram);
  }
}

void Signalling::OnUdp(const Datagram& datagram) {
  const std::string_view text = TextOf(datagram);
  MessageView view;
  view.time_ns = datagram.time_ns;
  view.flow = datagram.flow;
  view.message = text.substr(0, kMaxMessageBytes);
  view.truncated = datagram.truncated;
  view.link = datagram.link;
  view.dscp = datagram.dscp;
  if (IsKeepAlive(text)) {
    counters_.Count(SignallingDiscard::kSipKeepAlive);
  } else if (LooksLikeSip(text)) {
    Emit(view);
  } else if (LooksLikeMgcpCommand(text)) {
    EmitMgcp(view);
  } else if (LooksLikeMgcpResponse(text)) {
    if (controlled_.SpeakMgcp(datagram.flow)) {
      EmitMgcp(view);
    } else {
      counters_.Count(SignallingDiscard::kNotMgcp);
    }
  } else if (!Uses(datagram.flow, kRasPort)) {
    counters_.Count(SignallingDiscard::kNotSip);
  } else if (ParseRas(text)) {
    view.kind = MessageKind::kH323;
    Emit(view);
  } else {
    counters_.Count(SignallingDiscard::kNotH323);
  }
}

// A datagram may hold several; what is cut off is of the last one.
void Signalling::EmitMgcp(MessageView view) {
  view.kind = MessageKind::kMgcp;
  const bool truncated = view.truncated;
  for (std::string_view rest = view.message; !rest.empty();) {
    view.message = TakeMgcpMessage(rest);
    view.truncated = truncated && rest.empty();
    if (view.message.find_first_not_of("\r\n") != std::string_view::npos) {
      Emit(view);
    }
  }
}

void Signalling::OnTcp(const Datagram& segment) {
  Connection* connection = Follow(segment);
  if (connection == nullptr) return;
  Connection* const other = OtherDirection(segment.flow);
  connection->link = segment.link;
  connection->dscp = segment.dscp;
  // As a rule nothing waits.
  const bool at_once =
      other == nullptr || (!other->stream.has_gap() && other->held.empty());
  tcp_bytes_ -= connection->stream.bytes();
  connection->stream.OnSegment(
      segment, now_ns_,
      [&](int64_t time_ns, std::string_view message, bool truncated) {
        MessageView view =
            ViewOf(segment.flow, *connection, time_ns, message, truncated);
        if (at_once) return Emit(view);
        Hold({view, std::string(message)}, *connection);
      });
  tcp_bytes_ += connection->stream.bytes();
  std::vector<HeldMessage> ready;
  if (!at_once && !other->stream.has_gap()) TakeHeld(*connection, ready);
  if (!at_once && !connection->stream.has_gap()) TakeHeld(*other, ready);
  EmitInOrder(std::move(ready));
  if (connection->stream.finished()) Erase(segment.flow);
  while (tcp_bytes_ > kMaxTcpBytes) EvictOldest();
}

Signalling::Connection* Signalling::OtherDirection(const FlowKey& flow) {
  auto* other = streams_.Find(flow.Reversed());
  return other == nullptr ? nullptr : other->get();
}

void Signalling::Hold(HeldMessage message, Connection& connection) {
  if (connection.held.size() >= kMaxHeldMessages) {
    std::vector<HeldMessage> ready;
    TakeHeld(connection, ready);
    EmitInOrder(std::move(ready));
  }
  tcp_bytes_ += message.message.size();
  connection.held.push_back(std::move(message));
}

void Signalling::TakeHeld(Connection& connection,
                          std::vector<HeldMessage>& out) {
  for (HeldMessage& message : connection.held) {
    tcp_bytes_ -= message.message.size();
    out.push_back(std::move(message));
  }
  connection.held.clear();
}

void Signalling::Erase(FlowKey flow) {
  Connection& connection = **streams_.Find(flow);
  std::vector<HeldMessage> ready;
  TakeHeld(connection, ready);
  // Its gap, which that waited for, goes with it.
  if (Connection* other = OtherDirection(flow)) TakeHeld(*other, ready);
  EmitInOrder(std::move(ready));
  tcp_bytes_ -= connection.stream.bytes();
  streams_.Erase(flow);
}

void Signalling::EmitInOrder(std::vector<HeldMessage> messages) {
  std::stable_sort(messages.begin(), messages.end(),
                   [](const HeldMessage& a, const HeldMessage& b) {
                     return a.view.time_ns < b.view.time_ns;
                   });
  for (HeldMessage& held : messages) {
    held.view.message = held.message;
    Emit(held.view);
  }
}

// The connection of `segment`, or nullptr if it is none of ours.
Signalling::Connection* Signalling::Follow(const Datagram& segment) {
  auto binary = BinaryProtocol::kNone;
  if (streams_.Find(segment.flow) == nullptr) {
    binary = BinaryOf(segment);
    if (binary == BinaryProtocol::kNone && !IsOurs(segment)) {
      counters_.Count(SignallingDiscard::kOtherTcp);
      return nullptr;
    }
    if (segment.payload.empty() && !segment.tcp_syn) return nullptr;
    if (streams_.full()) EvictOldest();
  }
  auto& connection = streams_.Use(segment.flow, now_ns_);
  if (!connection) {
    connection = std::make_unique<Connection>(counters_, binary,
                                              TlsSessionOf(segment.flow));
  }
  return connection.get();
}

bool Signalling::IsOurs(const Datagram& segment) const {
  const FlowKey& flow = segment.flow;
  const std::string_view text = TextOf(segment);
  if (options_.sip_ports.UsedBy(flow) || LooksLikeSip(text) ||
      BeginsLikeWebSocket(text)) {
    return true;
  }
  return tls_ && tls_->keys.active() &&
         (UsesSipTlsPort(flow) || BeginsLikeTlsHello(text));
}

BinaryProtocol Signalling::BinaryOf(const Datagram& segment) {
  const FlowKey& flow = segment.flow;
  if (Uses(flow, kSccpPort)) return BinaryProtocol::kSccp;
  const std::string_view text = TextOf(segment);
  if (BeginsLikeH245(text)) h323_.ExpectH245(flow);
  // Whoever announces an address may name that of a web server.
  const bool is_h245 = ReadTpktSize(text) && h323_.IsH245(flow);
  return Uses(flow, kH225Port) || is_h245 || BeginsLikeH225(text)
             ? BinaryProtocol::kH323
             : BinaryProtocol::kNone;
}

std::shared_ptr<TlsSession> Signalling::TlsSessionOf(const FlowKey& flow) {
  if (!tls_) return nullptr;
  const auto* other = streams_.Find(flow.Reversed());
  return other != nullptr && *other != nullptr
             ? (*other)->stream.tls_session()
             : std::make_shared<TlsSession>(*tls_);
}

void Signalling::EvictOldest() {
  auto* oldest = streams_.oldest();
  if (oldest == nullptr) return;
  counters_.Count(SignallingDiscard::kSipTcpEvicted);
  Erase(oldest->key);
}

void Signalling::OnTick(int64_t now_ns) {
  const bool second_begins = now_ns / kNsPerSecond != now_ns_ / kNsPerSecond;
  now_ns_ = now_ns;
  dialogs_.OnTick(now_ns);
  controlled_.OnTick(now_ns);
  h323_.OnTick(now_ns);
  if (tls_) tls_->now_ns = now_ns;
  if (!second_begins) return;
  ForEachConnection([this](TcpStream& stream, StreamMessageFn emit) {
    stream.OnTick(now_ns_, emit);
  });
  while (streams_.oldest() != nullptr &&
         streams_.oldest()->used_ns < now_ns - kConnectionIdleNs) {
    Erase(streams_.oldest()->key);
  }
}

template <typename Act>
void Signalling::ForEachConnection(Act act) {
  std::vector<HeldMessage> ready;
  std::vector<FlowKey> finished;
  for (const auto& entry : streams_.entries()) {
    TcpStream& stream = entry.value->stream;
    tcp_bytes_ -= stream.bytes();
    act(stream, [&](int64_t time_ns, std::string_view message, bool truncated) {
      ready.push_back({ViewOf(entry.key, *entry.value, time_ns, {}, truncated),
                       std::string(message)});
    });
    tcp_bytes_ += stream.bytes();
    if (stream.finished()) finished.push_back(entry.key);
  }
  for (const auto& entry : streams_.entries()) {
    if (entry.value->held.empty()) continue;
    const Connection* const other = OtherDirection(entry.key);
    if (other != nullptr && other->stream.has_gap()) continue;
    TakeHeld(*entry.value, ready);
  }
  EmitInOrder(std::move(ready));
  for (const FlowKey& flow : finished) Erase(flow);
}

void Signalling::Finish() {
  ForEachConnection([this](TcpStream& stream, StreamMessageFn emit) {
    stream.OnTick(now_ns_, emit);
    stream.Finish(emit);
  });
}

MessageView Signalling::ViewOf(const FlowKey& flow,
                               const Connection& connection, int64_t time_ns,
                               std::string_view message, bool truncated) {
  MessageView view;
  view.time_ns = time_ns;
  view.flow = flow;
  view.kind = connection.stream.kind();
  view.transport = connection.stream.transport();
  view.message = message;
  view.truncated = truncated;
  view.link = connection.link;
  view.dscp = connection.dscp;
  return view;
}

void Signalling::Emit(MessageView view) {
  if (!Read(view)) return;
  view.ordinal = NextOrdinal(view.time_ns);
  sink_.OnMessage(view);
}

bool Signalling::Read(const MessageView& view) {
  switch (view.kind) {
    case MessageKind::kSip:
      if (const auto message = ParseSip(view.message)) {
        dialogs_.OnMessage(*message);
      } else {
        counters_.Count(SignallingDiscard::kBadSip);
      }
      break;
    case MessageKind::kMgcp:
      if (const auto message = ParseMgcp(view.message)) {
        controlled_.OnMgcp(view.flow, *message);
      }
      break;
    case MessageKind::kSccp:
      controlled_.OnSccp(view.flow, view.message);
      break;
    case MessageKind::kH323:
      // RAS names no media.
      if (view.transport == Transport::kTcp &&
          !h323_.OnMessage(view.flow, view.message)) {
        counters_.Count(SignallingDiscard::kNotH323);
        return false;
      }
      break;
  }
  return true;
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
