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

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// One key of "inline:KEY|LIFETIME|MKI:LENGTH;KEY...", from `at` on: up to what
// follows it, or `end`. Returns where the next key begins, or npos.
size_t MaskOneKey(std::string& text, size_t at, size_t end) {
  while (at < end && IsBlank(text[at])) ++at;
  const auto is_end = [](char c) { return c == '|' || c == ';' || IsBlank(c); };
  size_t key_end = at;
  while (key_end < end && !is_end(text[key_end])) ++key_end;
  if (Find(std::string_view(text).substr(at, key_end - at), kInline) == 0) {
    return at + kInline.size();
  }
  Mask(text, at, key_end);
  while (key_end < end && text[key_end] != ';' && !IsBlank(text[key_end])) {
    ++key_end;
  }
  return key_end < end && text[key_end] == ';' ? key_end + 1
                                               : std::string_view::npos;
}

// Each "inline:KEY" of [begin, end); false if there is none.
bool MaskInline(std::string& text, size_t begin, size_t end) {
  const auto find = [&](size_t from) {
    return Find(std::string_view(text).substr(0, end), kInline, from);
  };
  size_t at = find(begin);
  const bool found = at != std::string_view::npos;
  while (at != std::string_view::npos) {
    size_t key = at + kInline.size();
    while (key != std::string_view::npos) {
      at = key;
      key = MaskOneKey(text, key, end);
    }
    at = find(at);
  }
  return found;
}

// Whether the line is one of a header of that name, or of SDP.
bool IsNamed(std::string_view line, std::string_view name) {
  if (Find(line.substr(0, name.size()), name) != 0) return false;
  line.remove_prefix(name.size());
  while (!line.empty() && IsBlank(line.front())) line.remove_prefix(1);
  return !line.empty() && line.front() == ':';
}

// `was_key`: the line before it was a header that holds a key, which may go on
// (RFC 3261, section 7.3.1). Returns whether this one is.
bool MaskLine(std::string& text, size_t begin, size_t end, bool was_key) {
  if (was_key && begin < end && IsBlank(text[begin])) {
    Mask(text, begin, end);
    return true;
  }
  // Also where no SDP should be: in whatever bodies there are.
  if (MaskInline(text, begin, end)) return false;
  const std::string_view line =
      std::string_view(text).substr(begin, end - begin);
  const bool is_header = IsNamed(line, "Key-Mgmt");
  // k=base64:KEY, a=key-mgmt:mikey MESSAGE; a=crypto without "inline:" is
  // malformed, and has its key anywhere.
  if (!is_header && Find(line.substr(0, 2), "k=") != 0 &&
      !IsNamed(line, "a=crypto") && !IsNamed(line, "a=key-mgmt")) {
    return false;
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) Mask(text, begin + colon + 1, end);
  return is_header;
}

}  // namespace

void MaskKeys(std::string& text) {
  bool was_key = false;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    // Of CR LF there is an empty line between.
    if (end > begin) was_key = MaskLine(text, begin, end, was_key);
    begin = end + 1;
  }
}

}  // namespace callbraid
