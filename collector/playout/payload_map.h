#ifndef CALLBRAID_COLLECTOR_PLAYOUT_PAYLOAD_MAP_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_PAYLOAD_MAP_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/call.pb.h"
#include "collector/codecs/codec.h"

namespace callbraid::collector {

// What a payload type stands for from some time on.
struct PayloadMeaning {
  int64_t from_ns = 0;
  // Null: not audio that can be played.
  const Codec* codec = nullptr;
  // telephone-event (RFC 4733) or comfort noise (RFC 3389): no audio of its
  // own, but no loss either.
  bool silent = false;
  bool comfort_noise = false;
  // Video, error correction and whatever else nobody hears (CarriesNoAudio());
  // that there is no decoder for it is no loss.
  bool inaudible = false;
  // Redundant audio (RFC 2198): its blocks say each which payload type they
  // are, and the codec here is that of what SDP names first.
  bool redundant = false;
  // Encoding name, "" if nothing tells it; and of the RTP timestamp, Hz, as SDP
  // says it, 0 if it does not.
  std::string name;
  uint32_t clock_rate = 0;
  // Without codec: what there is no decoder for, e.g. "AMR with interleaving".
  std::string missing;

  bool operator==(const PayloadMeaning&) const = default;
};

// The payload types of one stream. A value.
class StreamPayloads {
 public:
  // `time_ns` on the call's clock.
  const PayloadMeaning& At(uint8_t payload_type, int64_t time_ns) const;
  // All that it stands for in the call, by time.
  const std::vector<PayloadMeaning>& Of(uint8_t payload_type) const {
    return meanings_[payload_type & 0x7f];
  }
  // Whatever `codec` plays is played by `other`.
  void Replace(const Codec& codec, const Codec& other);
  // Nothing is played from `time_ns` on: it is encrypted, and has no key.
  void EncryptFrom(int64_t time_ns);
  bool operator==(const StreamPayloads&) const = default;

 private:
  friend class PayloadMap;
  // By time, never empty.
  std::array<std::vector<PayloadMeaning>, 128> meanings_;
};

// What all SDP of a call says about payload types.
class PayloadMap {
 public:
  // `offset_ns` moves the dialog's times to the call's clock.
  void Add(const std::string& leg_id,
           const store::v1::DialogObservation& dialog, int64_t offset_ns);

  // For each payload type, the first of these that knows it: SDP of the
  // receiver of the stream, any SDP of its leg, any of the call, RFC 3551 for
  // static types, the codec that the stream is said to have. Of SDP the lines
  // of the stream's kind alone: those for video have numbers of their own.
  //
  // Of a stream that counts as in clear, nothing is played from where SDP says
  // that it is encrypted (RTP/AVP that turns to RTP/SAVP): it would be noise.
  StreamPayloads For(const v1::Stream& stream) const;

 private:
  struct Line {
    int64_t time_ns = 0;
    std::string leg_id;
    std::string receiver;  // "address:port".
    std::string kind;      // "audio", "video".
    bool from_initiator = false;
    bool encrypted = false;
    std::vector<store::v1::SdpCodec> codecs;
  };
  // From, and until before.
  using Stretch = std::pair<int64_t, int64_t>;

  std::string KindOf(const v1::Stream& stream) const;
  std::vector<Stretch> EncryptedIn(const v1::Stream& stream,
                                   const std::string& kind) const;

  std::vector<Line> lines_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_PAYLOAD_MAP_H_
