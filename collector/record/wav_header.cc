#include "collector/record/wav_header.h"

namespace callbraid::collector {
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
std::string WavHeader(uint16_t channels, uint32_t sample_rate,
                      uint32_t data_bytes) {
  constexpr uint16_t kPcm = 1;
  constexpr uint16_t kBits = 16;
  const uint16_t frame_bytes = channels * kBits / 8;
  std::string header;
  header.reserve(kWavHeaderBytes);
  header += "RIFF";
  Little(data_bytes + kWavHeaderBytes - 8, 4, header);
  header += "WAVEfmt ";
  Little(16, 4, header);
  Little(kPcm, 2, header);
  Little(channels, 2, header);
  Little(sample_rate, 4, header);
  Little(sample_rate * frame_bytes, 4, header);
  Little(frame_bytes, 2, header);
  Little(kBits, 2, header);
  header += "data";
  Little(data_bytes, 4, header);
  return header;
}

}  // namespace callbraid::collector
