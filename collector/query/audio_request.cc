#include "collector/query/audio_request.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "google/protobuf/duration.pb.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// No call is longer than this (three years).
constexpr int64_t kLongestSeconds = 100'000'000;
constexpr int64_t kLongestBufferNs = kSecond;

absl::StatusOr<int64_t> Nanoseconds(const google::protobuf::Duration& duration,
                                    const char* field) {
  if (duration.seconds() < 0 || duration.nanos() < 0 ||
      duration.seconds() > kLongestSeconds || duration.nanos() >= kSecond) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": is no offset within a call"));
  }
  return duration.seconds() * kSecond + duration.nanos();
}

std::optional<AudioFormat> FormatOf(v1::AudioFormat format) {
  switch (format) {
    case v1::AUDIO_FORMAT_UNSPECIFIED:
    case v1::AUDIO_FORMAT_WAV:
      return AudioFormat::kWav;
    case v1::AUDIO_FORMAT_WAV_ALAW:
      return AudioFormat::kWavAlaw;
    case v1::AUDIO_FORMAT_FLAC:
      return AudioFormat::kFlac;
    case v1::AUDIO_FORMAT_OGG_OPUS:
      return AudioFormat::kOggOpus;
    case v1::AUDIO_FORMAT_MP3:
      return AudioFormat::kMp3;
    default:
      return std::nullopt;
  }
}

std::optional<Perspective> PerspectiveOf(v1::Perspective perspective) {
  switch (perspective) {
    case v1::PERSPECTIVE_UNSPECIFIED:
    case v1::PERSPECTIVE_AS_SPOKEN:
      return Perspective::kAsSpoken;
    case v1::PERSPECTIVE_HEARD_BY_CALLER:
      return Perspective::kHeardByCaller;
    case v1::PERSPECTIVE_HEARD_BY_CALLEE:
      return Perspective::kHeardByCallee;
    default:
      return std::nullopt;
  }
}

}  // namespace

absl::StatusOr<RecordingOptions> ReadAudioRequest(
    const v1::GetAudioRequest& request) {
  RecordingOptions options;
  const auto format = FormatOf(request.format());
  if (!format) return absl::InvalidArgumentError("format: is not known here");
  options.format = *format;
  const auto perspective = PerspectiveOf(request.perspective());
  if (!perspective) {
    return absl::InvalidArgumentError("perspective: is not known here");
  }
  options.perspective = *perspective;
  options.stream_id = request.stream_id();
  if (!options.stream_id.empty() && *perspective != Perspective::kAsSpoken) {
    return absl::InvalidArgumentError(
        "perspective: is of a call, not of one stream");
  }
  options.conceal = !request.no_concealment();
  options.mask_keys = request.mask_keys();
  ASSIGN_OR_RETURN(options.from_ns, Nanoseconds(request.from(), "from"));
  if (request.has_until()) {
    ASSIGN_OR_RETURN(options.until_ns, Nanoseconds(request.until(), "until"));
    if (*options.until_ns <= options.from_ns) {
      return absl::InvalidArgumentError("until: is not after from");
    }
  }
  if (request.has_jitter_buffer()) {
    ASSIGN_OR_RETURN(options.jitter_buffer_ns,
                     Nanoseconds(request.jitter_buffer(), "jitter_buffer"));
    if (options.jitter_buffer_ns < kSecond / 1000 ||
        options.jitter_buffer_ns > kLongestBufferNs) {
      return absl::InvalidArgumentError("jitter_buffer: must be 1 to 1,000 ms");
    }
  }
  return options;
}

}  // namespace callbraid::collector
