#ifndef CALLBRAID_COLLECTOR_RECORD_LIVE_TRACK_H_
#define CALLBRAID_COLLECTOR_RECORD_LIVE_TRACK_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "collector/playout/call_layout.h"
#include "collector/playout/intervals.h"
#include "collector/record/survey.h"
#include "collector/record/track.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// One stream of a call in progress: reads on as its packets are stored, and
// decodes each of them once.
//
// Holds some seconds of the stream, and a bounded number of packets. One
// thread.
class LiveTrack {
 public:
  struct Options {
    // Capture time of tick 0, on the call's clock.
    int64_t origin_ns = 0;
    // Windows are rendered from this tick on, as of a part of a recording.
    int64_t begin = 0;
    uint32_t sample_rate = 8000;
  };

  // Borrows the store.
  LiveTrack(Store& store, TrackSource source, const Options& options);

  // Whether `source` is what this plays, but for what was stored meanwhile.
  bool Plays(const TrackSource& source) const;

  // Before a window that ends at tick `end` is rendered: takes what was
  // captured until `captured_ns`, as far as it is stored by now. Errors: those
  // of the store.
  absl::Status Read(int64_t captured_ns, int64_t end);
  // Of what was read; of what is long past, nothing.
  const Survey& survey() const { return survey_; }
  int channel() const { return source_.channel; }
  // Where keys were signalled beside the audio, not long before tick `begin`
  // and later.
  Intervals KeyEventsFrom(int64_t begin) const;
  // What keeps all or some of it from being heard, in words; "" if nothing
  // does.
  std::string Finding() const;

  // Writes what is heard from tick `begin` on, of `audible`; samples without
  // sound are left as they are. Windows must not go back.
  void Render(int64_t begin, Intervals audible, std::span<int16_t> out);

 private:
  class Queue;

  const TrackSource source_;
  const int64_t decode_from_;
  StreamTimeline timeline_;
  Survey survey_;
  Queue* queue_;  // Of track_.
  Track track_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_LIVE_TRACK_H_
