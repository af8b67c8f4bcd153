#include "collector/store/observation_id.h"

#include <algorithm>

#include "openssl/evp.h"

namespace callbraid::collector {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::optional<uint8_t> DigitValue(char c) {
  if (c >= 'A' && c <= 'F') c = static_cast<char>(c + 32);
  const size_t value = kDigits.find(c);
  if (value == std::string_view::npos) return std::nullopt;
  return static_cast<uint8_t>(value);
}

}  // namespace

ObservationId ObservationId::Of(std::string_view identity) {
  // Fetched once: EVP_sha256() is looked up anew by every digest.
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest = {};
  EVP_Digest(identity.data(), identity.size(), digest.data(), nullptr, sha256,
             nullptr);
  ObservationId id;
  std::copy_n(digest.begin(), id.bytes_.size(), id.bytes_.begin());
  return id;
}

std::optional<ObservationId> ObservationId::FromBytes(std::string_view bytes) {
  ObservationId id;
  if (bytes.size() != id.bytes_.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), id.bytes_.begin());
  return id;
}

std::optional<ObservationId> ObservationId::FromHex(std::string_view hex) {
  ObservationId id;
  if (hex.size() != 2 * id.bytes_.size()) return std::nullopt;
  for (size_t i = 0; i < id.bytes_.size(); ++i) {
    const auto high = DigitValue(hex[2 * i]);
    const auto low = DigitValue(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    id.bytes_[i] = static_cast<uint8_t>(*high << 4 | *low);
  }
  return id;
}

std::string ObservationId::ToHex() const {
  std::string hex;
  hex.reserve(2 * bytes_.size());
  for (const uint8_t byte : bytes_) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 0x0f]);
  }
  return hex;
}

}  // namespace callbraid::collector
