#include <array>

#include "collector/codecs/builtin_codecs.h"

namespace callbraid::collector {
namespace {

using Table = std::array<int16_t, 256>;

// Sign, three bits of segment, four bits of mantissa; all bits inverted.
constexpr Table MuLawTable() {
  constexpr int kBias = 0x84;
  Table table{};
  for (int code = 0; code < 256; ++code) {
    const int bits = ~code & 0xff;
    const int segment = bits >> 4 & 7;
    const int magnitude = (((bits & 0x0f) << 3) + kBias) << segment;
    table[code] = static_cast<int16_t>(bits & 0x80 ? kBias - magnitude
                                                   : magnitude - kBias);
  }
  return table;
}

// As above, but only every other bit is inverted and segment 0 is linear.
constexpr Table ALawTable() {
  Table table{};
  for (int code = 0; code < 256; ++code) {
    const int bits = code ^ 0x55;
    const int segment = bits >> 4 & 7;
    int magnitude = ((bits & 0x0f) << 4) + 8;
    if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
    table[code] = static_cast<int16_t>(bits & 0x80 ? magnitude : -magnitude);
  }
  return table;
}

constexpr Table kMuLaw = MuLawTable();
constexpr Table kALaw = ALawTable();
static_assert(kMuLaw[0xff] == 0 && kMuLaw[0x80] == 32124);
static_assert(kALaw[0xd5] == 8 && kALaw[0xaa] == 32256);

class G711Decoder final : public Decoder {
 public:
  explicit G711Decoder(const Table& table) : table_(table) {}

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const size_t before = pcm.size();
    pcm.resize(before + payload.size());
    int16_t* out = pcm.data() + before;
    for (const uint8_t code : payload) *out++ = table_[code];
    return true;
  }

 private:
  const Table& table_;
};

class G711 final : public Codec {
 public:
  explicit G711(const Table& table) : Codec(8000, 8000), table_(table) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    return payload.size();
  }
  std::unique_ptr<Decoder> CreateDecoder() const override {
    return std::make_unique<G711Decoder>(table_);
  }

 private:
  const Table& table_;
};

}  // namespace

const Codec* MakePcmu(const CodecFormat&) {
  static const G711 codec(kMuLaw);
  return &codec;
}

const Codec* MakePcma(const CodecFormat&) {
  static const G711 codec(kALaw);
  return &codec;
}

}  // namespace callbraid::collector
