#ifndef CALLBRAID_COLLECTOR_RECORD_DECODER_H_
#define CALLBRAID_COLLECTOR_RECORD_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace callbraid::collector {

// Turns RTP payloads of one stream into PCM. Keeps state from packet to packet:
// feed it in the order of the timestamps. One thread.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends Codec::samples(payload.size()) samples to `pcm`. Any bytes decode
  // to something.
  virtual void Decode(std::span<const uint8_t> payload,
                      std::vector<int16_t>& pcm) = 0;
};

// A codec that can be played.
struct Codec {
  std::string_view name;  // Encoding name (RFC 3551): "PCMU".
  uint32_t clock_rate;    // Of the RTP timestamp, Hz.
  uint32_t sample_rate;   // Of what the decoder gives, Hz: 8000 or 16000.
  // How many samples a payload of this size gives.
  size_t (*samples)(size_t payload_bytes);
  std::unique_ptr<Decoder> (*create)();
};

// Null if there is no decoder. Names are compared without case.
const Codec* FindCodec(std::string_view encoding_name);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_DECODER_H_
