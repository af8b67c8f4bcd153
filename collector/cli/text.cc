#include "collector/cli/text.h"

#include <algorithm>
#include <cstdint>

namespace callbraid::cli {
namespace {

constexpr char32_t kReplacement = 0xfffd;

// Takes one code point off the front of `text`, which is not empty. Bytes that
// are not UTF-8 (RFC 3629) yield U+FFFD one by one.
char32_t Decode(std::string_view& text) {
  const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t size = lead < 0x80   ? 1
                      : lead < 0xc2 ? 0
                      : lead < 0xe0 ? 2
                      : lead < 0xf0 ? 3
                      : lead < 0xf5 ? 4
                                    : 0;
  char32_t code = size == 1 ? lead : lead & (0x7f >> size);
  bool valid = size > 0 && size <= text.size();
  for (size_t i = 1; valid && i < size; ++i) {
    valid = (byte(i) & 0xc0) == 0x80;
    code = code << 6 | (byte(i) & 0x3f);
  }
  valid = valid && !(size == 3 && code < 0x800) &&
          !(size == 4 && (code < 0x10000 || code > 0x10ffff)) &&
          !(code >= 0xd800 && code <= 0xdfff);
  text.remove_prefix(valid ? size : 1);
  return valid ? code : kReplacement;
}

struct Range {
  char32_t first;
  char32_t last;
};

template <size_t n>
bool In(const Range (&ranges)[n], char32_t code) {
  return std::any_of(ranges, ranges + n, [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

bool IsControl(char32_t code) {
  // C0, C1, direction marks, overrides and isolates, separators.
  static constexpr Range kControls[] = {
      {0, 0x1f},        {0x7f, 0x9f},     {0x200b, 0x200f}, {0x2028, 0x202e},
      {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}};
  return In(kControls, code);
}

bool IsCombining(char32_t code) {
  static constexpr Range kMarks[] = {{0x300, 0x36f},
                                     {0x1ab0, 0x1aff},
                                     {0x20d0, 0x20ff},
                                     {0xfe00, 0xfe0f},
                                     {0xfe20, 0xfe2f}};
  return In(kMarks, code);
}

bool IsWide(char32_t code) {
  static constexpr Range kWide[] = {
      {0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0xa4cf},
      {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe6f},
      {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
      {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
  return In(kWide, code);
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t code = Decode(text);
    if (code == kReplacement || IsControl(code)) {
      printable += "\xef\xbf\xbd";
    } else {
      printable += before.substr(0, before.size() - text.size());
    }
  }
  return printable;
}

std::vector<std::string> Characters(std::string_view text) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    const std::string_view before = text;
    const bool joins = IsCombining(Decode(text)) && !characters.empty();
    if (!joins) characters.emplace_back();
    characters.back() += before.substr(0, before.size() - text.size());
  }
  return characters;
}

size_t Width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const char32_t code = Decode(text);
    if (!IsCombining(code)) width += IsWide(code) ? 2 : 1;
  }
  return width;
}

std::string Fit(std::string_view text, size_t width) {
  if (Width(text) <= width) return std::string(text);
  std::string fitting;
  size_t used = 1;  // The ellipsis.
  for (const std::string& character : Characters(text)) {
    used += Width(character);
    if (used > width) break;
    fitting += character;
  }
  return width == 0 ? "" : fitting + "…";
}

std::string PadRight(std::string_view text, size_t width) {
  const size_t used = Width(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string PadLeft(std::string_view text, size_t width) {
  const size_t used = Width(text);
  return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::string Wrap(std::string_view text, size_t indent, size_t hanging) {
  std::string lines;
  std::string line(indent, ' ');
  bool empty = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!empty && Width(line) + 1 + Width(word) > kLineWidth) {
      lines += line + '\n';
      line.assign(hanging, ' ');
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return lines + line + '\n';
}

}  // namespace callbraid::cli
