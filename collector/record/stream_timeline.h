#ifndef CALLBRAID_COLLECTOR_RECORD_STREAM_TIMELINE_H_
#define CALLBRAID_COLLECTOR_RECORD_STREAM_TIMELINE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "collector/codecs/codec.h"
#include "collector/record/payload_map.h"
#include "collector/record/stream_union.h"

namespace callbraid::collector {

// The timeline counts in ticks: a whole number of them makes a sample at every
// rate that telephony uses.
inline constexpr int64_t kTicksPerSecond = 48000;
inline constexpr int64_t kTicksPerMs = kTicksPerSecond / 1000;

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

enum class Placement {
  // By RTP timestamp, anchored to capture time.
  kCaptureTime,
  // By RTP timestamp alone, for as long as it makes any sense.
  kTimestamps,
};

// Puts the packets of a stream in order and in their place.
//
// The clock of the RTP timestamp says where a packet belongs; where that clock
// stands against capture time is the median over the first second (the anchor).
// It is anchored anew when timestamps and arrival disagree by more than 200 ms
// for half a second: the source began anew, or stood still on hold. A burst
// after a stall in the network is no such case, nor is a single packet with a
// wild timestamp; that one is left out. Drift between the clocks is absorbed
// in pauses, or by an eighth of a millisecond a packet, once it is 40 ms.
//
// Holds some seconds of the stream. One thread.
class StreamTimeline {
 public:
  struct Options {
    Placement placement = Placement::kCaptureTime;
    // Capture time of tick 0, on the call's clock.
    int64_t origin_ns = 0;
    // Of the RTP timestamp, Hz, whatever the codec; 0: each codec's own.
    uint32_t clock_rate = 0;
  };

  // Borrows `payloads`.
  StreamTimeline(StreamUnion source, const StreamPayloads& payloads,
                 const Options& options);

  // The next packet; positions ascend but for stragglers. Nullopt at the end,
  // which may be an error: see status().
  std::optional<PlacedPacket> Next();
  const absl::Status& status() const { return source_.status(); }

  // What kept packets from being played, e.g. "G729"; empty if nothing did.
  const std::string& unknown_codec() const { return unknown_codec_; }
  // Null if the stream is in clear.
  const SrtpDecryptor* decryptor() const { return source_.decryptor(); }

 private:
  struct Entry {
    MediaPacket packet;
    const Codec* codec = nullptr;
    uint32_t clock_rate = 0;
    uint32_t epoch = 0;
    int64_t timestamp = 0;  // Unwrapped, within its epoch.
    int64_t position = 0;   // Without slip.
    int64_t drift_ns = 0;   // As known when the packet came.
  };
  // A packet that is not audio, and not emitted past.
  struct Silent {
    uint16_t sequence = 0;
    std::string comfort_noise;
  };
  // A stretch with one relation between timestamp and capture time.
  struct Epoch {
    uint32_t number = 0;
    uint32_t clock_rate = 0;
    int64_t timestamp = 0;
    int64_t time_ns = 0;
    int64_t position = 0;
    int64_t highest_timestamp = 0;
    // Drift, as seen in the least delayed packet of each window.
    int64_t window_start_ns = 0;
    int64_t window_least_ns = 0;
    std::optional<int64_t> baseline_ns;
    int64_t drift_ns = 0;
  };

  void Ingest(MediaPacket packet);
  void Judge(Entry entry);
  bool AcceptIfFits(Entry& entry);
  int64_t ExpectedTimestamp(int64_t time_ns) const;
  int64_t TimeOf(int64_t timestamp) const;
  void Anchor(bool final);
  bool Confirmed() const;
  void JudgeSuspectsAgain();
  size_t ConsistentPrefix() const;
  void BeginEpoch(size_t count);
  void SettleSuspects(int64_t timestamp);
  static int64_t Ticks(const Entry& entry);
  void Accept(Entry entry);
  void FollowDrift(int64_t time_ns, int64_t deviation_ns);
  PlacedPacket Emit(Entry entry);
  int64_t Slip(const Entry& entry);
  void LookBefore(const Entry& entry, PlacedPacket& placed);
  void TakeSilent(const MediaPacket& packet, const PayloadMeaning& meaning);

  StreamUnion source_;
  const StreamPayloads& payloads_;
  const Options options_;
  const int64_t tolerance_ns_;
  std::string unknown_codec_;

  std::optional<Epoch> epoch_;
  // Packets that do not fit the epoch, in order of arrival.
  std::vector<Entry> suspects_;
  // Placed, by epoch and timestamp.
  std::deque<Entry> pending_;
  bool ended_ = false;
  int64_t newest_ns_ = 0;
  // Where the audio placed so far ends.
  int64_t end_ = 0;

  // Of what was handed out.
  bool any_emitted_ = false;
  uint16_t last_sequence_ = 0;
  uint32_t last_epoch_ = 0;
  bool last_pauses_ = false;
  int64_t last_end_ = 0;  // Without slip.
  int64_t slip_ = 0;
  bool slipping_ = false;
  std::deque<Silent> silent_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_STREAM_TIMELINE_H_
