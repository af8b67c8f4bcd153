#include "sensor/tls/handshake.h"

#include <algorithm>

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kMaxMessageBytes = size_t{16} << 10;
constexpr uint16_t kEncryptThenMac = 22;
constexpr uint16_t kExtendedMasterSecret = 23;
constexpr uint16_t kSupportedVersions = 43;

// SHA-256 of "HelloRetryRequest".
constexpr std::array<uint8_t, 32> kRetryRequestRandom = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

bool IsWanted(uint8_t type) {
  return type == static_cast<uint8_t>(HandshakeType::kClientHello) ||
         type == static_cast<uint8_t>(HandshakeType::kServerHello) ||
         type == static_cast<uint8_t>(HandshakeType::kKeyUpdate);
}

std::span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

bool IsRetryRequest(std::span<const uint8_t> random) {
  return std::equal(random.begin(), random.end(), kRetryRequestRandom.begin(),
                    kRetryRequestRandom.end());
}

// RFC 8446, section 4.1.2.
std::optional<ClientRandom> ParseClientHello(std::span<const uint8_t> body) {
  ByteReader in(body);
  const uint8_t major = in.U8();
  in.U8();
  const auto random = in.Take(32);
  in.Take(in.U8());   // Session id.
  in.Take(in.U16());  // Cipher suites.
  in.Take(in.U8());   // Compression methods.
  if (!in.ok() || major != 3) return std::nullopt;
  ClientRandom client_random;
  std::copy(random.begin(), random.end(), client_random.begin());
  return client_random;
}

// RFC 8446, section 4.1.3.
std::optional<ServerHello> ParseServerHello(std::span<const uint8_t> body) {
  ServerHello hello;
  ByteReader in(body);
  hello.version = in.U16();
  const auto random = in.Take(32);
  in.Take(in.U8());  // Session id.
  hello.cipher_suite = in.U16();
  hello.compressed = in.U8() != 0;
  if (!in.ok() || hello.version >> 8 != 3) return std::nullopt;
  std::copy(random.begin(), random.end(), hello.random.begin());
  hello.is_retry_request = IsRetryRequest(hello.random);
  if (in.rest().empty()) return hello;
  ByteReader extensions(in.Take(in.U16()));
  while (extensions.ok() && !extensions.rest().empty()) {
    const uint16_t type = extensions.U16();
    ByteReader extension(extensions.Take(extensions.U16()));
    if (type == kEncryptThenMac) hello.encrypt_then_mac = true;
    if (type == kExtendedMasterSecret) hello.extended_master_secret = true;
    if (type == kSupportedVersions) hello.version = extension.U16();
  }
  if (!in.ok() || !extensions.ok()) return std::nullopt;
  return hello;
}

void HandshakeReader::Append(std::span<const uint8_t> bytes, MessageFn emit) {
  while (!bytes.empty()) {
    const size_t skipped = std::min(skip_, bytes.size());
    skip_ -= skipped;
    bytes = bytes.subspan(skipped);
    const size_t had = message_.size();
    size_t size = kHeaderBytes;
    if (had >= kHeaderBytes) {
      ByteReader in(BytesOf(message_));
      in.U8();
      size += in.U24();
    }
    const size_t taken = std::min(size - had, bytes.size());
    message_.append(bytes.begin(),
                    bytes.begin() + static_cast<ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
    if (message_.size() < kHeaderBytes) return;
    ByteReader in(BytesOf(message_));
    const uint8_t type = in.U8();
    const size_t body = in.U24();
    if (!IsWanted(type) || body > kMaxMessageBytes) {
      skip_ = body;
      message_.clear();
    } else if (message_.size() == kHeaderBytes + body) {
      emit(static_cast<HandshakeType>(type),
           BytesOf(message_).subspan(kHeaderBytes));
      message_.clear();
    }
  }
}

void HandshakeReader::Reset() {
  message_.clear();
  skip_ = 0;
}

}  // namespace callbraid::sensor
