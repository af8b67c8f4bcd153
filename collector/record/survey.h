#ifndef CALLBRAID_COLLECTOR_RECORD_SURVEY_H_
#define CALLBRAID_COLLECTOR_RECORD_SURVEY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/playout/call_layout.h"
#include "collector/playout/intervals.h"
#include "collector/playout/stream_timeline.h"
#include "collector/secure/srtp_decryptor.h"

namespace callbraid::collector {

// What is found out about a track before it is decoded.
struct Survey {
  // Of the packets, in the order in which they are played.
  void Add(const PlacedPacket& packet);

  Intervals active;
  Intervals pauses;        // Between packets, where the sender chose silence.
  Intervals key_events;    // As of StreamTimeline.
  bool any_empty = false;  // A payload that is no frame of its codec.
  std::optional<int64_t> end;  // Of the audio so far.
  // As of StreamTimeline.
  std::string unknown_codec;
  int64_t first_unknown_ns = 0;
  int64_t last_unknown_ns = 0;
  DecryptionTally decryption;
  // Of as heard: audio that arrived, and that of it which the jitter buffer
  // does without.
  uint64_t arrived = 0;
  uint64_t late = 0;

  // Ticks that bear on what is heard at another, at most.
  static constexpr int64_t kReachTicks = 11 * kTicksPerSecond;
};

// Surveys the packets up to tick `until`, and of what begins later the first
// `at_least` ticks. Errors: those of the store.
absl::StatusOr<Survey> SurveyTrack(StreamTimeline timeline, int64_t until,
                                   int64_t at_least);

struct SurveyedTrack {
  int channel = 0;
  const Survey* survey = nullptr;
};

// Where each of `tracks` is heard. On each channel the first wherever it has
// audio, the others only where those before them have none; and if `conceal`,
// each in the beginning of its holes and pauses, where no other has audio.
std::vector<Intervals> ChooseAudible(const std::vector<SurveyedTrack>& tracks,
                                     bool conceal);
std::vector<Intervals> ChooseAudible(const std::vector<TrackSource>& tracks,
                                     const std::vector<Survey>& surveys,
                                     bool conceal);

// What is silent although something was sent, or not heard from where it might
// be expected, in words.
std::vector<std::string> FindingsOf(const CallLayout& layout,
                                    const std::vector<Survey>& surveys);

// Why nothing of this can be heard: FAILED_PRECONDITION.
absl::Status WhyNothing(const CallLayout& layout,
                        const std::vector<Survey>& surveys);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_SURVEY_H_
