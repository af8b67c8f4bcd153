#ifndef CALLBRAID_COLLECTOR_QUALITY_STREAM_QUALITY_H_
#define CALLBRAID_COLLECTOR_QUALITY_STREAM_QUALITY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/playout/transit.h"
#include "collector/quality/burst_gap.h"
#include "collector/quality/quality_slices.h"
#include "collector/quality/sequence_window.h"

namespace callbraid::collector {

// One packet of a stream where it was captured.
struct QualityPacket {
  int64_t time_ns = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  // Ticks of the timestamp per second; 0 of what has no transit time of its
  // own: telephone events (RFC 4733), and where the rate is not known.
  uint32_t clock_rate = 0;
  uint8_t payload_type = 0;
  // Encoding name; empty of what is no speech.
  std::string_view codec = {};
  size_t payload_bytes = 0;
};

// A value that most of those given have, if one has a majority.
template <typename T>
class Majority {
 public:
  void Add(const T& value) {
    if (votes_ == 0) value_ = value;
    votes_ += value == value_ ? 1 : -1;
  }
  const T& value() const { return value_; }

 private:
  T value_ = {};
  int64_t votes_ = 0;
};

// A codec as a stream used it.
struct CodecUse {
  std::string name;
  uint64_t packets = 0;
  Majority<size_t> payload_bytes;
  // From one packet to the next, by timestamp.
  Majority<int64_t> interval_ns;

  // Of payload; 0 if not known.
  double bits_per_second() const;
};

// Measures a stream at one capture point, or the union of several: losses,
// bursts, order, jitter, delay, in all and by slices.
//
// Memory does not depend on the length of the stream but for the slices, which
// are bounded. One thread.
class StreamQuality {
 public:
  // Slices count from `origin_ns`.
  StreamQuality(int64_t origin_ns, size_t max_slices);
  StreamQuality(const StreamQuality&) = delete;
  StreamQuality& operator=(const StreamQuality&) = delete;

  // In order of arrival.
  void Add(const QualityPacket& packet);
  // No packet follows. The rest is of use only then.
  void Finish();

  const QualityCounts& total() const { return total_; }
  const QualitySlices& slices() const { return slices_; }
  // Never empty; QualitySlice::codec is an index.
  const std::vector<CodecUse>& codecs() const { return codecs_; }
  // Index of the codec of most packets.
  size_t main_codec() const;

 private:
  void OnFate(const PacketFate& fate);
  void Measure(const QualityPacket& packet, PacketFate& fate);
  void LearnCodec(const QualityPacket& packet, bool is_next);
  void CloseBursts();
  void CloseDelays();

  QualityCounts total_;
  QualitySlices slices_;
  std::vector<CodecUse> codecs_;
  size_t codec_ = 0;

  SequenceWindow window_;
  Transit transit_;
  // Of the packet before, for the interval.
  uint16_t last_sequence_ = 0;
  uint32_t last_timestamp_ = 0;

  // Of the slice that numbers pass in, which is behind the one that packets
  // arrive in.
  int64_t bursts_ns_ = 0;
  BurstGap slice_bursts_;
  BurstGap bursts_;

  // Transits in the slice that packets arrive in.
  int64_t delays_ns_ = 0;
  std::vector<int64_t> transits_;
  // By how much packets were slower than the fastest of their slice, in tenths
  // of a millisecond.
  std::vector<uint32_t> slower_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUALITY_STREAM_QUALITY_H_
