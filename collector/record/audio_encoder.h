#ifndef CALLBRAID_COLLECTOR_RECORD_AUDIO_ENCODER_H_
#define CALLBRAID_COLLECTOR_RECORD_AUDIO_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace callbraid::collector {

enum class AudioFormat {
  kWav,      // RIFF WAVE, 16-bit PCM.
  kWavAlaw,  // RIFF WAVE, A-law.
  kFlac,
  kOggOpus,
  kMp3,
};

// What an encoder is told in advance.
struct AudioShape {
  size_t channels = 1;
  // 8000, 16000 or 48000 Hz.
  uint32_t sample_rate = 8000;
  // Samples of each channel: exactly so many will come.
  uint64_t frames = 0;
};

// Takes a file as it grows, in pieces of at most 64 KiB; an error ends it.
using FileSink = std::function<absl::Status(std::string_view)>;

// Turns samples into an audio file that is written from its beginning to its
// end: nothing is kept, nothing is gone back to. One thread.
class AudioEncoder {
 public:
  static constexpr size_t kMaxPiece = size_t{64} << 10;

  virtual ~AudioEncoder() = default;
  // Samples of all channels, interleaved. Errors: those of the sink.
  virtual absl::Status Write(std::span<const int16_t> samples) = 0;
  // Once, after the last Write().
  virtual absl::Status Finish() = 0;
};

// Size of the file; 0 if it is not known before it is written.
uint64_t FileBytes(AudioFormat format, const AudioShape& shape);

// Errors: FAILED_PRECONDITION (a WAV file cannot hold so much), those of
// `sink`, INTERNAL (the library does not know the format).
absl::StatusOr<std::unique_ptr<AudioEncoder>> CreateAudioEncoder(
    AudioFormat format, const AudioShape& shape, FileSink sink);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_AUDIO_ENCODER_H_
