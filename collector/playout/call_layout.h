#ifndef CALLBRAID_COLLECTOR_PLAYOUT_CALL_LAYOUT_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_CALL_LAYOUT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/playout/packet_reader.h"
#include "collector/playout/payload_map.h"
#include "collector/playout/stream_union.h"
#include "collector/playout/timestamp_rates.h"
#include "collector/secure/srtp_decryptor.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Whose ear a recording is taken at.
enum class Perspective {
  // Each party as nearest to its own phone.
  kAsSpoken,
  // What reached that party of the other one, which itself is as spoken.
  kHeardByCaller,
  kHeardByCallee,
};

// One source of audio: a stream, or several that carry the same RTP packets (a
// relay that keeps SSRC and timestamps: what one copy lacks is in the other).
struct TrackSource {
  // 0: left, the caller; 1: right, the callee.
  int channel = 0;
  // Of the first of them.
  std::string stream_id;
  std::vector<ObservationSource> observations;
  StreamPayloads payloads;
  TimestampRates rates;
  // Of a recording in which all its codecs are heard: 8000, 16000 or 48000 Hz;
  // 0 without any.
  uint32_t sample_rate = 0;
  // Its G.726 is packed in another way than its name says.
  bool is_mispacked = false;
  // Some of its codecs code waveforms: tones come out as they went in.
  bool carries_tones = false;
  // As a listener heard it: by a jitter buffer.
  bool is_heard = false;
  // What the packets are encrypted with, the likeliest first; none: in clear.
  std::vector<CandidateKey> keys;
  uint32_t ssrc = 0;
  // v1::Stream.encryption of the first of them.
  std::string encryption;
};

// `source` without the packets that were captured before `time_ns`, on the
// call's clock, if the rest can be understood without them.
TrackSource StartingAt(TrackSource source, int64_t time_ns);

// A stream that nothing here can decrypt: silence of its length.
struct SilentSource {
  std::string stream_id;
  std::string encryption;
  // On the call's clock.
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
};

// The packets of `source`, decrypted if it has keys.
StreamUnion OpenStream(MediaStore& store, const TrackSource& source);

struct CallLayout {
  // Those who are nearest to the speaking party come first.
  std::vector<TrackSource> tracks;
  std::vector<SilentSource> silent;
  // What to know of where it is heard from, in words.
  std::vector<std::string> findings;
};

// Each stream of the call by itself, also if no key for it is known, by start
// time; with `stream_id` only that one. Those without packets are left out.
// Errors: as of LayOutCall().
absl::StatusOr<std::vector<TrackSource>> SourcesOfStreams(
    Store& store, const store::v1::CallRecord& record,
    const std::string& stream_id);

// Who speaks on which channel, and from where that is heard. As spoken: for the
// caller the first leg, for the callee the last, and all that was seen of it.
// As a listener heard the other party: the leg at the listener's own end, and
// of it what was seen at the capture point nearest to the listener; what a
// listener has on an end of its own, it does not hear from further away. With
// `stream_id` only that stream, as spoken, on channel 0.
//
// Errors: NOT_FOUND (no such stream), those of the store.
absl::StatusOr<CallLayout> LayOutCall(
    Store& store, const store::v1::CallRecord& record,
    const std::string& stream_id,
    Perspective perspective = Perspective::kAsSpoken);

// When the last packet of `source` may have arrived, on the call's clock.
int64_t LastTimeOf(const TrackSource& source);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_CALL_LAYOUT_H_
