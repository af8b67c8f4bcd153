#include "common/media/wav_header.h"

#include <limits>

namespace callbraid {
namespace {

void Little(uint32_t value, int bytes, std::string& out) {
  for (; bytes > 0; --bytes, value >>= 8) {
    out.push_back(static_cast<char>(value & 0xff));
  }
}

}  // namespace

//  "RIFF" size:4 "WAVE"
//  "fmt " 16:4 format:2 channels:2 rate:4 bytes_per_second:4 frame_bytes:2
//  bits:2
//  "data" size:4
std::string WavHeader(uint32_t sample_rate, uint32_t channels,
                      std::optional<uint32_t> data_bytes) {
  constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
  constexpr uint32_t kBeforeData = 36;
  const uint32_t frame_bytes = channels * sizeof(int16_t);
  std::string header = "RIFF";
  Little(data_bytes && *data_bytes <= kMost - kBeforeData
             ? *data_bytes + kBeforeData
             : kMost,
         4, header);
  header += "WAVEfmt ";
  Little(16, 4, header);
  Little(1, 2, header);
  Little(channels, 2, header);
  Little(sample_rate, 4, header);
  Little(sample_rate * frame_bytes, 4, header);
  Little(frame_bytes, 2, header);
  Little(8 * sizeof(int16_t), 2, header);
  header += "data";
  Little(data_bytes.value_or(kMost), 4, header);
  return header;
}

}  // namespace callbraid
