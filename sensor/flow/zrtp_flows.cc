#include "sensor/flow/zrtp_flows.h"

#include <algorithm>
#include <string_view>

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

// As long as a stream without packets is known: a call may be on hold.
constexpr int64_t kLifetimeNs = int64_t{300} * 1'000'000'000;

FlowKey EitherDirection(const FlowKey& flow) {
  return std::min(flow, flow.Reversed());
}

}  // namespace

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-----------------------+-------------------------------+
//   |0 0 0 1|       Not used        |        Sequence number        |
//   +-------+-----------------------+-------------------------------+
//   |                 Magic cookie: 'ZRTP' 0x5a525450               |
//   +---------------------------------------------------------------+
//   |                       Source identifier                       |
//   +-------------------------------+-------------------------------+
//   |           0x505a              |       Length in words         |
//   +-------------------------------+-------------------------------+
//   |                    Type of message (8 bytes)                  |
//   |                                                               |
//   +---------------------------------------------------------------+
//   |                           message ...
std::optional<ZrtpMessage> ParseZrtp(std::span<const uint8_t> datagram) {
  constexpr uint32_t kCookie = 0x5a525450;
  constexpr uint16_t kPreamble = 0x505a;
  ByteReader in(datagram);
  const uint8_t first = in.U8();
  in.Take(3);
  const uint32_t cookie = in.U32();
  in.U32();
  if (!in.ok() || first < 16 || first > 19 || cookie != kCookie) {
    return std::nullopt;
  }
  const uint16_t preamble = in.U16();
  in.U16();
  const auto bytes = in.Take(8);
  if (!in.ok() || preamble != kPreamble) return ZrtpMessage::kOther;
  const std::string_view type(reinterpret_cast<const char*>(bytes.data()),
                              bytes.size());
  if (type == "Hello   ") return ZrtpMessage::kHello;
  if (type == "Confirm2") return ZrtpMessage::kConfirm2;
  if (type == "Conf2ACK") return ZrtpMessage::kConf2Ack;
  return ZrtpMessage::kOther;
}

void ZrtpFlows::OnMessage(const FlowKey& flow, ZrtpMessage message,
                          int64_t time_ns) {
  const FlowKey key = EitherDirection(flow);
  switch (message) {
    case ZrtpMessage::kHello:
      // By the next call on the same ports, which need not agree.
      flows_.Erase(key);
      return;
    case ZrtpMessage::kConfirm2:
    case ZrtpMessage::kConf2Ack: {
      int64_t& since_ns = flows_.Use(key, now_ns_);
      if (since_ns == 0) since_ns = time_ns;
      return;
    }
    case ZrtpMessage::kOther:
      return;
  }
}

int64_t ZrtpFlows::SecureSince(const FlowKey& flow) {
  const int64_t* since_ns = flows_.Find(EitherDirection(flow));
  return since_ns == nullptr ? 0 : *since_ns;
}

void ZrtpFlows::Refresh(const FlowKey& flow) {
  const FlowKey key = EitherDirection(flow);
  if (flows_.Find(key) != nullptr) flows_.Use(key, now_ns_);
}

void ZrtpFlows::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  flows_.EraseUnusedSince(now_ns - kLifetimeNs);
}

}  // namespace callbraid::sensor
