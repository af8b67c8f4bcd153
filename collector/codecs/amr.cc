#include <opencore-amrnb/interf_dec.h>
#include <opencore-amrwb/dec_if.h>

#include <algorithm>
#include <array>
#include <optional>

#include "collector/codecs/bit_reader.h"
#include "collector/codecs/builtin_codecs.h"
#include "collector/codecs/fmtp.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kNoData = 15;
constexpr int kNoSuchType = -1;

// Bits of a frame by its type (RFC 4867, sections 3.6 and 4.3.2; 3GPP TS 26.101
// and 26.201). Types of other codecs and of the future are none.
struct Band {
  uint32_t sample_rate;
  std::array<int, 16> frame_bits;
  uint32_t silence;  // The type of a SID frame.
};
constexpr Band kNarrow = {
    8000,
    {95, 103, 118, 134, 148, 159, 204, 244, 39, -1, -1, -1, -1, -1, -1, 0},
    8};
constexpr Band kWide = {
    16000,
    {132, 177, 253, 285, 317, 365, 397, 461, 477, 40, -1, -1, -1, -1, 0, 0},
    9};

struct Frame {
  uint32_t type = kNoData;
  bool good = false;
  // As in a file of RFC 4867, section 5: a byte of header, then whole bytes.
  std::array<uint8_t, 64> bytes = {};
};

// The bits a frame takes in a payload, in whole bytes or not.
size_t SizeOf(int bits, bool octet_aligned) {
  const auto size = static_cast<size_t>(bits);
  return octet_aligned ? (size + 7) / 8 * 8 : size;
}

// How the payloads of a session are laid out.
struct Layout {
  bool octet_aligned = false;
  bool crc = false;
};

// The types in the table of contents; nullopt if the payload is not laid out
// so, or cut off. No more than a second of frames is looked at.
struct Contents {
  std::vector<uint32_t> headers;  // F, type, quality: the upper six bits.
  size_t data_bit = 0;            // Where the first frame begins.
};
uint32_t TypeOf(uint32_t header) { return header >> 1 & 15; }

std::optional<Contents> Look(std::span<const uint8_t> payload, const Band& band,
                             const Layout& layout) {
  Contents contents;
  BitReader bits(payload);
  bits.Skip(layout.octet_aligned ? 8 : 4);  // What mode the sender asks for.
  size_t data_bits = 0;
  size_t checked = 0;
  for (bool more = true; more;) {
    if (bits.left() < 6) return std::nullopt;
    const uint32_t header = bits.Read(6);
    if (layout.octet_aligned) bits.Skip(2);
    const int size = band.frame_bits[TypeOf(header)];
    if (size == kNoSuchType) return std::nullopt;
    data_bits += SizeOf(size, layout.octet_aligned);
    if (size > 0) ++checked;
    if (contents.headers.size() < Codec::kMaxFrameMs / 20) {
      contents.headers.push_back(header);
    }
    more = (header & 0x20) != 0;
  }
  if (layout.crc) bits.Skip(checked * 8);
  if (bits.left() < data_bits) return std::nullopt;
  contents.data_bit = payload.size() * 8 - bits.left();
  return contents;
}

class AmrCodec final : public Codec {
 public:
  AmrCodec(const Band& band, Layout layout)
      : Codec(band.sample_rate, band.sample_rate),
        band_(band),
        layout_(layout) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    const auto contents = Look(payload, band_, layout_);
    return contents ? contents->headers.size() * sample_rate() / 50 : 0;
  }
  bool SizeTells() const override { return false; }
  bool EndsInPause(std::span<const uint8_t> payload) const override {
    const auto contents = Look(payload, band_, layout_);
    if (!contents) return false;
    const uint32_t type = TypeOf(contents->headers.back());
    return type == band_.silence || type == kNoData;
  }
  std::unique_ptr<Decoder> CreateDecoder() const override;

  // Empty if it cannot be read.
  std::vector<Frame> Frames(std::span<const uint8_t> payload) const {
    std::vector<Frame> frames;
    const auto contents = Look(payload, band_, layout_);
    if (!contents) return frames;
    BitReader bits(payload);
    bits.Skip(contents->data_bit);
    for (const uint32_t header : contents->headers) {
      Frame& frame = frames.emplace_back();
      frame.type = TypeOf(header);
      frame.good = (header & 1) != 0;
      frame.bytes[0] =
          static_cast<uint8_t>(frame.type << 3 | (header & 1) << 2);
      const int size = band_.frame_bits[frame.type];
      for (int bit = 0; bit < size; bit += 8) {
        const int count = std::min(8, size - bit);
        frame.bytes[1 + bit / 8] = static_cast<uint8_t>(
            bits.Read(static_cast<size_t>(count)) << (8 - count));
      }
      bits.Skip(SizeOf(size, layout_.octet_aligned) -
                static_cast<size_t>(size));
    }
    return frames;
  }

 private:
  const Band& band_;
  const Layout layout_;
};

// `Library` decodes one frame of either band.
template <typename Library>
class AmrDecoder final : public Decoder {
 public:
  explicit AmrDecoder(const AmrCodec& codec) : codec_(codec) {}

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const std::vector<Frame> frames = codec_.Frames(payload);
    for (const Frame& frame : frames) {
      // A frame that was damaged on its way is as good as none.
      Append(frame.good ? frame : Frame(), pcm);
    }
    return !frames.empty();
  }

  // The decoder knows whether it is in speech, and extrapolates, or in a pause.
  bool Conceal(size_t samples, std::span<const uint8_t> /*next*/,
               std::vector<int16_t>& pcm) override {
    const size_t end = pcm.size() + samples;
    while (pcm.size() < end) Append(Frame(), pcm);
    pcm.resize(end);
    return true;
  }
  bool Pause(size_t samples, std::vector<int16_t>& pcm) override {
    return Conceal(samples, {}, pcm);
  }

 private:
  void Append(const Frame& frame, std::vector<int16_t>& pcm) {
    const size_t before = pcm.size();
    pcm.resize(before + codec_.sample_rate() / 50);
    std::array<uint8_t, 64> bytes = frame.bytes;
    if (frame.type == kNoData) bytes[0] = kNoData << 3;
    library_.Decode(bytes.data(), pcm.data() + before);
  }

  const AmrCodec& codec_;
  Library library_;
};

class NarrowLibrary {
 public:
  NarrowLibrary() : state_(Decoder_Interface_init()) {}
  ~NarrowLibrary() { Decoder_Interface_exit(state_); }
  NarrowLibrary(const NarrowLibrary&) = delete;
  NarrowLibrary& operator=(const NarrowLibrary&) = delete;
  void Decode(const uint8_t* frame, int16_t* pcm) {
    Decoder_Interface_Decode(state_, frame, pcm, 0);
  }

 private:
  void* const state_;
};

class WideLibrary {
 public:
  WideLibrary() : state_(D_IF_init()) {}
  ~WideLibrary() { D_IF_exit(state_); }
  WideLibrary(const WideLibrary&) = delete;
  WideLibrary& operator=(const WideLibrary&) = delete;
  void Decode(const uint8_t* frame, int16_t* pcm) {
    D_IF_decode(state_, frame, pcm, _good_frame);
  }

 private:
  void* const state_;
};

std::unique_ptr<Decoder> AmrCodec::CreateDecoder() const {
  if (&band_ == &kWide) return std::make_unique<AmrDecoder<WideLibrary>>(*this);
  return std::make_unique<AmrDecoder<NarrowLibrary>>(*this);
}

}  // namespace

const Codec* MakeAmr(const CodecFormat& format) {
  static const AmrCodec codecs[2][3] = {
      {{kNarrow, {false, false}},
       {kNarrow, {true, false}},
       {kNarrow, {true, true}}},
      {{kWide, {false, false}}, {kWide, {true, false}}, {kWide, {true, true}}}};
  if (!AmrRefusal(format).empty()) return nullptr;
  // crc stands for octet-align as well (RFC 4867, section 8.1).
  const bool crc = FmtpNumber(format.fmtp, "crc").value_or(0) == 1;
  const bool aligned = FmtpNumber(format.fmtp, "octet-align").value_or(0) == 1;
  return &codecs[format.name == "AMR-WB" ? 1 : 0][crc ? 2 : aligned ? 1 : 0];
}

std::string AmrRefusal(const CodecFormat& format) {
  if (FmtpNumber(format.fmtp, "interleaving")) return " with interleaving";
  if (FmtpNumber(format.fmtp, "robust-sorting").value_or(0) == 1) {
    return " with robust sorting";
  }
  if (format.channels > 1) return " of several channels";
  return "";
}

}  // namespace callbraid::collector
