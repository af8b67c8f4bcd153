#include "collector/record/wav_encoder.h"

#include <cstdint>
// After cstdint, which they need, and each before what needs it.
#include <spandsp/telephony.h>
//
#include <spandsp/bit_operations.h>
//
#include <spandsp/g711.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

uint64_t SampleBytes(WavCoding coding) {
  return coding == WavCoding::kPcm16 ? sizeof(int16_t) : 1;
}

uint64_t DataBytes(WavCoding coding, const AudioShape& shape) {
  return shape.frames * shape.channels * SampleBytes(coding);
}

void Little(uint64_t value, int bytes, std::string& out) {
  for (; bytes > 0; --bytes, value >>= 8) {
    out.push_back(static_cast<char>(value & 0xff));
  }
}

//  "RIFF" size:4 "WAVE"
//  "fmt " 16:4 format:2 channels:2 rate:4 bytes_per_second:4 frame_bytes:2
//  bits:2
//  "data" size:4
//
// What is not PCM has an empty extension of "fmt ", and "fact" 4:4 frames:4
// before "data". Chunks are padded to an even length.
std::string Header(WavCoding coding, const AudioShape& shape) {
  const bool is_pcm = coding == WavCoding::kPcm16;
  const uint64_t data_bytes = DataBytes(coding, shape);
  const uint64_t frame_bytes = shape.channels * SampleBytes(coding);
  std::string format;
  Little(is_pcm ? 1 : 6, 2, format);
  Little(shape.channels, 2, format);
  Little(shape.sample_rate, 4, format);
  Little(shape.sample_rate * frame_bytes, 4, format);
  Little(frame_bytes, 2, format);
  Little(8 * SampleBytes(coding), 2, format);
  if (!is_pcm) Little(0, 2, format);
  std::string chunks = "WAVEfmt ";
  Little(format.size(), 4, chunks);
  chunks += format;
  if (!is_pcm) {
    chunks += "fact";
    Little(4, 4, chunks);
    Little(shape.frames, 4, chunks);
  }
  chunks += "data";
  Little(data_bytes, 4, chunks);
  std::string header = "RIFF";
  Little(chunks.size() + data_bytes + data_bytes % 2, 4, header);
  return header + chunks;
}

}  // namespace

uint64_t WavEncoder::FileBytes(WavCoding coding, const AudioShape& shape) {
  const uint64_t data_bytes = DataBytes(coding, shape);
  return Header(coding, shape).size() + data_bytes + data_bytes % 2;
}

absl::StatusOr<std::unique_ptr<AudioEncoder>> WavEncoder::Create(
    WavCoding coding, const AudioShape& shape, FileSink sink) {
  if (FileBytes(coding, shape) > std::numeric_limits<uint32_t>::max()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a recording of ", shape.frames / shape.sample_rate / 3600,
        " hours does not fit into a WAV file (4 GiB); ask for another format, "
        "a part of it, or one stream"));
  }
  RETURN_IF_ERROR(sink(Header(coding, shape)));
  return absl::WrapUnique<AudioEncoder>(
      new WavEncoder(coding, DataBytes(coding, shape), std::move(sink)));
}

WavEncoder::WavEncoder(WavCoding coding, uint64_t data_bytes, FileSink sink)
    : coding_(coding), data_bytes_(data_bytes), sink_(std::move(sink)) {}

absl::Status WavEncoder::Write(std::span<const int16_t> samples) {
  constexpr size_t kMaxSamples = kMaxPiece / sizeof(int16_t);
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(samples.size(), kMaxSamples));
    samples = samples.subspan(piece.size());
    bytes_.clear();
    for (const int16_t sample : piece) {
      if (coding_ == WavCoding::kPcm16) {
        Little(static_cast<uint16_t>(sample), 2, bytes_);
      } else {
        bytes_.push_back(static_cast<char>(linear_to_alaw(sample)));
      }
    }
    RETURN_IF_ERROR(sink_(bytes_));
  }
  return absl::OkStatus();
}

absl::Status WavEncoder::Finish() {
  return data_bytes_ % 2 == 0 ? absl::OkStatus()
                              : sink_(std::string_view("\0", 1));
}

}  // namespace callbraid::collector
