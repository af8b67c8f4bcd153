#ifndef CALLBRAID_COLLECTOR_CLI_TEXT_H_
#define CALLBRAID_COLLECTOR_CLI_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace callbraid::cli {

// Text for a terminal. Names and messages come from the network: whoever calls
// us must not be able to move the cursor or recolour the screen.

// Lines of what we print are at most this wide.
inline constexpr size_t kLineWidth = 100;

// `text` with each control character, bidirectional override and byte that is
// not UTF-8 replaced by U+FFFD.
std::string Printable(std::string_view text);

// The characters of `text`, which must be Printable(), each with the combining
// marks that follow it.
std::vector<std::string> Characters(std::string_view text);

// Columns that a terminal needs for `text`; East Asian wide characters take 2.
size_t Width(std::string_view text);

// `text` if it fits into `width`, else its beginning and "…".
std::string Fit(std::string_view text, size_t width);

// `text` with spaces after (before) it up to `width`.
std::string PadRight(std::string_view text, size_t width);
std::string PadLeft(std::string_view text, size_t width);

// `text` broken at spaces into lines of kLineWidth, each ended by '\n'; the
// first begins with `indent` spaces, the others with `hanging`.
std::string Wrap(std::string_view text, size_t indent, size_t hanging);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_TEXT_H_
