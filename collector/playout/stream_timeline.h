#ifndef CALLBRAID_COLLECTOR_PLAYOUT_STREAM_TIMELINE_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_STREAM_TIMELINE_H_

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "collector/codecs/codec.h"
#include "collector/playout/intervals.h"
#include "collector/playout/packet_gaps.h"
#include "collector/playout/payload_map.h"
#include "collector/playout/stream_epoch.h"
#include "collector/playout/stream_union.h"
#include "collector/playout/timestamp_rates.h"
#include "collector/playout/transit.h"

namespace callbraid::collector {

inline std::span<const uint8_t> BytesOf(const std::string& payload) {
  return {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
}

// A packet of audio and its place.
struct PlacedPacket {
  // First tick, from the timeline's origin.
  int64_t position = 0;
  int64_t ticks = 0;
  const Codec* codec = nullptr;
  // Packets between this one and the last were sent but seen by no one.
  bool lost_before = false;
  bool truncated = false;
  // The sender chose to send nothing between the last packet and this one
  // (DTX); `comfort_noise` is the payload (RFC 3389) that describes what is
  // heard there, empty if it is up to the codec.
  bool pause_before = false;
  std::string comfort_noise;
  std::string payload;
};

// Packets of a stream in the order in which they are played.
class PlacedPackets {
 public:
  virtual ~PlacedPackets() = default;
  // The next packet; positions ascend but for stragglers. Nullopt at the end,
  // or the end for now, which may be an error: see status().
  virtual std::optional<PlacedPacket> Next() = 0;
  virtual const absl::Status& status() const = 0;
};

// Puts the packets of a stream in order and in their place.
//
// The clock of the RTP timestamp says where a packet belongs, capture time
// where that clock stands (StreamEpoch). It is looked at anew, for a second,
// after each pause of a second, so that a part of a recording has the samples
// of the whole; and when timestamps and arrival disagree by
// more than 200 ms for half a second: the source began anew, or stood still on
// hold. A burst after a stall in the network is no such case, nor is a single
// packet with a wild timestamp; that one is left out.
//
// What comes after another anchor never overlaps what was before, and follows
// it without a gap where numbers and arrival do: what that takes (60 ms, or
// 200 where it would overlap) is made up for over 20 s.
//
// Of a stream that goes on (Follow) nothing is held longer than its listener
// can wait: what would still move it then (a straggler, a better copy) is late.
// An epoch that begins after silence is anchored by what there is of its first
// second, and anew when that is over, so that from then on each packet has the
// place that it has in a recording.
//
// Holds some seconds of the stream, and depends on no more than the last 100 s
// before them (kMemoryNs). One thread.
class StreamTimeline final : public PlacedPackets {
 public:
  struct Options {
    Placement placement = Placement::kCaptureTime;
    // Capture time of tick 0, on the call's clock.
    int64_t origin_ns = 0;
    TimestampRates rates;
    // As a listener hears it: by a jitter buffer (Transit) of so much. What is
    // late for it is left out, and all is heard so much later.
    std::optional<int64_t> jitter_buffer_ns;
  };

  // Where packets by capture time come to lie does not depend on what came
  // longer before them.
  static constexpr int64_t kMemoryNs = 100'000'000'000;

  // Borrows `payloads`.
  StreamTimeline(StreamUnion source, const StreamPayloads& payloads,
                 const Options& options);

  std::optional<PlacedPacket> Next() override;
  const absl::Status& status() const override { return source_.status(); }

  // Of a stream that goes on: from now on Next() gives what begins before tick
  // `until`, by the packets that were captured until `captured_ns`, as far as
  // they are stored by now; nullopt is then the end for now.
  void Follow(int64_t captured_ns, int64_t until);

  // What kept packets from being played, e.g. "G729"; empty if nothing did. And
  // from when to when they were captured, on the call's clock.
  const std::string& unknown_codec() const { return unknown_codec_; }
  int64_t first_unknown_ns() const { return first_unknown_ns_; }
  int64_t last_unknown_ns() const { return last_unknown_ns_; }
  // Where keys were signalled beside the audio (RFC 4733), by arrival.
  const Intervals& key_events() const { return key_events_; }
  // Packets of audio, and of these those that the jitter buffer did without;
  // counted only with one.
  uint64_t arrived() const { return arrived_; }
  uint64_t late() const { return late_; }
  // Null if the stream is in clear.
  const SrtpDecryptor* decryptor() const { return source_.decryptor(); }

 private:
  struct Entry {
    MediaPacket packet;
    const Codec* codec = nullptr;
    uint32_t clock_rate = 0;
    uint32_t epoch = 0;
    int64_t timestamp = 0;  // Unwrapped, within its epoch.
    int64_t position = 0;
  };
  // How an epoch began: kept of one that was anchored before its first second
  // was over.
  struct Start {
    std::vector<StreamEpoch::Arrival> arrivals;
    int64_t lowest = 0;
    uint16_t sequence = 0;
    // What was placed before it.
    int64_t end = 0;
    uint16_t end_sequence = 0;
  };

  void Read();
  void Ingest(MediaPacket packet);
  // Redundant audio: what is new of it, and what did not come before.
  void Unpack(const MediaPacket& packet);
  void IngestPlain(MediaPacket packet, const PayloadMeaning& meaning);
  bool IsLate(const MediaPacket& packet, uint32_t clock_rate);
  void Judge(Entry entry);
  bool BeginsAfterPause(const Entry& entry) const;
  bool AcceptIfFits(Entry& entry);
  int64_t Unwrapped(const Entry& entry) const;
  void Anchor(bool final);
  bool Confirmed() const;
  void JudgeSuspectsAgain();
  size_t ConsistentPrefix() const;
  void BeginEpoch(size_t count);
  void Join(const Start& start);
  void AnchorInTime();
  void MakeGood(const StreamEpoch::Arrival& arrival);
  void SettleSuspects(int64_t timestamp);
  static int64_t Ticks(const Entry& entry);
  void Accept(Entry entry);
  PlacedPacket Emit(Entry entry);
  void TakeKeyEvent(int64_t time_ns);
  int64_t PlayoutTicks() const;
  void TakeSilent(const MediaPacket& packet, const PayloadMeaning& meaning);

  StreamUnion source_;
  const StreamPayloads& payloads_;
  const Options options_;
  const int64_t tolerance_ns_;
  std::optional<Transit> buffer_;
  uint64_t arrived_ = 0;
  uint64_t late_ = 0;
  std::string unknown_codec_;
  int64_t first_unknown_ns_ = 0;
  int64_t last_unknown_ns_ = 0;

  std::optional<StreamEpoch> epoch_;
  uint32_t epochs_ = 0;
  // Packets that do not fit the epoch, in order of arrival.
  std::vector<Entry> suspects_;
  // Placed, by epoch and timestamp.
  std::deque<Entry> pending_;
  bool ended_ = false;
  // As of Follow().
  bool follows_ = false;
  int64_t captured_ns_ = 0;
  int64_t until_ = std::numeric_limits<int64_t>::max();
  bool hurries_ = false;
  // Of the epoch, until it is as it would be without hurry.
  std::optional<Start> hurried_;
  int64_t newest_ns_ = 0;
  int64_t last_audio_ns_ = 0;
  // Where the audio placed so far ends, and with which number.
  int64_t end_ = 0;
  uint16_t end_sequence_ = 0;

  // Of redundant audio: the newest packets that came, in whatever way.
  std::deque<uint16_t> came_;

  PacketGaps gaps_;
  Intervals key_events_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_STREAM_TIMELINE_H_
