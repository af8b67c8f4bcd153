#ifndef CALLBRAID_COLLECTOR_CODECS_CODEC_H_
#define CALLBRAID_COLLECTOR_CODECS_CODEC_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace callbraid::collector {

// What SDP says of a payload type (RFC 8866, a=rtpmap and a=fmtp).
struct CodecFormat {
  std::string name = {};    // Encoding name, any case: "PCMU".
  uint32_t clock_rate = 0;  // Of the RTP timestamp, Hz. 0: the usual one.
  uint32_t channels = 1;    // 0 is 1.
  std::string fmtp = {};

  auto operator<=>(const CodecFormat&) const = default;
};

// Turns RTP payloads of one stream into PCM of one channel; the channels of a
// stereo codec are mixed. Keeps state from packet to packet: feed it in the
// order of the timestamps. One thread.
class Decoder {
 public:
  virtual ~Decoder() = default;

  // Appends Codec::Samples(payload) samples. False if the decoder refuses these
  // bytes; what was appended then means nothing. It can go on with the next.
  virtual bool Decode(std::span<const uint8_t> payload,
                      std::vector<int16_t>& pcm) = 0;

  // Packets were lost: appends `samples` that may have been in their place.
  // `next` is the first payload after the loss; it may hold a copy of what was
  // lost. False: the codec has no concealment of its own.
  virtual bool Conceal(size_t /*samples*/, std::span<const uint8_t> /*next*/,
                       std::vector<int16_t>& /*pcm*/) {
    return false;
  }

  // The sender pauses, as its last payload said (Codec::EndsInPause): appends
  // `samples` of the comfort noise that it described. False: silence.
  virtual bool Pause(size_t /*samples*/, std::vector<int16_t>& /*pcm*/) {
    return false;
  }

  // How often it crashed or hung, and was begun anew (decoders_apart.h).
  virtual int losses() const { return 0; }
};

// A codec with certain parameters. There is one object for each, which lives as
// long as the program, so the address tells codecs apart. Immutable: any
// thread.
class Codec {
 public:
  virtual ~Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  // Of the RTP timestamp, Hz.
  uint32_t clock_rate() const { return clock_rate_; }
  // Of what decoders give, Hz: 8000 to 48000.
  uint32_t sample_rate() const { return sample_rate_; }

  // How many samples this payload is; any bytes are. Bounded by the size of the
  // payload, and by kMaxFrameMs where frames can be tiny.
  virtual size_t Samples(std::span<const uint8_t> payload) const = 0;
  // Whether the number of samples follows from the payload's size alone.
  virtual bool SizeTells() const { return true; }
  // Whether the sender says with this payload that it pauses (DTX).
  virtual bool EndsInPause(std::span<const uint8_t> /*payload*/) const {
    return false;
  }
  virtual std::unique_ptr<Decoder> CreateDecoder() const = 0;

  // No more of one packet is decoded where some bits make a frame: 1500 bytes
  // could claim to be minutes.
  static constexpr size_t kMaxFrameMs = 1000;

 protected:
  Codec(uint32_t clock_rate, uint32_t sample_rate)
      : clock_rate_(clock_rate), sample_rate_(sample_rate) {}

 private:
  const uint32_t clock_rate_;
  const uint32_t sample_rate_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_CODEC_H_
