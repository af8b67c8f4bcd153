#include "sensor/signalling/stream_framer.h"

#include <type_traits>
#include <utility>

#include "common/h323/tpkt.h"
#include "common/sccp/sccp_message.h"
#include "sensor/signalling/keep_alive.h"

namespace callbraid::sensor {
namespace {

// Calls `use` with the framer, if there is one yet.
template <typename Variant, typename Use>
void With(Variant& framer, Use use) {
  std::visit(
      [&use](auto& chosen) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(chosen)>,
                                      std::monostate>) {
          use(chosen);
        }
      },
      framer);
}

// Each header of SCCP and of TPKT has zeros; SIP has none.
bool IsText(std::string_view bytes) {
  return bytes.find('\0') == std::string_view::npos;
}

}  // namespace

bool StreamFramer::IsTls(std::string_view bytes) const {
  return tls_session_ != nullptr && tls_session_->context().keys.active() &&
         BeginsLikeTls(bytes);
}

bool StreamFramer::Recognise() {
  // A TPKT may come in two segments, of which the first is its header.
  if (binary_ == BinaryProtocol::kH323 && first_.size() >= kTpktHeaderBytes &&
      !IsText(first_)) {
    framer_.emplace<TpktFramer>(counters_);
    return true;
  }
  if (first_.size() < kSccpHeaderBytes && !IsKeepAlive(first_)) return false;
  if (BeginsLikeWebSocket(first_)) {
    framer_.emplace<WebSocketFramer>(counters_);
  } else if (binary_ == BinaryProtocol::kSccp && !IsText(first_)) {
    framer_.emplace<SccpFramer>(counters_);
  } else {
    framer_.emplace<SipFramer>(counters_);
  }
  return true;
}

void StreamFramer::Append(int64_t time_ns, std::string_view bytes,
                          StreamMessageFn emit) {
  const auto emit_now = [&](std::string_view message, bool truncated) {
    emit(time_ns, message, truncated);
  };
  // Also where the beginning of the connection was not seen.
  if (tls_ == nullptr && IsTls(bytes)) {
    BreakClear(emit_now);
    framer_.emplace<std::monostate>();
    tls_ = std::make_unique<TlsFramer>(counters_, tls_session_);
  }
  if (tls_ != nullptr) {
    tls_->Append(time_ns, bytes, emit);
  } else {
    AppendClear(bytes, emit_now);
  }
}

void StreamFramer::AppendClear(std::string_view bytes, MessageFn emit) {
  if (framer_.index() == 0) {
    first_.append(bytes);
    if (!Recognise()) return;
    const std::string first = std::exchange(first_, {});
    With(framer_, [&](auto& framer) { framer.Append(first, emit); });
    return;
  }
  // After an upgrade on a connection that had been in use, or joined in the
  // middle of a frame.
  if (!std::holds_alternative<WebSocketFramer>(framer_) &&
      BeginsLikeWebSocket(bytes)) {
    BreakClear(emit);
    framer_.emplace<WebSocketFramer>(counters_);
  }
  // Joined in the middle of a message that looked like text.
  if (binary_ == BinaryProtocol::kH323 &&
      std::holds_alternative<SipFramer>(framer_) && ReadTpktSize(bytes)) {
    BreakClear(emit);
    framer_.emplace<TpktFramer>(counters_);
  }
  With(framer_, [&](auto& framer) { framer.Append(bytes, emit); });
}

void StreamFramer::Break(int64_t time_ns, StreamMessageFn emit) {
  if (tls_ != nullptr) {
    tls_->Break(time_ns, emit);
    return;
  }
  BreakClear([&](std::string_view message, bool truncated) {
    emit(time_ns, message, truncated);
  });
}

void StreamFramer::OnTick(StreamMessageFn emit) {
  if (tls_ != nullptr) tls_->OnTick(emit);
}

void StreamFramer::BreakClear(MessageFn emit) {
  With(framer_, [&](auto& framer) { framer.Break(emit); });
  if (!first_.empty()) {
    counters_.Count(SignallingDiscard::kSipTcpSkipped, first_.size());
    first_.clear();
  }
}

void StreamFramer::Reset() {
  With(framer_, [](auto& framer) { framer.Reset(); });
  framer_.emplace<std::monostate>();
  tls_.reset();
  first_.clear();
}

size_t StreamFramer::bytes() const {
  size_t bytes = first_.size() + (tls_ == nullptr ? 0 : tls_->bytes());
  With(framer_, [&bytes](const auto& framer) { bytes += framer.bytes(); });
  return bytes;
}

MessageKind StreamFramer::kind() const {
  if (std::holds_alternative<SccpFramer>(framer_)) return MessageKind::kSccp;
  return std::holds_alternative<TpktFramer>(framer_) ? MessageKind::kH323
                                                     : MessageKind::kSip;
}

Transport StreamFramer::transport() const {
  if (tls_ != nullptr) return tls_->transport();
  return std::holds_alternative<WebSocketFramer>(framer_)
             ? Transport::kWebSocket
             : Transport::kTcp;
}

}  // namespace callbraid::sensor
