#ifndef CALLBRAID_COLLECTOR_RECORD_WAV_ENCODER_H_
#define CALLBRAID_COLLECTOR_RECORD_WAV_ENCODER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "collector/record/audio_encoder.h"

namespace callbraid::collector {

enum class WavCoding { kPcm16, kAlaw };

// RIFF WAVE, with a header that is right from the beginning.
class WavEncoder final : public AudioEncoder {
 public:
  static uint64_t FileBytes(WavCoding coding, const AudioShape& shape);
  // FAILED_PRECONDITION: the sizes in a RIFF header have 32 bits.
  static absl::StatusOr<std::unique_ptr<AudioEncoder>> Create(
      WavCoding coding, const AudioShape& shape, FileSink sink);

  absl::Status Write(std::span<const int16_t> samples) override;
  absl::Status Finish() override;

 private:
  WavEncoder(WavCoding coding, uint64_t data_bytes, FileSink sink);

  const WavCoding coding_;
  const uint64_t data_bytes_;
  const FileSink sink_;
  std::string bytes_;  // Kept to reuse its memory.
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_WAV_ENCODER_H_
