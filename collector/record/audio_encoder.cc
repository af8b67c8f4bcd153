#include "collector/record/audio_encoder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/record/library_encoder.h"
#include "collector/record/wav_encoder.h"

namespace callbraid::collector {

uint64_t FileBytes(AudioFormat format, const AudioShape& shape) {
  switch (format) {
    case AudioFormat::kWav:
      return WavEncoder::FileBytes(WavCoding::kPcm16, shape);
    case AudioFormat::kWavAlaw:
      return WavEncoder::FileBytes(WavCoding::kAlaw, shape);
    default:
      return 0;
  }
}

absl::StatusOr<std::unique_ptr<AudioEncoder>> CreateAudioEncoder(
    AudioFormat format, const AudioShape& shape, FileSink sink) {
  switch (format) {
    case AudioFormat::kWav:
      return WavEncoder::Create(WavCoding::kPcm16, shape, std::move(sink));
    case AudioFormat::kWavAlaw:
      return WavEncoder::Create(WavCoding::kAlaw, shape, std::move(sink));
    default:
      return LibraryEncoder::Create(format, shape, std::move(sink));
  }
}

}  // namespace callbraid::collector
