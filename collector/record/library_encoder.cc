#include "collector/record/library_encoder.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

int LibraryFormat(AudioFormat format) {
  switch (format) {
    case AudioFormat::kFlac:
      return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    case AudioFormat::kOggOpus:
      return SF_FORMAT_OGG | SF_FORMAT_OPUS;
    case AudioFormat::kMp3:
      return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
    default:
      return 0;
  }
}

// The library's measure of how little room speech shall take: from 0, the
// highest bit rate at this sample rate, to 1, the lowest. For 24, 32 and 64
// kbit/s a channel.
double Mp3Level(const AudioShape& shape) {
  struct Rates {
    double lowest, highest, wanted;
  };
  const Rates rates = shape.sample_rate <= 8000    ? Rates{8, 64, 24}
                      : shape.sample_rate <= 16000 ? Rates{8, 160, 32}
                                                   : Rates{32, 320, 64};
  const double wanted = rates.wanted * static_cast<double>(shape.channels);
  return (rates.highest - wanted) / (rates.highest - rates.lowest);
}

// "fLaC", the head of the first block, and STREAMINFO (RFC 9639, sections 8.1
// and 8.2), of which the last 36 bits before the 128 of the sum are the number
// of samples.
constexpr size_t kFlacHeadBytes = 4 + 4 + 34;
constexpr size_t kFlacSamplesEnd = kFlacHeadBytes - 16;

}  // namespace

absl::StatusOr<std::unique_ptr<AudioEncoder>> LibraryEncoder::Create(
    AudioFormat format, const AudioShape& shape, FileSink sink) {
  auto encoder =
      absl::WrapUnique(new LibraryEncoder(format, shape, std::move(sink)));
  RETURN_IF_ERROR(encoder->Open());
  return encoder;
}

LibraryEncoder::LibraryEncoder(AudioFormat format, const AudioShape& shape,
                               FileSink sink)
    : format_(format), shape_(shape), sink_(std::move(sink)) {}

LibraryEncoder::~LibraryEncoder() {
  // Given up: what the library still writes is of no interest.
  status_.Update(absl::CancelledError("not finished"));
  if (file_ != nullptr) sf_close(file_);
}

absl::Status LibraryEncoder::Open() {
  SF_INFO info = {};
  info.channels = static_cast<int>(shape_.channels);
  info.samplerate = static_cast<int>(shape_.sample_rate);
  info.format = LibraryFormat(format_);
  SF_VIRTUAL_IO io = {&Length, &Seek, &Read, &Append, &Tell};
  file_ = sf_open_virtual(&io, SFM_WRITE, &info, this);
  if (file_ == nullptr) {
    return absl::InternalError(
        absl::StrCat("libsndfile: ", sf_strerror(nullptr)));
  }
  if (format_ == AudioFormat::kMp3) {
    // At a variable rate the length would be in the header that comes too late.
    int mode = SF_BITRATE_MODE_CONSTANT;
    sf_command(file_, SFC_SET_BITRATE_MODE, &mode, sizeof(mode));
    double level = Mp3Level(shape_);
    sf_command(file_, SFC_SET_COMPRESSION_LEVEL, &level, sizeof(level));
  }
  return Flush();
}

absl::Status LibraryEncoder::Write(std::span<const int16_t> samples) {
  const auto frames = static_cast<sf_count_t>(samples.size() / shape_.channels);
  sf_count_t written = 0;
  if (format_ == AudioFormat::kMp3) {
    // Of 16-bit samples libsndfile 1.2.0 spoils every frame but the first.
    floats_.assign(samples.begin(), samples.end());
    for (float& sample : floats_) sample /= 32768;
    written = sf_writef_float(file_, floats_.data(), frames);
  } else {
    written = sf_writef_short(file_, samples.data(), frames);
  }
  if (written != frames) {
    RETURN_IF_ERROR(status_);
    return absl::InternalError(
        absl::StrCat("libsndfile: ", sf_strerror(file_)));
  }
  return Flush();
}

absl::Status LibraryEncoder::Finish() {
  sf_close(std::exchange(file_, nullptr));
  return Flush();
}

absl::Status LibraryEncoder::Flush() {
  RETURN_IF_ERROR(status_);
  if (format_ == AudioFormat::kFlac && !length_stated_) {
    if (pending_.size() < kFlacHeadBytes) return absl::OkStatus();
    StateLength();
  }
  for (std::string_view left = pending_; !left.empty();) {
    const std::string_view piece = left.substr(0, kMaxPiece);
    RETURN_IF_ERROR(sink_(piece));
    left.remove_prefix(piece.size());
  }
  pending_.clear();
  return absl::OkStatus();
}

void LibraryEncoder::StateLength() {
  uint64_t frames = shape_.frames;
  for (size_t i = 1; i <= 4; ++i, frames >>= 8) {
    pending_[kFlacSamplesEnd - i] = static_cast<char>(frames & 0xff);
  }
  char& high = pending_[kFlacSamplesEnd - 5];
  high = static_cast<char>((high & 0xf0) | static_cast<char>(frames & 0x0f));
  length_stated_ = true;
}

sf_count_t LibraryEncoder::Length(void* self) {
  return static_cast<sf_count_t>(static_cast<LibraryEncoder*>(self)->length_);
}

sf_count_t LibraryEncoder::Tell(void* self) {
  return static_cast<sf_count_t>(static_cast<LibraryEncoder*>(self)->position_);
}

sf_count_t LibraryEncoder::Seek(sf_count_t offset, int whence, void* self) {
  auto& encoder = *static_cast<LibraryEncoder*>(self);
  sf_count_t from = 0;
  if (whence == SEEK_CUR) from = Tell(self);
  if (whence == SEEK_END) from = Length(self);
  encoder.position_ = static_cast<uint64_t>(
      std::clamp<sf_count_t>(from + offset, 0, Length(self)));
  return Tell(self);
}

sf_count_t LibraryEncoder::Read(void*, sf_count_t, void*) { return 0; }

// What is written over what is there is taken, and not kept.
sf_count_t LibraryEncoder::Append(const void* bytes, sf_count_t count,
                                  void* self) {
  auto& encoder = *static_cast<LibraryEncoder*>(self);
  if (!encoder.status_.ok()) return 0;
  std::string_view added(static_cast<const char*>(bytes),
                         static_cast<size_t>(count));
  const uint64_t over = encoder.length_ - encoder.position_;
  encoder.position_ += added.size();
  added.remove_prefix(std::min<uint64_t>(over, added.size()));
  encoder.pending_.append(added);
  encoder.length_ += added.size();
  return count;
}

}  // namespace callbraid::collector
