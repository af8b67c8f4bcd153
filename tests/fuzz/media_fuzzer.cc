// Coded media, both ways. Two bytes for the encoding and the payload type, two
// for the size that it claims, then the payload: decoded as it is, and then
// coded and decoded again, which must give it back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/media/payload_coding.h"

namespace {

using callbraid::CodingEffort;
using callbraid::PayloadDecoder;
using callbraid::PayloadEncoder;

void CheckThatItComesBack(CodingEffort effort, uint32_t type,
                          const std::string& payload) {
  callbraid::v1::MediaChunk chunk;
  chunk.set_payload_type(type);
  chunk.set_encoding(callbraid::v1::PAYLOAD_ENCODING_PLAIN);
  chunk.set_payload(payload);
  PayloadEncoder encoder;
  PayloadEncoder::History history;
  encoder.Encode(effort, history, chunk);
  if (chunk.payload().size() > payload.size()) std::abort();
  PayloadDecoder decoder;
  const auto decoded = decoder.Decode(chunk, payload.size());
  if (!decoded || !std::equal(decoded->begin(), decoded->end(), payload.begin(),
                              payload.end(), [](uint8_t a, char b) {
                                return a == static_cast<uint8_t>(b);
                              })) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  callbraid::v1::MediaChunk chunk;
  chunk.set_encoding(static_cast<callbraid::v1::PayloadEncoding>(data[0] % 8));
  const uint32_t type = data[1] % 128;
  const size_t claimed = size_t{data[2]} << 8 | data[3];
  const std::string payload(reinterpret_cast<const char*>(data + 4), size - 4);
  chunk.set_payload(payload);
  PayloadDecoder decoder;
  const auto decoded = decoder.Decode(chunk, claimed);
  if (decoded && decoded->size() != claimed) std::abort();
  CheckThatItComesBack(CodingEffort::kFast, type, payload);
  CheckThatItComesBack(CodingEffort::kBest, type, payload);
  return 0;
}
