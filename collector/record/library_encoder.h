#ifndef CALLBRAID_COLLECTOR_RECORD_LIBRARY_ENCODER_H_
#define CALLBRAID_COLLECTOR_RECORD_LIBRARY_ENCODER_H_

#include <sndfile.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/record/audio_encoder.h"

namespace callbraid::collector {

// FLAC, Ogg-Opus and MP3 by libsndfile, which takes its file for one that it
// could go back in. It does so only to complete the header when all is
// written, and that is left out: readers do without. So that they know the
// length of a FLAC file all the same, it is put into STREAMINFO as that passes.
class LibraryEncoder final : public AudioEncoder {
 public:
  // Errors: those of `sink`; INTERNAL.
  static absl::StatusOr<std::unique_ptr<AudioEncoder>> Create(
      AudioFormat format, const AudioShape& shape, FileSink sink);
  ~LibraryEncoder() override;

  absl::Status Write(std::span<const int16_t> samples) override;
  absl::Status Finish() override;

 private:
  LibraryEncoder(AudioFormat format, const AudioShape& shape, FileSink sink);

  absl::Status Open();
  // Of the file that the library believes to have.
  static sf_count_t Length(void* self);
  static sf_count_t Seek(sf_count_t offset, int whence, void* self);
  static sf_count_t Read(void* bytes, sf_count_t count, void* self);
  static sf_count_t Append(const void* bytes, sf_count_t count, void* self);
  static sf_count_t Tell(void* self);

  void StateLength();
  absl::Status Flush();

  const AudioFormat format_;
  const AudioShape shape_;
  const FileSink sink_;
  absl::Status status_;
  SNDFILE* file_ = nullptr;
  // What was appended, and of it what the sink does not have yet.
  uint64_t length_ = 0;
  std::string pending_;
  // Where the library is.
  uint64_t position_ = 0;
  bool length_stated_ = false;
  std::vector<float> floats_;  // Kept to reuse its memory.
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_LIBRARY_ENCODER_H_
