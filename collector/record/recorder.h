#ifndef CALLBRAID_COLLECTOR_RECORD_RECORDER_H_
#define CALLBRAID_COLLECTOR_RECORD_RECORDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/playout/call_layout.h"
#include "collector/playout/transit.h"
#include "collector/record/audio_encoder.h"
#include "collector/store/store.h"

namespace callbraid::collector {

struct RecordingOptions {
  // Only this stream, mono, from its first packet (gaps keep their length).
  std::string stream_id = {};
  // Conceal missing packets, and fill pauses with the noise that the sender
  // described; else both are silence.
  bool conceal = true;
  AudioFormat format = AudioFormat::kWav;
  // Only this part, in nanoseconds from the beginning of the whole recording.
  int64_t from_ns = 0;
  std::optional<int64_t> until_ns = std::nullopt;
  // Of a call, not of one stream.
  Perspective perspective = Perspective::kAsSpoken;
  // Of what is heard; see StreamTimeline::Options.
  int64_t jitter_buffer_ns = Transit::kBufferNs;
  // Silence where keys are heard as tones.
  bool mask_keys = false;
};

// Takes a rendered recording, piece by piece.
class RecordingSink {
 public:
  virtual ~RecordingSink() = default;
  // Before Begin(): what is silent although something was sent, or heard from
  // elsewhere than might be expected, in words.
  virtual void Tell(const std::vector<std::string>& /*findings*/) {}
  // Once, before the first Write(): the size of the whole; 0 if not known.
  virtual absl::Status Begin(uint64_t total_bytes) = 0;
  // At most 64 KiB each. An error (the reader is gone) ends the rendering.
  virtual absl::Status Write(std::string_view bytes) = 0;
  // Once, after the last Write(): packets of which the decoder could make
  // nothing, and whose place is concealed or silent.
  virtual void End(uint64_t /*refused_packets*/) {}
};

// Renders a call from the store to an audio file: caller left, callee right;
// sample rate 8000, or 16000 or 48000 if any stream's codec has more.
//
// A recording is a timeline: packets are placed by RTP timestamp, anchored to
// capture time, and each sample is written once; what one capture point missed
// is taken from another. SRTP is decrypted if a key of the call's SDP fits;
// what does not verify is silence of its length, never noise. Memory is bounded
// by a window of the timeline, not by the call's length.
//
// A part has the same samples as the whole, and costs what it is long, and two
// minutes of reading before it; but one of a single stream, or of SRTP, reads
// all that comes before.
//
// Errors: INVALID_ARGUMENT (the call is over before from_ns), NOT_FOUND (no
// such stream), FAILED_PRECONDITION (nothing that can be played: no media, no
// key, codec not known; or too long for the format), those of Store, and those
// of `sink`. Stateless: any number of threads.
absl::Status RenderCall(Store& store, const store::v1::CallRecord& record,
                        const RecordingOptions& options, RecordingSink& sink);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_RECORDER_H_
