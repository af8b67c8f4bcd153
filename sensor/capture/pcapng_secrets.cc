#include "sensor/capture/pcapng_secrets.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace callbraid::sensor {
namespace {

// Each block: type:32, length of all:32, body, length:32; in the byte order
// that the section's header has after its length.
constexpr size_t kHeaderBytes = 8;
constexpr size_t kSectionHeaderBytes = 12;
constexpr size_t kTrailerBytes = 4;
constexpr std::string_view kSection = "\x0a\x0d\x0d\x0a";
constexpr std::string_view kBigEndian = "\x1a\x2b\x3c\x4d";
constexpr std::string_view kLittleEndian = "\x4d\x3c\x2b\x1a";

constexpr uint32_t kSecretsBlock = 0x0000000a;
// Its body: type:32, length:32, secrets.
constexpr size_t kSecretsHeaderBytes = 8;
constexpr uint32_t kTlsKeyLog = 0x544c534b;
constexpr size_t kMaxSecretsBytes = size_t{16} << 20;

}  // namespace

PcapngSecrets::~PcapngSecrets() {
  OPENSSL_cleanse(body_.data(), body_.size());
  Wipe();
}

void PcapngSecrets::Wipe() {
  OPENSSL_cleanse(key_log_.data(), key_log_.size());
  key_log_.clear();
}

void PcapngSecrets::OnBytes(std::string_view bytes) {
  while (is_pcapng_ && !bytes.empty()) {
    if (left_ > 0) {
      const size_t taken = std::min(left_, bytes.size());
      if (wanted_) body_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      left_ -= taken;
      if (left_ == 0 && wanted_) EndSecrets();
      continue;
    }
    const size_t wanted =
        header_.size() < kHeaderBytes ? kHeaderBytes : kSectionHeaderBytes;
    const size_t taken = std::min(wanted - header_.size(), bytes.size());
    header_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (header_.size() < kHeaderBytes) return;
    if (header_.starts_with(kSection) && header_.size() < kSectionHeaderBytes) {
      continue;
    }
    is_pcapng_ = BeginBlock();
    header_.clear();
  }
}

bool PcapngSecrets::BeginBlock() {
  const std::string_view header(header_);
  if (header.starts_with(kSection)) {
    const std::string_view order = header.substr(kHeaderBytes);
    if (order != kBigEndian && order != kLittleEndian) return false;
    big_endian_ = order == kBigEndian;
  }
  const size_t length = Number(header.substr(4, 4));
  if (length < header.size() + kTrailerBytes || length % 4 != 0) return false;
  left_ = length - header.size();
  wanted_ = Number(header.substr(0, 4)) == kSecretsBlock &&
            length <= kMaxSecretsBytes;
  // So that it does not move, which would leave copies behind.
  if (wanted_) body_.reserve(left_);
  return true;
}

void PcapngSecrets::EndSecrets() {
  const std::string_view body(body_);
  if (body.size() >= kSecretsHeaderBytes + kTrailerBytes &&
      Number(body.substr(0, 4)) == kTlsKeyLog) {
    const size_t size =
        std::min<size_t>(Number(body.substr(4, 4)),
                         body.size() - kSecretsHeaderBytes - kTrailerBytes);
    // Most files have one.
    key_log_.reserve(key_log_.size() + size + 1);
    key_log_.append(body.substr(kSecretsHeaderBytes, size)).append("\n");
  }
  OPENSSL_cleanse(body_.data(), body_.size());
  body_.clear();
}

uint32_t PcapngSecrets::Number(std::string_view bytes) const {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[big_endian_ ? i : 3 - i]);
    value = value << 8 | byte;
  }
  return value;
}

}  // namespace callbraid::sensor
