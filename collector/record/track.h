#ifndef CALLBRAID_COLLECTOR_RECORD_TRACK_H_
#define CALLBRAID_COLLECTOR_RECORD_TRACK_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "collector/codecs/codec.h"
#include "collector/playout/intervals.h"
#include "collector/playout/stream_timeline.h"
#include "collector/record/concealer.h"
#include "collector/record/resampler.h"
#include "collector/record/section_decoder.h"

namespace callbraid::collector {

// Plays one stream: its placed packets become samples, window by window.
//
// Each sample is written once: a packet is heard until the next one begins. One
// thread.
class Track {
 public:
  struct Options {
    uint32_t sample_rate = 8000;
    bool conceal = true;
    // Nothing before this tick is decoded, so nothing before it is heard.
    int64_t decode_from = std::numeric_limits<int64_t>::min();
  };

  // Only `audible` is played.
  Track(std::unique_ptr<PlacedPackets> packets, Intervals audible,
        const Options& options);
  Track(StreamTimeline timeline, Intervals audible, const Options& options)
      : Track(std::make_unique<StreamTimeline>(std::move(timeline)),
              std::move(audible), options) {}
  // From the next window on.
  void SetAudible(Intervals audible);

  // Writes what is heard from tick `begin` on into `out`; samples without
  // sound are left as they are. Windows must follow one another.
  void Render(int64_t begin, std::span<int16_t> out);
  // Why the stream ended, if not at its end.
  const absl::Status& status() const { return packets_->status(); }
  // Packets that the decoder refused: they are concealed, or silence.
  uint64_t refused() const { return refused_; }

  // What is heard of a pause that the sender announced; longer ones are hold.
  static constexpr int64_t kLongestPauseTicks = 10 * kTicksPerSecond;

 private:
  void GiveWay();
  void FillGap();
  void Conceal(size_t samples);
  void FillPause(size_t samples);
  void Decode();
  void UseCodec(const Codec* codec);
  void DecodeOrConceal(std::span<const uint8_t> payload);
  void Resample();
  size_t AtCodecRate(size_t samples) const;
  bool Write(int64_t begin, std::span<int16_t> out);

  std::unique_ptr<PlacedPackets> packets_;
  Intervals audible_;
  const Options options_;
  const int64_t ticks_per_sample_;

  std::optional<PlacedPacket> next_;
  bool gap_filled_ = false;
  bool begun_ = false;
  bool last_truncated_ = false;
  // Where decoded audio ends.
  int64_t end_ = 0;

  const Codec* codec_ = nullptr;
  std::optional<SectionDecoder> decoder_;
  // Only where the codec has another sample rate.
  std::optional<Resampler> resampler_;
  Concealer concealer_;
  uint64_t refused_ = 0;

  // Samples to be written, from this tick on.
  int64_t pcm_begin_ = 0;
  std::vector<int16_t> pcm_;
  std::vector<int16_t> decoded_;  // At the codec's rate, until Resample().
  size_t next_audible_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_TRACK_H_
