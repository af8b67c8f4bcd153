#include "collector/store/fold_case.h"

#include <clocale>
#include <cstddef>
#include <cstdint>
#include <cwctype>

namespace callbraid::collector {
namespace {

// Built into glibc since 2.35: there on every machine. Null elsewhere: then
// ASCII alone has upper and lower case.
locale_t Unicode() {
  static const locale_t locale =
      newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr));
  return locale;
}

struct Letter {
  uint32_t code = 0;
  size_t bytes = 0;
};

// The letter of two or three bytes that `text` begins with (RFC 3629); none
// with case has more but in scripts that are dead. No bytes if there is none.
Letter TakeLetter(std::string_view text) {
  const auto byte = [&text](size_t i) {
    return static_cast<uint8_t>(i < text.size() ? text[i] : 0);
  };
  const auto follows = [&byte](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  if ((byte(0) & 0xe0) == 0xc0 && follows(1)) {
    return {(byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu), 2};
  }
  if ((byte(0) & 0xf0) == 0xe0 && follows(1) && follows(2)) {
    return {
        (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu),
        3};
  }
  return {};
}

void Append(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
    return;
  }
  if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | code >> 6));
  } else {
    out.push_back(static_cast<char>(0xe0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
  }
  out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
}

}  // namespace

std::string FoldCase(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  while (!text.empty()) {
    const char first = text.front();
    if (static_cast<uint8_t>(first) < 0x80) {
      folded.push_back(first >= 'A' && first <= 'Z'
                           ? static_cast<char>(first - 'A' + 'a')
                           : first);
      text.remove_prefix(1);
      continue;
    }
    const Letter letter = TakeLetter(text);
    const size_t bytes = letter.bytes == 0 ? 1 : letter.bytes;
    const uint32_t lower =
        letter.bytes == 0 || Unicode() == nullptr
            ? letter.code
            : static_cast<uint32_t>(towlower_l(letter.code, Unicode()));
    if (lower == letter.code || lower > 0xffff) {
      folded.append(text.substr(0, bytes));
    } else {
      Append(lower, folded);
    }
    text.remove_prefix(bytes);
  }
  return folded;
}

}  // namespace callbraid::collector
