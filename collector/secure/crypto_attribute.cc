#include "collector/secure/crypto_attribute.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "common/base/absl_string.h"

namespace callbraid::collector {
namespace {

using Cipher = SrtpSuite::Cipher;

constexpr size_t kMaxKeys = 8;
constexpr size_t kMaxMkiBytes = 128;
// 2^48 packets of SRTP, 2^31 of SRTCP (RFC 3711, section 9.2).
constexpr uint32_t kMaxLifetimeExponent = 48;
constexpr uint64_t kMaxLifetime = uint64_t{1} << kMaxLifetimeExponent;

constexpr std::array<SrtpSuite, 18> kSuites = {{
    {"AES_CM_128_HMAC_SHA1_80", Cipher::kAesCm, 16, 14, 10},
    {"AES_CM_128_HMAC_SHA1_32", Cipher::kAesCm, 16, 14, 4},
    {"AES_192_CM_HMAC_SHA1_80", Cipher::kAesCm, 24, 14, 10},
    {"AES_192_CM_HMAC_SHA1_32", Cipher::kAesCm, 24, 14, 4},
    {"AES_256_CM_HMAC_SHA1_80", Cipher::kAesCm, 32, 14, 10},
    {"AES_256_CM_HMAC_SHA1_32", Cipher::kAesCm, 32, 14, 4},
    {"AEAD_AES_128_GCM", Cipher::kAesGcm, 16, 12, 16},
    {"AEAD_AES_256_GCM", Cipher::kAesGcm, 32, 12, 16},
    // Of the drafts before RFC 6188 and RFC 7714, still on the wire.
    {"AES_CM_192_HMAC_SHA1_80", Cipher::kAesCm, 24, 14, 10},
    {"AES_CM_192_HMAC_SHA1_32", Cipher::kAesCm, 24, 14, 4},
    {"AES_CM_256_HMAC_SHA1_80", Cipher::kAesCm, 32, 14, 10},
    {"AES_CM_256_HMAC_SHA1_32", Cipher::kAesCm, 32, 14, 4},
    {"AEAD_AES_128_GCM_8", Cipher::kAesGcm, 16, 12, 8},
    {"AEAD_AES_256_GCM_8", Cipher::kAesGcm, 32, 12, 8},
    {"NULL_HMAC_SHA1_80", Cipher::kNull, 16, 14, 10},
    {"NULL_HMAC_SHA1_32", Cipher::kNull, 16, 14, 4},
    {"SRTP_NULL_HMAC_SHA1_80", Cipher::kNull, 16, 14, 10},
    {"SRTP_NULL_HMAC_SHA1_32", Cipher::kNull, 16, 14, 4},
}};

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

std::string_view TakeWord(std::string_view& text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  const std::string_view word = text.substr(
      0, static_cast<size_t>(std::find_if(text.begin(), text.end(), IsSpace) -
                             text.begin()));
  text.remove_prefix(word.size());
  return word;
}

// Up to `separator`, which goes as well; all if there is none.
std::string_view TakeUntil(char separator, std::string_view& text) {
  const size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

// All of `text`, or nothing.
std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

// 2^20, or in digits.
bool IsLifetime(std::string_view text) {
  const bool is_power = text.substr(0, 2) == "2^";
  const auto number = ParseNumber(is_power ? text.substr(2) : text);
  return number && *number > 0 &&
         *number <= (is_power ? kMaxLifetimeExponent : kMaxLifetime);
}

// 1:4, which is 00 00 00 01 in the packets.
std::optional<std::string> ParseMki(std::string_view text) {
  const auto value = ParseNumber(TakeUntil(':', text));
  const auto size = ParseNumber(text);
  if (!value || !size || *size == 0 || *size > kMaxMkiBytes) {
    return std::nullopt;
  }
  std::string mki(*size, '\0');
  uint64_t rest = *value;
  for (auto byte = mki.rbegin(); byte != mki.rend(); ++byte, rest >>= 8) {
    *byte = static_cast<char>(rest & 0xff);
  }
  if (rest != 0) return std::nullopt;
  return mki;
}

// inline:KEY|2^20|1:4
std::optional<MasterKey> ParseKey(std::string_view text,
                                  const SrtpSuite& suite) {
  constexpr std::string_view kMethod = "inline:";
  if (!absl::EqualsIgnoreCase(ToAbsl(text.substr(0, kMethod.size())),
                              ToAbsl(kMethod))) {
    return std::nullopt;
  }
  text.remove_prefix(kMethod.size());
  MasterKey key;
  if (!absl::Base64Unescape(ToAbsl(TakeUntil('|', text)), &key.key_and_salt) ||
      key.key_and_salt.size() != suite.key_bytes + suite.salt_bytes) {
    return std::nullopt;
  }
  bool has_lifetime = false;
  while (!text.empty()) {
    const std::string_view part = TakeUntil('|', text);
    if (part.find(':') != std::string_view::npos && key.mki.empty()) {
      auto mki = ParseMki(part);
      if (!mki) return std::nullopt;
      key.mki = *std::move(mki);
    } else if (IsLifetime(part) && !has_lifetime && key.mki.empty()) {
      has_lifetime = true;
    } else {
      return std::nullopt;
    }
  }
  return key;
}

// False if the line must not be used.
bool ApplyParameter(std::string_view word, CryptoAttribute& attribute) {
  if (word == "UNENCRYPTED_SRTP") {
    attribute.unencrypted_srtp = true;
  } else if (word == "UNENCRYPTED_SRTCP") {
    attribute.unencrypted_srtcp = true;
  } else if (word == "UNAUTHENTICATED_SRTP") {
    attribute.unauthenticated_srtp = true;
  } else if (word.substr(0, 4) == "KDR=") {
    // Keys that change every 2^n packets: nobody does, libsrtp neither.
    return false;
  } else {
    // A window size is the receiver's matter, the order of FEC not ours; "-"
    // may be ignored.
    return word.substr(0, 4) == "WSH=" || word.substr(0, 10) == "FEC_ORDER=" ||
           word.substr(0, 1) == "-";
  }
  // RFC 7714, section 14.2.
  return attribute.suite->cipher != Cipher::kAesGcm;
}

}  // namespace

const SrtpSuite* FindSuite(std::string_view name) {
  const auto found = std::find_if(
      kSuites.begin(), kSuites.end(), [name](const SrtpSuite& suite) {
        return absl::EqualsIgnoreCase(ToAbsl(suite.name), ToAbsl(name));
      });
  return found == kSuites.end() ? nullptr : &*found;
}

const SrtpSuite* FindSuiteOfProfile(uint32_t profile) {
  switch (profile) {
    case 0x0001:
      return FindSuite("AES_CM_128_HMAC_SHA1_80");
    case 0x0002:
      return FindSuite("AES_CM_128_HMAC_SHA1_32");
    case 0x0005:
      return FindSuite("NULL_HMAC_SHA1_80");
    case 0x0006:
      return FindSuite("NULL_HMAC_SHA1_32");
    case 0x0007:
      return FindSuite("AEAD_AES_128_GCM");
    case 0x0008:
      return FindSuite("AEAD_AES_256_GCM");
    default:
      return nullptr;
  }
}

std::optional<CryptoAttribute> ParseCryptoAttribute(std::string_view value) {
  CryptoAttribute attribute;
  const auto tag = ParseNumber(TakeWord(value));
  if (!tag || *tag > 999'999'999) return std::nullopt;
  attribute.tag = static_cast<uint32_t>(*tag);
  attribute.suite = FindSuite(TakeWord(value));
  if (attribute.suite == nullptr) return std::nullopt;
  std::string_view keys = TakeWord(value);
  while (!keys.empty()) {
    auto key = ParseKey(TakeUntil(';', keys), *attribute.suite);
    if (!key || attribute.keys.size() == kMaxKeys ||
        (!attribute.keys.empty() &&
         attribute.keys.front().mki.size() != key->mki.size())) {
      return std::nullopt;
    }
    attribute.keys.push_back(*std::move(key));
  }
  // Several keys need an MKI to be told apart (section 6.1).
  if (attribute.keys.empty() ||
      (attribute.keys.size() > 1 && attribute.keys.front().mki.empty())) {
    return std::nullopt;
  }
  for (std::string_view word = TakeWord(value); !word.empty();
       word = TakeWord(value)) {
    if (!ApplyParameter(word, attribute)) return std::nullopt;
  }
  return attribute;
}

}  // namespace callbraid::collector
