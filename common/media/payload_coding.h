#ifndef CALLBRAID_COMMON_MEDIA_PAYLOAD_CODING_H_
#define CALLBRAID_COMMON_MEDIA_PAYLOAD_CODING_H_

#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "callbraid/v1/frame.pb.h"

namespace callbraid {

// Payloads longer than this, all of a chunk together, are not coded.
inline constexpr size_t kMaxCodedPayloadBytes = 65'536;

enum class CodingEffort {
  kNone,
  // Zstandard, of G.711 as differences in amplitude.
  kFast,
  // The same, but G.711 by a predictor and a range coder.
  kBest,
};

// Codes the payloads of chunks without loss (v1::PayloadEncoding;
// docs/media-coding.md). One thread.
class PayloadEncoder {
 public:
  // Whether coding pays for a stream, by its chunks so far: payloads that are
  // compressed or encrypted are tried ever less often, once in 64 chunks in the
  // end.
  struct History {
    uint8_t to_pass_over = 0;
    uint8_t passed_over = 0;
  };

  PayloadEncoder();

  // Codes the payload of `chunk`, which is plain, in place; leaves it where
  // that would not make it shorter by a sixteenth.
  void Encode(CodingEffort effort, History& history, v1::MediaChunk& chunk);

 private:
  bool Try(CodingEffort effort, const v1::MediaChunk& chunk);
  bool Compress(std::span<const uint8_t> bytes, bool differences);

  struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
  // What Try() made.
  v1::PayloadEncoding encoding_ = v1::PAYLOAD_ENCODING_PLAIN;
  std::string coded_;
  std::string differences_;
};

// The way back. One thread.
class PayloadDecoder {
 public:
  // The payloads of `chunk`, `size` bytes in all: a view into the chunk or the
  // decoder, until its next use. Nullopt if they are not so many, more than is
  // allowed, or the chunk is not coded as it says: chunks come from outside.
  std::optional<std::span<const uint8_t>> Decode(const v1::MediaChunk& chunk,
                                                 size_t size);

 private:
  bool Decompress(const std::string& coded, size_t size);

  struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  // 160 KB; made when it is needed.
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  std::string plain_;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_MEDIA_PAYLOAD_CODING_H_
