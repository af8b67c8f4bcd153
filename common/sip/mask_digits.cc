#include "common/sip/mask_digits.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "common/sip/sip_header.h"

namespace callbraid {
namespace {

constexpr char kMask = 'x';

enum class BodyKind { kOther, kKeys, kKpml, kEvents };

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool Contains(std::string_view text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [](char a, char b) { return Lower(a) == Lower(b); }) !=
         text.end();
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

BodyKind KindOf(std::string_view type) {
  if (Contains(type, "kpml-response")) return BodyKind::kKpml;
  if (Contains(type, "telephone-event")) return BodyKind::kEvents;
  if (Contains(type, "dtmf") || Contains(type, "digits")) {
    return BodyKind::kKeys;
  }
  return BodyKind::kOther;
}

bool IsContentType(std::string_view line) {
  const std::string_view name = Trimmed(line.substr(0, line.find(':')));
  return line.find(':') != std::string_view::npos &&
         (EqualsIgnoreCase(name, "Content-Type") ||
          EqualsIgnoreCase(name, "c"));
}

// The walk over the lines of a message and of what is in its body.
class Masking {
 public:
  explicit Masking(std::string& text) : text_(text) {}

  void Run() {
    for (size_t begin = 0; begin < text_.size();) {
      const size_t end = std::min(text_.find('\n', begin), text_.size());
      const size_t content =
          end > begin && text_[end - 1] == '\r' ? end - 1 : end;
      Take(begin, content);
      begin = end + 1;
    }
  }

 private:
  std::string_view Line(size_t begin, size_t end) const {
    return std::string_view(text_).substr(begin, end - begin);
  }

  void Take(size_t begin, size_t end) {
    const std::string_view line = Line(begin, end);
    // A part of a multipart body has headers of its own.
    if (!in_headers_ && line.starts_with("--")) {
      in_headers_ = true;
      kind_ = BodyKind::kOther;
    } else if (!in_headers_) {
      MaskLine(begin, end);
    } else if (line.empty()) {
      in_headers_ = false;
      in_type_ = false;
    } else {
      // A header may go on in the next line (RFC 3261, section 7.3.1).
      in_type_ = IsContentType(line) || (in_type_ && IsBlank(line.front()));
      if (in_type_ && KindOf(line) != BodyKind::kOther) kind_ = KindOf(line);
    }
  }

  void MaskLine(size_t begin, size_t end) {
    switch (kind_) {
      case BodyKind::kOther:
        break;
      case BodyKind::kKpml:
        MaskKpml(begin, end);
        break;
      case BodyKind::kEvents:
        std::fill(At(begin), At(end), kMask);
        break;
      case BodyKind::kKeys:
        MaskKeyLine(begin, end);
        break;
    }
  }

  // "Signal=5", or "5" alone.
  void MaskKeyLine(size_t begin, size_t end) {
    const std::string_view line = Line(begin, end);
    const size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      if (EqualsIgnoreCase(Trimmed(line.substr(0, equals)), "Duration")) return;
      begin += equals + 1;
    }
    std::replace_if(
        At(begin), At(end), [](char c) { return !IsBlank(c); }, kMask);
  }

  // Every attribute digits="..." or '...'; one that is not closed, to the end.
  void MaskKpml(size_t begin, size_t end) {
    constexpr std::string_view kAttribute = "digits";
    for (;;) {
      const size_t found = Line(begin, end).find(kAttribute);
      if (found == std::string_view::npos) return;
      begin += found + kAttribute.size();
      size_t value = begin;
      while (value < end && (IsBlank(text_[value]) || text_[value] == '=')) {
        ++value;
      }
      if (value == end || (text_[value] != '"' && text_[value] != '\'')) {
        continue;
      }
      const size_t close = std::min(text_.find(text_[value], value + 1), end);
      std::fill(At(value + 1), At(close), kMask);
      begin = close;
    }
  }

  std::string::iterator At(size_t offset) {
    return text_.begin() + static_cast<ptrdiff_t>(offset);
  }

  std::string& text_;
  bool in_headers_ = true;
  bool in_type_ = false;
  BodyKind kind_ = BodyKind::kOther;
};

}  // namespace

void MaskSipDigits(std::string& text) { Masking(text).Run(); }

}  // namespace callbraid
