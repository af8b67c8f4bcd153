#include "collector/events/rtcp_json.h"

#include "absl/strings/str_cat.h"
#include "common/bytes/byte_reader.h"

namespace callbraid::collector {
namespace {

constexpr uint8_t kSenderReport = 200;
constexpr uint8_t kReceiverReport = 201;
constexpr uint8_t kVersion = 2;

//   ssrc:32 fraction_lost:8 lost:24 highest:32 jitter:32 lsr:32 dlsr:32
std::string ReadBlock(ByteReader& in) {
  const uint32_t ssrc = in.U32();
  const uint32_t loss = in.U32();
  // Signed, of 24 bits.
  const int32_t lost = static_cast<int32_t>(loss << 8) >> 8;
  const uint32_t highest = in.U32();
  const uint32_t jitter = in.U32();
  const uint32_t lsr = in.U32();
  const uint32_t dlsr = in.U32();
  return absl::StrCat(R"({"source_ssrc":)", ssrc, R"(,"highest_seq_no":)",
                      highest, R"(,"fraction_lost":)", loss >> 24,
                      R"(,"ia_jitter":)", jitter, R"(,"packets_lost":)", lost,
                      R"(,"lsr":)", lsr, R"(,"dlsr":)", dlsr, "}");
}

std::string ReadSender(ByteReader& in) {
  const uint32_t seconds = in.U32();
  // The fraction of a second that NTP counts in 2^-32.
  const uint64_t fraction = in.U32();
  const uint32_t rtp = in.U32();
  const uint32_t packets = in.U32();
  const uint32_t octets = in.U32();
  return absl::StrCat(R"("sender_information":{"ntp_timestamp_sec":)", seconds,
                      R"(,"ntp_timestamp_usec":)", fraction * 1'000'000 >> 32,
                      R"(,"octets":)", octets, R"(,"rtp_timestamp":)", rtp,
                      R"(,"packets":)", packets, "},");
}

// Whether lengths lead from packet to packet to the end: behind what is
// encrypted (SRTCP) stand an index and a tag.
bool IsWholeAndClear(std::span<const uint8_t> datagram) {
  ByteReader in(datagram);
  while (!in.rest().empty() && in.ok()) {
    in.U16();
    in.Take(size_t{4} * in.U16());
  }
  return in.ok();
}

}  // namespace

std::optional<std::string> RtcpToJson(std::span<const uint8_t> datagram) {
  if (!IsWholeAndClear(datagram)) return std::nullopt;
  ByteReader in(datagram);
  const uint8_t first = in.U8();
  const uint8_t type = in.U8();
  const int count = first & 0x1f;
  in.U16();
  const uint32_t ssrc = in.U32();
  if (first >> 6 != kVersion ||
      (type != kSenderReport && type != kReceiverReport)) {
    return std::nullopt;
  }
  const std::string sender = type == kSenderReport ? ReadSender(in) : "";
  std::string blocks;
  for (int i = 0; i < count && in.ok(); ++i) {
    absl::StrAppend(&blocks, i == 0 ? "" : ",", ReadBlock(in));
  }
  if (!in.ok()) return std::nullopt;
  return absl::StrCat("{", sender, R"("ssrc":)", ssrc, R"(,"type":)", type,
                      R"(,"report_count":)", count, R"(,"report_blocks":[)",
                      blocks, "]}");
}

}  // namespace callbraid::collector
