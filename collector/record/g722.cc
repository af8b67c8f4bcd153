#include "collector/record/g722.h"

#include <spandsp/telephony.h>
// After telephony.h, which it needs.
#include <spandsp/g722.h>

namespace callbraid::collector {
namespace {

// Two samples from each byte.
size_t Samples(size_t payload_bytes) { return 2 * payload_bytes; }

struct FreeState {
  void operator()(g722_decode_state_t* state) const { g722_decode_free(state); }
};

class G722Decoder final : public Decoder {
 public:
  G722Decoder() : state_(g722_decode_init(nullptr, 64000, 0)) {}

  void Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const size_t before = pcm.size();
    pcm.resize(before + Samples(payload.size()));
    g722_decode(state_.get(), pcm.data() + before, payload.data(),
                static_cast<int>(payload.size()));
  }

 private:
  const std::unique_ptr<g722_decode_state_t, FreeState> state_;
};

}  // namespace

constinit const Codec kG722 = {"G722", 8000, 16000, Samples,
                               []() -> std::unique_ptr<Decoder> {
                                 return std::make_unique<G722Decoder>();
                               }};

}  // namespace callbraid::collector
