#include "common/bytes/utf8.h"

#include <cstdint>

namespace callbraid {
namespace {

// Bytes of the character at text[0] (RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF); 0 if there is none.
size_t CharacterSize(std::string_view text) {
  const auto byte = [&text](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  const auto continues = [&byte](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (!continues(1) || !continues(2)) return 0;
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;
    if (lead == 0xed && byte(1) > 0x9f) return 0;
    return 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xf0 && byte(1) < 0x90) return 0;
    if (lead == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

std::string ToUtf8(std::string_view text, size_t max_bytes) {
  std::string utf8;
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    const std::string_view character = size > 0 ? text.substr(0, size) : "?";
    if (utf8.size() + character.size() > max_bytes) break;
    utf8.append(character);
    text.remove_prefix(size > 0 ? size : 1);
  }
  return utf8;
}

}  // namespace callbraid
