#ifndef CALLBRAID_COLLECTOR_RECORD_SECTION_DECODER_H_
#define CALLBRAID_COLLECTOR_RECORD_SECTION_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "collector/codecs/codec.h"
#include "collector/playout/stream_timeline.h"

namespace callbraid::collector {

// A decoder whose memory does not reach back for ever, so that a recording is
// the same wherever its rendering begins: the timeline is cut into sections of
// 20 s, and each is decoded by a decoder of its own, which has listened to the
// second before it. Decoders forget faster than that; nobody hears the change.
// A stream that makes its decoders crash or hang is given up.
//
// One thread.
class SectionDecoder {
 public:
  static constexpr int64_t kSectionTicks = 20 * kTicksPerSecond;
  static constexpr int64_t kListenTicks = kTicksPerSecond;

  // The tick from which on all must be decoded for what is heard from `tick` on
  // to be right, pauses included: they are filled by the decoder of the section
  // in which they begin.
  static int64_t NeededFor(int64_t tick);

  explicit SectionDecoder(const Codec& codec) : codec_(codec) {}

  // The next packet has this place; they should come in order.
  void MoveTo(int64_t tick);
  // As of Decoder. Only after MoveTo().
  bool Decode(std::span<const uint8_t> payload, std::vector<int16_t>& pcm);
  bool Conceal(size_t samples, std::span<const uint8_t> next,
               std::vector<int16_t>& pcm);
  bool Pause(size_t samples, std::vector<int16_t>& pcm);

 private:
  // Of one stream: what made so many of them crash will not make others sing.
  static constexpr int kMostLosses = 6;

  const Codec& codec_;
  std::unique_ptr<Decoder> decoder_;
  // Listens already, for the section that begins at `change_`.
  std::unique_ptr<Decoder> next_;
  int64_t change_ = 0;
  // By decoders that are done with.
  int losses_ = 0;
  std::vector<int16_t> unheard_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_SECTION_DECODER_H_
