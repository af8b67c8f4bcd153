#ifndef CALLBRAID_COLLECTOR_RECORD_WAV_HEADER_H_
#define CALLBRAID_COLLECTOR_RECORD_WAV_HEADER_H_

#include <cstdint>
#include <string>

namespace callbraid::collector {

inline constexpr uint32_t kWavHeaderBytes = 44;
// The sizes in a RIFF header are 32 bits wide and count what follows them.
inline constexpr uint64_t kMaxWavDataBytes = 0xffffffff - kWavHeaderBytes;

// The header of a RIFF WAVE file of 16-bit PCM with `data_bytes` of samples
// (at most kMaxWavDataBytes).
std::string WavHeader(uint16_t channels, uint32_t sample_rate,
                      uint32_t data_bytes);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_WAV_HEADER_H_
