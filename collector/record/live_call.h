#ifndef CALLBRAID_COLLECTOR_RECORD_LIVE_CALL_H_
#define CALLBRAID_COLLECTOR_RECORD_LIVE_CALL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/playout/call_layout.h"
#include "collector/record/key_mask.h"
#include "collector/record/live_track.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// A call in progress as it is heard `delay_ns` behind: caller left, callee
// right, window by window, with the samples that RenderCall() will give them.
//
// What is not stored when it is to be heard is silence, and the timeline goes
// on; so is hold. The sample rate stays that of the streams that are known when
// the first is. Streams that become known later are heard from then on; when
// what is known of one changes (its codec, a key, another capture point), it is
// read again from two minutes before. Otherwise each packet is read and decoded
// once.
//
// Times are of the call's clock. One thread.
class LiveCall {
 public:
  struct Options {
    int64_t delay_ns = 1'500'000'000;
    // Silence where keys are heard as tones. These are known 64 ms after they
    // began, and silenced from 40 ms before; so windows are twice as long, and
    // one is held back. The delay stays, and what is late is so 200 ms earlier.
    bool mask_keys = false;
  };

  // 100 or 200 ms.
  struct Window {
    int64_t time_ns = 0;
    // Caller, callee, caller...
    std::vector<int16_t> samples;
  };

  // Borrows the store.
  LiveCall(Store& store, const Options& options)
      : store_(store), options_(options) {}

  // What is known of the call by now. Errors: those of LayOutCall().
  absl::Status Update(const store::v1::CallRecord& record);

  // The next window, if its first sample was said `delay_ns` ago or longer;
  // nullopt also while no stream is known. Windows follow each other, but where
  // `now_ns` jumps, or whoever asks is behind by seconds. Errors: those of the
  // store.
  absl::StatusOr<std::optional<Window>> Next(int64_t now_ns);

  // Of a window; 8000, 16000 or 48000 Hz.
  uint32_t sample_rate() const { return sample_rate_; }
  // When the first sample of the next window was said; nullopt before the
  // first.
  std::optional<int64_t> NextTime() const;
  // As of RenderCall(); those that were not given before.
  std::vector<std::string> TakeFindings();

 private:
  // Where the timeline counts from: the first packet of a stream.
  struct Origin {
    ObservationId observation;
    int64_t time_ns = 0;
  };

  std::optional<Origin> FindOrigin() const;
  void TakeOrigin();
  void OpenTracks();
  void MoveTo(int64_t tick);
  absl::Status Render();
  void MaskKeys();
  void TakeRendered(Window& window);
  int64_t TickOf(int64_t time_ns) const;
  int64_t TimeOf(int64_t tick) const;
  int64_t TicksPerSample() const { return kTicksPerSecond / sample_rate_; }
  int64_t WindowTicks() const;

  Store& store_;
  const Options options_;
  CallLayout layout_;
  // As layout_.tracks; null until it is known where to begin.
  std::vector<std::unique_ptr<LiveTrack>> tracks_;
  std::optional<Origin> origin_;
  uint32_t sample_rate_ = 8000;
  // Whether next_ means something.
  bool begun_ = false;
  // The tick that is given next, and that which is rendered next: masks listen
  // before, and hold a window back.
  int64_t next_ = 0;
  int64_t position_ = 0;
  // By channel: what was rendered last.
  std::vector<std::vector<int16_t>> sides_;
  std::vector<std::unique_ptr<KeyMask>> masks_;
  std::set<std::string> told_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_LIVE_CALL_H_
