#include "common/media/payload_coding.h"

#include <algorithm>

#include "common/coding/companding.h"
#include "common/coding/speech_coder.h"

namespace callbraid {
namespace {

// Levels above find no more in half a second of speech.
constexpr int kLevel = 1;
// What repeats in differences is silence and tones, which a small table and
// long matches find as well: nearly all is gained by the frequencies of the
// bytes, and a third of the time saved.
struct Search {
  int hash_log = 0;  // 0: as the level has it.
  int min_match = 0;
};
constexpr Search kOfDifferences = {6, 7};
// A gain below a sixteenth is not worth decoding.
constexpr size_t kLeastGain = 16;
constexpr uint8_t kMostPassedOver = 64;

// Static payload types (RFC 3551, section 6).
constexpr uint32_t kPcmu = 0;
constexpr uint32_t kPcma = 8;

std::span<const uint8_t> BytesOf(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

// Before the first byte there was silence.
constexpr uint8_t kSilence = 128;

void Subtract(const CompandingLaw& law, std::span<const uint8_t> codes,
              std::string& out) {
  out.resize(codes.size());
  uint8_t before = kSilence;
  for (size_t i = 0; i < codes.size(); ++i) {
    const uint8_t place = law.PlaceOf(codes[i]);
    out[i] = static_cast<char>(place - before);
    before = place;
  }
}

void AddUp(const CompandingLaw& law, std::string& bytes) {
  uint8_t place = kSilence;
  for (char& byte : bytes) {
    place = static_cast<uint8_t>(place + static_cast<uint8_t>(byte));
    byte = static_cast<char>(law.CodeAt(place));
  }
}

}  // namespace

PayloadEncoder::PayloadEncoder() : context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) return;  // Nothing is compressed then.
  // The size is known from the columns.
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_contentSizeFlag, 0);
}

void PayloadEncoder::Encode(CodingEffort effort, History& history,
                            v1::MediaChunk& chunk) {
  const size_t size = chunk.payload().size();
  if (effort == CodingEffort::kNone || size > kMaxCodedPayloadBytes) return;
  if (history.passed_over < history.to_pass_over) {
    ++history.passed_over;
    return;
  }
  history.passed_over = 0;
  if (!Try(effort, chunk) || coded_.size() > size - size / kLeastGain ||
      coded_.size() >= size) {
    history.to_pass_over = static_cast<uint8_t>(
        std::clamp<int>(2 * history.to_pass_over, 1, kMostPassedOver));
    return;
  }
  history.to_pass_over = 0;
  chunk.set_encoding(encoding_);
  chunk.mutable_payload()->swap(coded_);
}

bool PayloadEncoder::Try(CodingEffort effort, const v1::MediaChunk& chunk) {
  const std::span<const uint8_t> plain = BytesOf(chunk.payload());
  const bool mu_law = chunk.payload_type() == kPcmu;
  if (chunk.transport() == v1::MEDIA_TRANSPORT_UDPTL ||
      (!mu_law && chunk.payload_type() != kPcma)) {
    encoding_ = v1::PAYLOAD_ENCODING_ZSTD;
    return Compress(plain, /*differences=*/false);
  }
  const CompandingLaw& law =
      mu_law ? CompandingLaw::MuLaw() : CompandingLaw::ALaw();
  if (effort == CodingEffort::kBest) {
    encoding_ = mu_law ? v1::PAYLOAD_ENCODING_PCMU_PREDICTED
                       : v1::PAYLOAD_ENCODING_PCMA_PREDICTED;
    coded_.clear();
    EncodeSpeech(law, plain, coded_);
    return true;
  }
  encoding_ =
      mu_law ? v1::PAYLOAD_ENCODING_PCMU_ZSTD : v1::PAYLOAD_ENCODING_PCMA_ZSTD;
  Subtract(law, plain, differences_);
  return Compress(BytesOf(differences_), /*differences=*/true);
}

// Into `coded_`.
bool PayloadEncoder::Compress(std::span<const uint8_t> bytes,
                              bool differences) {
  if (context_ == nullptr) return false;
  const Search search = differences ? kOfDifferences : Search();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_hashLog, search.hash_log);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_minMatch, search.min_match);
  coded_.resize(ZSTD_compressBound(bytes.size()));
  const size_t size = ZSTD_compress2(context_.get(), coded_.data(),
                                     coded_.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) return false;
  coded_.resize(size);
  return true;
}

std::optional<std::span<const uint8_t>> PayloadDecoder::Decode(
    const v1::MediaChunk& chunk, size_t size) {
  const std::string& payload = chunk.payload();
  if (chunk.encoding() == v1::PAYLOAD_ENCODING_PLAIN) {
    if (payload.size() != size) return std::nullopt;
    return BytesOf(payload);
  }
  if (size > kMaxCodedPayloadBytes || payload.size() >= size) {
    return std::nullopt;
  }
  plain_.clear();
  switch (chunk.encoding()) {
    case v1::PAYLOAD_ENCODING_ZSTD:
      if (!Decompress(payload, size)) return std::nullopt;
      break;
    case v1::PAYLOAD_ENCODING_PCMU_ZSTD:
      if (!Decompress(payload, size)) return std::nullopt;
      AddUp(CompandingLaw::MuLaw(), plain_);
      break;
    case v1::PAYLOAD_ENCODING_PCMA_ZSTD:
      if (!Decompress(payload, size)) return std::nullopt;
      AddUp(CompandingLaw::ALaw(), plain_);
      break;
    case v1::PAYLOAD_ENCODING_PCMU_PREDICTED:
      DecodeSpeech(CompandingLaw::MuLaw(), BytesOf(payload), size, plain_);
      break;
    case v1::PAYLOAD_ENCODING_PCMA_PREDICTED:
      DecodeSpeech(CompandingLaw::ALaw(), BytesOf(payload), size, plain_);
      break;
    default:
      return std::nullopt;
  }
  return BytesOf(plain_);
}

// Into `plain_`, of exactly `size` bytes.
bool PayloadDecoder::Decompress(const std::string& coded, size_t size) {
  if (context_ == nullptr) context_.reset(ZSTD_createDCtx());
  if (context_ == nullptr) return false;
  plain_.resize(size);
  return ZSTD_decompressDCtx(context_.get(), plain_.data(), size, coded.data(),
                             coded.size()) == size;
}

}  // namespace callbraid
