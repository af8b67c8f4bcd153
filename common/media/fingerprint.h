#ifndef CALLBRAID_COMMON_MEDIA_FINGERPRINT_H_
#define CALLBRAID_COMMON_MEDIA_FINGERPRINT_H_

#include <cstddef>
#include <cstdint>
#include <span>

// Which packets of a stream serve as anchors: the ones by whose payload the
// stream is recognised where a relay or PBX sends it on under another SSRC,
// sequence and address.
//
// The payload itself decides, not its place in the stream: so any two capture
// points pick the same packets, whenever each began to look and whatever each
// missed. Dense at first (1 of 16, the first 32), so that a stream can be
// joined within a second; then sparse (1 of 256, 64 more), which bounds memory
// and still covers five minutes. The sparse ones are among the dense ones of
// whoever looked from later on.

namespace callbraid {

inline constexpr size_t kDenseAnchors = 32;
inline constexpr size_t kMaxAnchors = kDenseAnchors + 64;
// Anchors filed in the token index besides the sparse ones.
inline constexpr size_t kAnchorTokens = 8;

// XXH3 of the payload as captured.
uint64_t PayloadHash(std::span<const uint8_t> payload);

// Whether a stream that has `anchors` anchors takes this hash as the next.
constexpr bool IsSampled(uint64_t payload_hash, size_t anchors) {
  if (anchors < kDenseAnchors) return payload_hash % 16 == 0;
  return anchors < kMaxAnchors && payload_hash % 256 == 0;
}

// Whether the payload says something: silence, comfort noise and tones repeat
// in every stream and join nothing.
bool IsDistinctive(std::span<const uint8_t> payload);

// Whether anchor number `index` (from 0) is filed in the token index.
constexpr bool HasToken(uint64_t payload_hash, size_t index) {
  return index < kAnchorTokens || payload_hash % 256 == 0;
}

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_MEDIA_FINGERPRINT_H_
