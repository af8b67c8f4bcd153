#include "collector/doctor/words.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace callbraid::collector {

std::string Number(uint64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), 1, ',');
  }
  return digits;
}

std::string Counted(uint64_t number, const std::string& noun) {
  return absl::StrCat(Number(number), " ", noun, number == 1 ? "" : "s");
}

std::string Part(uint64_t part, uint64_t whole, const std::string& noun,
                 const std::string& of_one, const std::string& of_many) {
  return absl::StrCat(Number(part), " of ", Counted(whole, noun), " ",
                      part == 1 ? of_one : of_many);
}

double PercentOf(uint64_t part, uint64_t whole) {
  if (whole == 0) return 0;
  return std::round(1000.0 * static_cast<double>(part) /
                    static_cast<double>(whole)) /
         10;
}

std::string PercentText(uint64_t part, uint64_t whole) {
  return absl::StrFormat("%.1f %%", PercentOf(part, whole));
}

std::string Megabits(uint64_t bits_per_second) {
  const double megabits = static_cast<double>(bits_per_second) / 1e6;
  return megabits < 10 ? absl::StrFormat("%.1f Mbit/s", megabits)
                       : absl::StrFormat("%.0f Mbit/s", megabits);
}

std::string Span(int64_t ns) {
  const double seconds = std::abs(static_cast<double>(ns) / 1e9);
  if (seconds < 60) return absl::StrFormat("%.1f s", seconds);
  const auto whole = static_cast<uint64_t>(seconds);
  if (whole < 3600) return absl::StrCat(whole / 60, " min ", whole % 60, " s");
  return absl::StrCat(Number(whole / 3600), " h ", whole % 3600 / 60, " min");
}

std::string Listed(const std::vector<std::string>& items, size_t limit) {
  std::string text;
  const size_t named = std::min(items.size(), limit);
  for (size_t i = 0; i < named; ++i) {
    const bool is_last = i + 1 == items.size();
    if (i > 0) text += is_last ? " and " : ", ";
    text += items[i];
  }
  if (items.size() > named) {
    absl::StrAppend(&text, " and ", items.size() - named, " more");
  }
  return text;
}

}  // namespace callbraid::collector
