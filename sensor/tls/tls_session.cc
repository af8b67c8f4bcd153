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
  DropExchange();
  if (!context_.keys.server_keys().empty()) {
    exchange_ = std::make_unique<RsaExchange>();
  }
  counted_ = false;
  waits_for_key_ = false;
  ++context_.counters.connections;
}

void TlsSession::OnHandshake(bool of_client, std::span<const uint8_t> bytes) {
  if (exchange_ == nullptr) return;
  const size_t before = exchange_->bytes();
  exchange_->Append(of_client, bytes);
  context_.handshake_bytes += exchange_->bytes() - before;
  if (exchange_->failed() || (server_ && !HasRsaKeyExchange(*server_)) ||
      context_.handshake_bytes > TlsContext::kMaxHandshakeBytes) {
    DropExchange();
  }
  FindMaster();
}

void TlsSession::OnCipherChange(bool of_client) {
  if (exchange_ == nullptr) return;
  exchange_->OnCipherChange(of_client);
  if (exchange_->failed()) DropExchange();
}

void TlsSession::FindMaster() {
  if (exchange_ == nullptr || !exchange_->done() || !server_ ||
      !client_random_) {
    return;
  }
  if (const EVP_PKEY* key = exchange_->KeyOf(context_.keys.server_keys())) {
    if (!context_.MayDecrypt()) return;
    const auto master = exchange_->Master(*key, *client_random_, *server_);
    if (master) context_.keys.AddMaster(*client_random_, *master);
  }
  DropExchange();
}

void TlsSession::DropExchange() {
  if (exchange_ == nullptr) return;
  context_.handshake_bytes -= exchange_->bytes();
  exchange_.reset();
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
