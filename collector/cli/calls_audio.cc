#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/download.h"
#include "collector/cli/format.h"
#include "collector/cli/stream_id.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::cli {
namespace {

struct Format {
  const char* name;
  v1::AudioFormat format;
};
constexpr Format kFormats[] = {
    {"wav", v1::AUDIO_FORMAT_WAV},      {"wav-alaw", v1::AUDIO_FORMAT_WAV_ALAW},
    {"flac", v1::AUDIO_FORMAT_FLAC},    {"opus", v1::AUDIO_FORMAT_OGG_OPUS},
    {"ogg", v1::AUDIO_FORMAT_OGG_OPUS}, {"mp3", v1::AUDIO_FORMAT_MP3},
};

absl::StatusOr<v1::AudioFormat> ParseFormat(const std::string& name) {
  for (const Format& known : kFormats) {
    if (absl::EqualsIgnoreCase(name, known.name)) return known.format;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no format \"", name, "\": flac, opus, mp3, wav or wav-alaw"));
}

// By the end of the file's name; WAV if that tells nothing.
v1::AudioFormat FormatOfFile(const std::string& path) {
  for (const Format& known : kFormats) {
    if (absl::EndsWithIgnoreCase(path, absl::StrCat(".", known.name))) {
      return known.format;
    }
  }
  return v1::AUDIO_FORMAT_WAV;
}

absl::StatusOr<v1::Perspective> ParsePerspective(const std::string& word) {
  if (word == "spoken") return v1::PERSPECTIVE_AS_SPOKEN;
  if (word == "caller") return v1::PERSPECTIVE_HEARD_BY_CALLER;
  if (word == "callee") return v1::PERSPECTIVE_HEARD_BY_CALLEE;
  return absl::InvalidArgumentError(
      absl::StrCat("no perspective \"", word, "\": spoken, caller or callee"));
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  return google::protobuf::util::TimeUtil::NanosecondsToDuration(
      absl::ToInt64Nanoseconds(duration));
}

class AudioCommand final : public Command {
 public:
  AudioCommand()
      : Command({"calls audio",
                 {"ID"},
                 "the recording as a file, caller left, callee right",
                 "The format is told by the file's ending: .wav, .flac, .opus, "
                 ".ogg or .mp3.\n"
                 "Offsets are from the beginning of the recording: 80, 1:20, "
                 "1:02:03.5.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("output,o", "FILE", "where to; - is standard output", output_);
    flags.Value("format", "FORMAT", "flac, opus, mp3, wav or wav-alaw",
                [this](const std::string& name) -> absl::Status {
                  ASSIGN_OR_RETURN(format_, ParseFormat(name));
                  return absl::OkStatus();
                });
    flags.Value("from", "OFFSET", "only from here",
                [this](const std::string& text) -> absl::Status {
                  ASSIGN_OR_RETURN(const absl::Duration offset,
                                   ParseOffset(text));
                  *request_.mutable_from() = ToProto(offset);
                  return absl::OkStatus();
                });
    flags.Value("until", "OFFSET", "only until there",
                [this](const std::string& text) -> absl::Status {
                  ASSIGN_OR_RETURN(const absl::Duration offset,
                                   ParseOffset(text));
                  *request_.mutable_until() = ToProto(offset);
                  return absl::OkStatus();
                });
    flags.Value("as-heard-by", "PARTY",
                "what reached the caller or callee of the other one",
                [this](const std::string& word) -> absl::Status {
                  ASSIGN_OR_RETURN(const v1::Perspective perspective,
                                   ParsePerspective(word));
                  request_.set_perspective(perspective);
                  return absl::OkStatus();
                });
    flags.Value("jitter-buffer", "MS", "of that party's phone; default 60",
                [this](const std::string& text) -> absl::Status {
                  ASSIGN_OR_RETURN(const absl::Duration seconds,
                                   ParseOffset(text));
                  *request_.mutable_jitter_buffer() = ToProto(seconds / 1000);
                  return absl::OkStatus();
                });
    flags.String("stream", "ID", "only this stream, in mono", stream_);
    flags.Switch("no-concealment", "silence where packets are missing",
                 no_concealment_);
    flags.Switch("mask-keys", "silence where keys are heard as tones",
                 mask_keys_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    RETURN_IF_ERROR(CheckOutput(output_, "call.wav"));
    request_.set_id(arguments[0]);
    request_.set_format(format_ == v1::AUDIO_FORMAT_UNSPECIFIED
                            ? FormatOfFile(output_)
                            : format_);
    request_.set_no_concealment(no_concealment_);
    request_.set_mask_keys(mask_keys_);
    if (!stream_.empty()) {
      ASSIGN_OR_RETURN(*request_.mutable_stream_id(),
                       WholeStreamId(session.collector, arguments[0], stream_));
    }
    Download download(session, output_);
    RETURN_IF_ERROR(session.collector.GetAudio(
        request_, [&](const v1::GetAudioResponse& piece) {
          for (const std::string& finding : piece.findings()) {
            session.err << "callbraid: " << finding << "\n";
          }
          if (piece.total_bytes() > 0) download.SetTotal(piece.total_bytes());
          return download.Write(piece.data());
        }));
    return download.Close();
  }

 private:
  v1::GetAudioRequest request_;
  v1::AudioFormat format_ = v1::AUDIO_FORMAT_UNSPECIFIED;
  std::string output_;
  std::string stream_;
  bool no_concealment_ = false;
  bool mask_keys_ = false;
};

}  // namespace

std::unique_ptr<Command> CallsAudio() {
  return std::make_unique<AudioCommand>();
}

}  // namespace callbraid::cli
