#include "sensor/tls/key_log.h"

#include <algorithm>
#include <optional>
#include <span>

namespace callbraid::sensor {
namespace {

constexpr size_t kMasterBytes = 48;
constexpr size_t kSha256Bytes = 32;
constexpr size_t kSha384Bytes = 48;

int Nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsHex(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return Nibble(c) >= 0; });
}

// `hex` is hexadecimal, of as many bytes.
void Decode(std::string_view hex, std::span<uint8_t> bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] =
        static_cast<uint8_t>(Nibble(hex[2 * i]) << 4 | Nibble(hex[2 * i + 1]));
  }
}

bool IsLabel(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string_view TakeWord(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<SecretKind> KindOf(std::string_view label) {
  if (label == "CLIENT_RANDOM") return SecretKind::kMaster;
  if (label == "CLIENT_TRAFFIC_SECRET_0") return SecretKind::kClientTraffic;
  if (label == "SERVER_TRAFFIC_SECRET_0") return SecretKind::kServerTraffic;
  if (label == "EXPORTER_SECRET") return SecretKind::kExporter;
  return std::nullopt;
}

bool HasSizeOf(SecretKind kind, size_t bytes) {
  return kind == SecretKind::kMaster
             ? bytes == kMasterBytes
             : bytes == kSha256Bytes || bytes == kSha384Bytes;
}

}  // namespace

KeyLogLine ParseKeyLogLine(std::string_view line, KeyLogEntry& entry) {
  while (!line.empty() &&
         (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  if (line.empty() || line.front() == '#') return KeyLogLine::kIgnored;
  const std::string_view label = TakeWord(line);
  const std::string_view random = TakeWord(line);
  const std::string_view secret = line;
  if (!IsLabel(label) || !IsHex(random) || !IsHex(secret)) {
    return KeyLogLine::kMalformed;
  }
  const auto kind = KindOf(label);
  if (!kind) return KeyLogLine::kIgnored;
  if (random.size() != 2 * entry.client_random.size() ||
      !HasSizeOf(*kind, secret.size() / 2)) {
    return KeyLogLine::kMalformed;
  }
  entry.kind = *kind;
  Decode(random, entry.client_random);
  entry.secret.Resize(secret.size() / 2);
  Decode(secret, entry.secret.mutable_bytes());
  return KeyLogLine::kEntry;
}

}  // namespace callbraid::sensor
