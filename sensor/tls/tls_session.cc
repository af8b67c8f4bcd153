#include "sensor/tls/tls_session.h"

namespace callbraid::sensor {

bool TlsContext::MayDecrypt() {
  constexpr int64_t kSecondNs = 1'000'000'000;
  if (now_ns - decryptions_since_ns >= kSecondNs) {
    decryptions_since_ns = now_ns;
    decryptions = 0;
  }
  return ++decryptions <= kMostDecryptionsASecond;
}

void TlsSession::OnClientHello(const ClientRandom& client_random) {
  // After a HelloRetryRequest it says the same again.
  if (client_random_ == client_random) return;
  // Another connection with the same addresses: what the server said before was
  // of the old one.
  if (client_random_) server_.reset();
  client_random_ = client_random;
  exchange_.reset();
  if (!context_.keys.server_keys().empty()) {
    exchange_ = std::make_unique<RsaExchange>();
  }
  counted_ = false;
  waits_for_key_ = false;
  ++context_.counters.connections;
}

void TlsSession::OnHandshake(bool of_client, std::span<const uint8_t> bytes) {
  if (exchange_ == nullptr) return;
  if (server_ && !HasRsaKeyExchange(server_->cipher_suite)) exchange_.reset();
  if (exchange_ == nullptr) return;
  exchange_->Append(of_client, bytes);
  if (!server_ || !client_random_ || !exchange_->done()) return;
  if (context_.MayDecrypt()) {
    const auto master = exchange_->Master(context_.keys.server_keys(),
                                          *client_random_, *server_);
    if (master) context_.keys.AddMaster(*client_random_, *master);
  }
  exchange_.reset();
}

void TlsSession::BreakHandshake() { exchange_.reset(); }

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
