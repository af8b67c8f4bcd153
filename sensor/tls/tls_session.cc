#include "sensor/tls/tls_session.h"

namespace callbraid::sensor {

void TlsSession::OnClientHello(const ClientRandom& client_random) {
  // After a HelloRetryRequest it says the same again.
  if (client_random_ == client_random) return;
  // Another connection with the same addresses: what the server said before was
  // of the old one.
  if (client_random_) server_.reset();
  client_random_ = client_random;
  counted_ = false;
  waits_for_key_ = false;
  ++context_.counters.connections;
}

std::optional<TlsSecrets> TlsSession::Secrets() const {
  if (!client_random_) return std::nullopt;
  return context_.keys.Find(*client_random_);
}

void TlsSession::CountWithKey() {
  if (!counted_) ++context_.counters.with_key;
  counted_ = true;
}

void TlsSession::CountWithoutKey() {
  if (!counted_) ++context_.counters.without_key;
  counted_ = true;
}

}  // namespace callbraid::sensor
