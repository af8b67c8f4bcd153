#include "sensor/tls/rsa_exchange.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "common/bytes/byte_reader.h"
#include "sensor/tls/cipher_suite.h"
#include "sensor/tls/key_schedule.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kMasterBytes = 48;
// RFC 5246, section 7.4.
constexpr uint8_t kClientHelloType = 1;
constexpr uint8_t kCertificateType = 11;
constexpr uint8_t kServerHelloDoneType = 14;
constexpr uint8_t kClientKeyExchangeType = 16;

std::span<const uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void AppendText(std::vector<uint8_t>& seed, std::string_view label) {
  seed.insert(seed.end(), label.begin(), label.end());
}

}  // namespace

bool HasRsaKeyExchange(const ServerHello& server) {
  // RFC 5246, appendix A.5; RFC 5288; RFC 6655.
  static constexpr std::array<uint16_t, 10> kSuites = {
      0x002f, 0x0035, 0x003c, 0x003d, 0x009c,
      0x009d, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1};
  return server.version == kTls12 &&
         std::find(kSuites.begin(), kSuites.end(), server.cipher_suite) !=
             kSuites.end();
}

void RsaExchange::Append(bool of_client, std::span<const uint8_t> bytes) {
  Side& side = of_client ? client_ : server_;
  // What follows proves who the client is, or is a ticket, and is no part of
  // it.
  if (of_client ? secret_.has_value() : server_done_) return;
  failed_ |= side.said.size() + bytes.size() > kMaxBytes;
  if (failed_) return;
  side.said.append(bytes.begin(), bytes.end());
  Look(of_client);
}

void RsaExchange::Look(bool of_client) {
  Side& side = of_client ? client_ : server_;
  while (side.said.size() - side.read >= kHeaderBytes) {
    ByteReader in(BytesOf(side.said).subspan(side.read));
    const uint8_t type = in.U8();
    const Place body = {side.read + kHeaderBytes,
                        side.read + kHeaderBytes + in.U24()};
    if (body.end > side.said.size()) return;
    side.read = body.end;
    if (of_client && type == kClientHelloType && !hello_) hello_ = body;
    if (!of_client && type == kCertificateType) certificate_ = body;
    if (of_client && type == kClientKeyExchangeType) secret_ = body;
    if (!of_client && type == kServerHelloDoneType) server_done_ = true;
    if (of_client ? secret_.has_value() : server_done_) {
      side.said.resize(body.end);
      return;
    }
  }
}

std::span<const uint8_t> RsaExchange::Body(const Side& side,
                                           const Place& place) const {
  return BytesOf(side.said).subspan(place.begin, place.end - place.begin);
}

const EVP_PKEY* RsaExchange::KeyOf(const ServerKeys& keys) const {
  if (!certificate_) return nullptr;
  // The server's own certificate is the first of its list.
  ByteReader list(Body(server_, *certificate_));
  list.U24();
  const auto certificate = list.Take(list.U24());
  return list.ok() ? keys.Find(certificate) : nullptr;
}

std::optional<std::string> RsaExchange::SessionHash(const char* hash) const {
  const std::string_view client = client_.said;
  const std::string all = std::string(client.substr(0, hello_->end))
                              .append(server_.said)
                              .append(client.substr(hello_->end));
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  size_t size = 0;
  if (EVP_Q_digest(nullptr, hash, nullptr, all.data(), all.size(),
                   reinterpret_cast<uint8_t*>(digest.data()), &size) != 1) {
    return std::nullopt;
  }
  digest.resize(size);
  return digest;
}

std::optional<Secret> RsaExchange::Master(const EVP_PKEY& key,
                                          const ClientRandom& client_random,
                                          const ServerHello& server) const {
  const CipherSuite* suite =
      FindCipherSuite(server.version, server.cipher_suite);
  if (!done() || suite == nullptr) return std::nullopt;
  ByteReader exchange(Body(client_, *secret_));
  const auto encrypted = exchange.Take(exchange.U16());
  if (!exchange.ok()) return std::nullopt;
  const std::optional<Secret> pre_master = DecryptPreMaster(key, encrypted);
  if (!pre_master) return std::nullopt;
  std::vector<uint8_t> seed;
  if (server.extended_master_secret) {
    const auto session_hash = SessionHash(suite->hash);
    if (!session_hash) return std::nullopt;
    AppendText(seed, "extended master secret");
    AppendText(seed, *session_hash);
  } else {
    // RFC 5246, section 8.1.
    AppendText(seed, "master secret");
    seed.insert(seed.end(), client_random.begin(), client_random.end());
    seed.insert(seed.end(), server.random.begin(), server.random.end());
  }
  Secret master;
  master.Resize(kMasterBytes);
  if (!Tls12Prf(suite->hash, *pre_master, seed, master.mutable_bytes())) {
    return std::nullopt;
  }
  return master;
}

}  // namespace callbraid::sensor
