#include "sensor/signalling/tls_framer.h"

#include <utility>

#include "sensor/signalling/stream_framer.h"

namespace callbraid::sensor {
namespace {

// What reads the plaintext: `plain` cuts it, and tells `emit`.
auto CutWith(StreamFramer& plain, StreamMessageFn emit) {
  return [&plain, emit](int64_t time_ns, std::string_view plaintext, bool gap) {
    if (gap) plain.Break(time_ns, emit);
    plain.Append(time_ns, plaintext, emit);
  };
}

}  // namespace

TlsFramer::TlsFramer(SignallingCounters& counters,
                     std::shared_ptr<TlsSession> session)
    : reader_(std::move(session)),
      plain_(std::make_unique<StreamFramer>(counters, BinaryProtocol::kNone)) {}

TlsFramer::~TlsFramer() = default;

void TlsFramer::Append(int64_t time_ns, std::string_view bytes,
                       StreamMessageFn emit) {
  reader_.Append(time_ns, bytes, CutWith(*plain_, emit));
}

void TlsFramer::Break(int64_t time_ns, StreamMessageFn emit) {
  reader_.Break();
  // What waits goes on where `plain_` is; the reader will say where it lacks
  // something.
  if (!reader_.waits()) plain_->Break(time_ns, emit);
}

void TlsFramer::OnTick(StreamMessageFn emit) {
  reader_.OnTick(CutWith(*plain_, emit));
}

size_t TlsFramer::bytes() const { return reader_.bytes() + plain_->bytes(); }

Transport TlsFramer::transport() const {
  return plain_->transport() == Transport::kWebSocket
             ? Transport::kSecureWebSocket
             : Transport::kTls;
}

}  // namespace callbraid::sensor
