#include "common/sip/mask_keys.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace callbraid {
namespace {

constexpr char kMask = '*';
constexpr std::string_view kInline = "inline:";

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Position of `word` in `text` in any case, from `from` on.
size_t Find(std::string_view text, std::string_view word, size_t from = 0) {
  const auto found = std::search(
      text.begin() + static_cast<ptrdiff_t>(std::min(from, text.size())),
      text.end(), word.begin(), word.end(),
      [](char a, char b) { return Lower(a) == Lower(b); });
  return found == text.end() ? std::string_view::npos
                             : static_cast<size_t>(found - text.begin());
}

void Mask(std::string& text, size_t begin, size_t end) {
  std::fill(text.begin() + static_cast<ptrdiff_t>(begin),
            text.begin() + static_cast<ptrdiff_t>(end), kMask);
}

bool IsKeyEnd(char c) { return c == '|' || c == ';' || c == ' ' || c == '\t'; }

// Each "inline:KEY" of [begin, end); false if there is none.
bool MaskInline(std::string& text, size_t begin, size_t end) {
  const auto find = [&](size_t from) {
    return Find(std::string_view(text).substr(0, end), kInline, from);
  };
  size_t at = find(begin);
  const bool found = at != std::string_view::npos;
  while (at != std::string_view::npos) {
    const size_t key = at + kInline.size();
    size_t key_end = key;
    while (key_end < end && !IsKeyEnd(text[key_end])) ++key_end;
    Mask(text, key, key_end);
    at = find(key_end);
  }
  return found;
}

void MaskLine(std::string& text, size_t begin, size_t end) {
  // Also where no SDP should be: in whatever bodies there are.
  if (MaskInline(text, begin, end)) return;
  const std::string_view line =
      std::string_view(text).substr(begin, end - begin);
  const auto starts = [line](std::string_view word) {
    return Find(line.substr(0, word.size()), word) == 0;
  };
  // k=base64:KEY, a=key-mgmt:mikey MESSAGE; a=crypto without "inline:" is
  // malformed, and has its key anywhere.
  if (!starts("k=") && !starts("a=crypto:") && !starts("a=key-mgmt:") &&
      !starts("Key-Mgmt:")) {
    return;
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) Mask(text, begin + colon + 1, end);
}

}  // namespace

void MaskKeys(std::string& text) {
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    MaskLine(text, begin, end);
    begin = end + 1;
  }
}

}  // namespace callbraid
