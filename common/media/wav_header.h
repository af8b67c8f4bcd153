#ifndef CALLBRAID_COMMON_MEDIA_WAV_HEADER_H_
#define CALLBRAID_COMMON_MEDIA_WAV_HEADER_H_

#include <cstdint>
#include <optional>
#include <string>

namespace callbraid {

// The header of a RIFF WAVE file of 16-bit PCM. `data_bytes`: of the samples;
// nullopt of a stream that nobody knows the end of, for which the largest size
// stands, as players expect it of what comes through a pipe.
std::string WavHeader(uint32_t sample_rate, uint32_t channels,
                      std::optional<uint32_t> data_bytes);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_MEDIA_WAV_HEADER_H_
