#include "common/sip/encoding.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/sip/sip_header.h"

namespace callbraid {
namespace {

template <size_t kCount>
bool IsAmong(std::string_view name,
             const std::array<std::string_view, kCount>& names) {
  return std::any_of(
      names.begin(), names.end(),
      [name](std::string_view known) { return EqualsIgnoreCase(name, known); });
}

}  // namespace

bool IsVideoEncoding(std::string_view name) {
  static constexpr std::array<std::string_view, 16> kNames = {
      "H261", "H263", "H263-1998", "H263-2000", "H264", "H264-SVC",
      "H265", "VP8",  "VP9",       "AV1",       "JPEG", "MPV",
      "MP2T", "CelB", "nv",        "theora"};
  return IsAmong(name, kNames);
}

bool CarriesNoAudio(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "CN",     "telephone-event", "X-NSE",   "NSE",       "rtx",
      "ulpfec", "parityfec",       "flexfec", "flexfec-03"};
  return IsAmong(name, kNames) || IsVideoEncoding(name);
}

}  // namespace callbraid
