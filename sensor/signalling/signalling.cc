#include "sensor/signalling/signalling.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "common/mgcp/mgcp_message.h"
#include "common/sccp/sccp_message.h"
#include "common/sip/sip_message.h"
#include "sensor/signalling/keep_alive.h"
#include "sensor/signalling/websocket_framer.h"

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

bool IsOnSccpPort(const FlowKey& flow) {
  return flow.source.port == kSccpPort || flow.destination.port == kSccpPort;
}

}  // namespace

Signalling::Signalling(const SignallingOptions& options,
                       ExpectedMedia& expected, MessageSink& sink)
    : options_(options),
      sink_(sink),
      dialogs_(expected, options.asked_for, options.max_dialogs),
      controlled_(dialogs_, counters_),
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
  } else {
    counters_.Count(SignallingDiscard::kNotSip);
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
  connection->link = segment.link;
  connection->dscp = segment.dscp;
  tcp_bytes_ -= connection->stream.bytes();
  connection->stream.OnSegment(
      segment, now_ns_,
      [&](int64_t time_ns, std::string_view message, bool truncated) {
        Emit(ViewOf(segment.flow, *connection, time_ns, message, truncated));
      });
  tcp_bytes_ += connection->stream.bytes();
  if (connection->stream.finished()) streams_.Erase(segment.flow);
  while (tcp_bytes_ > kMaxTcpBytes) EvictOldest();
}

// The connection of `segment`, or nullptr if it is none of ours.
Signalling::Connection* Signalling::Follow(const Datagram& segment) {
  if (streams_.Find(segment.flow) == nullptr) {
    if (!IsOurs(segment)) {
      counters_.Count(SignallingDiscard::kOtherTcp);
      return nullptr;
    }
    if (segment.payload.empty() && !segment.tcp_syn) return nullptr;
    if (streams_.full()) EvictOldest();
  }
  auto& connection = streams_.Use(segment.flow, now_ns_);
  if (!connection) {
    connection = std::make_unique<Connection>(
        counters_, IsOnSccpPort(segment.flow), TlsSessionOf(segment.flow));
  }
  return connection.get();
}

bool Signalling::IsOurs(const Datagram& segment) const {
  const FlowKey& flow = segment.flow;
  const std::string_view text = TextOf(segment);
  if (options_.sip_ports.UsedBy(flow) || IsOnSccpPort(flow) ||
      LooksLikeSip(text) || BeginsLikeWebSocket(text)) {
    return true;
  }
  return tls_ && tls_->keys.active() &&
         (UsesSipTlsPort(flow) || BeginsLikeTlsHello(text));
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
  tcp_bytes_ -= oldest->value->stream.bytes();
  streams_.Erase(oldest->key);
}

void Signalling::OnTick(int64_t now_ns) {
  const bool second_begins = now_ns / kNsPerSecond != now_ns_ / kNsPerSecond;
  now_ns_ = now_ns;
  dialogs_.OnTick(now_ns);
  controlled_.OnTick(now_ns);
  if (tls_) tls_->now_ns = now_ns;
  if (!second_begins) return;
  TickConnections();
  while (streams_.oldest() != nullptr &&
         streams_.oldest()->used_ns < now_ns - kConnectionIdleNs) {
    tcp_bytes_ -= streams_.oldest()->value->stream.bytes();
    streams_.Erase(streams_.oldest()->key);
  }
}

// What waited, for a key or for a gap to be filled, goes on in order of time,
// whichever direction it was of: who follows a dialog takes what is older than
// the last for a repetition.
void Signalling::TickConnections() {
  struct Held {
    MessageView view;
    std::string message;
  };
  std::vector<Held> held;
  for (auto it = streams_.entries().begin(); it != streams_.entries().end();) {
    const auto& entry = *it++;
    TcpStream& stream = entry.value->stream;
    tcp_bytes_ -= stream.bytes();
    stream.OnTick(now_ns_, [&](int64_t time_ns, std::string_view message,
                               bool truncated) {
      held.push_back({ViewOf(entry.key, *entry.value, time_ns, {}, truncated),
                      std::string(message)});
    });
    tcp_bytes_ += stream.bytes();
    if (stream.finished()) streams_.Erase(FlowKey(entry.key));
  }
  std::stable_sort(held.begin(), held.end(), [](const Held& a, const Held& b) {
    return a.view.time_ns < b.view.time_ns;
  });
  for (Held& one : held) {
    one.view.message = one.message;
    Emit(one.view);
  }
}

void Signalling::Finish() {
  TickConnections();
  for (auto& entry : streams_.entries()) {
    tcp_bytes_ -= entry.value->stream.bytes();
    entry.value->stream.Finish(
        [&](int64_t time_ns, std::string_view message, bool truncated) {
          Emit(ViewOf(entry.key, *entry.value, time_ns, message, truncated));
        });
    tcp_bytes_ += entry.value->stream.bytes();
  }
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
  view.ordinal = NextOrdinal(view.time_ns);
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
  }
  sink_.OnMessage(view);
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
