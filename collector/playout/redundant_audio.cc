#include "collector/playout/redundant_audio.h"

#include <cstddef>

namespace callbraid::collector {
namespace {

constexpr uint8_t kMore = 0x80;
constexpr size_t kHeaderBytes = 4;

}  // namespace

// RFC 2198, section 3: F:1 PT:7 offset:14 length:10 for each block, F:1 PT:7
// for the last one; then their payloads.
std::vector<RedundantBlock> ParseRedundantAudio(std::string_view payload) {
  const auto byte = [&payload](size_t at) {
    return static_cast<uint32_t>(static_cast<uint8_t>(payload[at]));
  };
  struct Header {
    RedundantBlock block;
    size_t length = 0;
  };
  std::vector<Header> headers;
  size_t at = 0;
  while (at < payload.size() && (byte(at) & kMore) != 0) {
    if (payload.size() - at < kHeaderBytes) return {};
    Header& header = headers.emplace_back();
    header.block.payload_type = static_cast<uint8_t>(byte(at) & ~kMore);
    header.block.timestamp_offset = byte(at + 1) << 6 | byte(at + 2) >> 2;
    header.length = (byte(at + 2) & 3) << 8 | byte(at + 3);
    at += kHeaderBytes;
  }
  if (at >= payload.size()) return {};
  RedundantBlock last = {static_cast<uint8_t>(byte(at)), 0, {}};
  ++at;
  std::vector<RedundantBlock> blocks;
  for (Header& header : headers) {
    if (payload.size() - at < header.length) return {};
    header.block.payload = payload.substr(at, header.length);
    at += header.length;
    blocks.push_back(header.block);
  }
  last.payload = payload.substr(at);
  blocks.push_back(last);
  return blocks;
}

}  // namespace callbraid::collector
