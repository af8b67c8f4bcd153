#include "collector/query/packet_export.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "collector/store/observation_identity.h"
#include "common/media/media_chunk.h"
#include "common/net/endpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/collector/query/stored_call.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMs = 1'000'000;

// A chunk of `packets` packets, 20 ms apart.
v1::CallFrame Media(int64_t time_ns, int packets, size_t payload_bytes) {
  ChunkWriter writer;
  const std::vector<uint8_t> payload(payload_bytes, 0x55);
  for (int i = 0; i < packets; ++i) {
    RtpPacket packet;
    packet.sequence = static_cast<uint16_t>(i);
    packet.timestamp = 160 * i;
    packet.payload = payload;
    EXPECT_TRUE(writer.Append(time_ns + i * 20 * kMs, packet));
  }
  v1::CallFrame frame;
  v1::MediaChunk& chunk = *frame.mutable_media();
  *chunk.mutable_source() = EndpointOf("10.10.0.101", 16382);
  *chunk.mutable_destination() = EndpointOf("10.10.0.103", 16930);
  chunk.set_stream_start_ns(time_ns);
  writer.Finish(chunk);
  return frame;
}

uint32_t U32(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  }
  return value;
}

struct Block {
  uint32_t type;
  uint32_t interface;
  int64_t time_ns;
};

// Enhanced packet blocks (6) and interface blocks (1) of a pcapng file.
std::vector<Block> Blocks(const std::string& file) {
  std::vector<Block> blocks;
  for (size_t at = 0; at + 12 <= file.size(); at += U32(file, at + 4)) {
    const uint32_t type = U32(file, at);
    if (U32(file, at + 4) < 12) break;
    if (type == 1) blocks.push_back({type, 0, 0});
    if (type != 6) continue;
    blocks.push_back(
        {type, U32(file, at + 8),
         static_cast<int64_t>(U32(file, at + 12)) << 32 | U32(file, at + 16)});
  }
  return blocks;
}

TEST(ExportPackets, MergesTheObservationsOfAllSensors) {
  MemoryStore store;
  StoredCall call("a");
  const ObservationId dialog = call.AddDialog("s1");
  const ObservationId near = call.AddRtp("s1");
  const ObservationId far = call.AddRtp("s2");
  call.AddSip(dialog, 30 * kMs, "INVITE sip:103@a SIP/2.0");
  call.AddFrame(near, kStartNs, Media(kStartNs, 3, 160));
  // The clock of s2 is a second ahead.
  const int64_t far_ns = kStartNs + 1010 * kMs;
  call.AddFrame(far, far_ns, Media(far_ns, 2, 160));
  call.SetOffset("s2", -1000 * kMs);
  call.StoreIn(store);

  std::string file;
  ASSERT_TRUE(ExportPackets(store, call.record(), {MediaKeys::kMasked},
                            [&](std::string_view piece) {
                              file += piece;
                              return absl::OkStatus();
                            })
                  .ok());
  std::vector<std::pair<uint32_t, int64_t>> packets;
  int interfaces = 0;
  for (const Block& block : Blocks(file)) {
    if (block.type == 1) ++interfaces;
    if (block.type == 6) {
      packets.emplace_back(block.interface, (block.time_ns - kStartNs) / kMs);
    }
  }
  EXPECT_EQ(interfaces, 2) << "one for each capture point";
  using P = std::pair<uint32_t, int64_t>;
  EXPECT_THAT(packets, ElementsAre(P(0, 0), P(1, 1010), P(0, 20), P(0, 30),
                                   P(1, 1030), P(0, 40)))
      << "raw times, aligned order";
}

TEST(ExportPackets, LeavesMediaOutIfItIsTold) {
  MemoryStore store;
  StoredCall call("a");
  call.AddSip(call.AddDialog("s1"), 0, "INVITE sip:103@a SIP/2.0");
  call.AddFrame(call.AddRtp("s1"), kStartNs, Media(kStartNs, 3, 160));
  call.StoreIn(store);
  std::string file;
  ASSERT_TRUE(ExportPackets(store, call.record(), {.media = false},
                            [&](std::string_view piece) {
                              file += piece;
                              return absl::OkStatus();
                            })
                  .ok());
  int packets = 0;
  for (const Block& block : Blocks(file)) packets += block.type == 6;
  EXPECT_EQ(packets, 1);
  EXPECT_NE(file.find("INVITE"), std::string::npos);
}

TEST(ExportPackets, HasTheRtcpOfAStreamOnce) {
  MemoryStore store;
  StoredCall call("a");
  const ObservationId id = call.AddRtp("s1");
  call.AddFrame(id, kStartNs, Media(kStartNs, 1, 160));
  v1::CallFrame rtcp;
  rtcp.mutable_rtcp()->set_time_ns(kStartNs + 12'000 * kMs);
  *rtcp.mutable_rtcp()->mutable_source() = EndpointOf("10.10.0.101", 16383);
  *rtcp.mutable_rtcp()->mutable_destination() =
      EndpointOf("10.10.0.103", 16931);
  rtcp.mutable_rtcp()->set_packet(
      std::string("\x80\xc9\x00\x01\x00\x00\x00\x01", 8));
  const FlowKey flow = {{*IpAddress::Parse("10.10.0.101"), 16383},
                        {*IpAddress::Parse("10.10.0.103"), 16931}};
  call.AddFrame(RtcpFramesId({"s1", "span0"}, flow, 1), kStartNs + 12'000 * kMs,
                rtcp);
  call.StoreIn(store);
  std::string file;
  ASSERT_TRUE(ExportPackets(store, call.record(), {MediaKeys::kMasked},
                            [&](std::string_view piece) {
                              file += piece;
                              return absl::OkStatus();
                            })
                  .ok());
  EXPECT_EQ(Blocks(file).size(), 3u) << "an interface and two packets";
}

// SDES keys of SDP (RFC 4568).
TEST(ExportPackets, MasksPressedKeysInMessages) {
  MemoryStore store;
  StoredCall call("a");
  call.AddSip(call.AddDialog("s1"), 0,
              "INFO sip:103@a SIP/2.0\r\nContent-Type: application/dtmf\r\n"
              "\r\n5\r\n#end");
  call.StoreIn(store);
  const auto exported = [&](PressedKeys keys) {
    std::string file;
    EXPECT_TRUE(ExportPackets(store, call.record(), {.pressed_keys = keys},
                              [&](std::string_view piece) {
                                file += piece;
                                return absl::OkStatus();
                              })
                    .ok());
    return file;
  };
  EXPECT_NE(exported(PressedKeys::kShown).find("\r\n5\r\n"), std::string::npos);
  EXPECT_EQ(exported(PressedKeys::kMasked).find("\r\n5\r\n"),
            std::string::npos);
  EXPECT_NE(exported(PressedKeys::kMasked).find("\r\nx\r\n"),
            std::string::npos);
}

TEST(ExportPackets, MasksMediaKeysUnlessTheyAreAskedFor) {
  constexpr char kKey[] = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
  MemoryStore store;
  StoredCall call("a");
  const ObservationId dialog = call.AddDialog("s1");
  call.AddSip(dialog, 30 * kMs,
              std::string("INVITE sip:103@a SIP/2.0\r\n\r\n"
                          "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:") +
                  kKey + "|2^20");
  call.StoreIn(store);
  std::string masked;
  std::string shown;
  const auto append_to = [](std::string& file) {
    return [&file](std::string_view piece) {
      file += piece;
      return absl::OkStatus();
    };
  };
  ASSERT_TRUE(ExportPackets(store, call.record(), {MediaKeys::kMasked},
                            append_to(masked))
                  .ok());
  ASSERT_TRUE(
      ExportPackets(store, call.record(), {MediaKeys::kShown}, append_to(shown))
          .ok());
  EXPECT_EQ(masked.find(kKey), std::string::npos);
  EXPECT_NE(masked.find(std::string(40, '*') + "|2^20"), std::string::npos);
  EXPECT_NE(shown.find(kKey), std::string::npos);
  EXPECT_EQ(masked.size(), shown.size());
}

TEST(ExportPackets, SendsPiecesOfAtMost64KiB) {
  MemoryStore store;
  StoredCall call("a");
  const ObservationId id = call.AddRtp("s1");
  for (int i = 0; i < 40; ++i) {
    const int64_t time_ns = kStartNs + i * 500 * kMs;
    call.AddFrame(id, time_ns, Media(time_ns, 25, 160));
  }
  call.StoreIn(store);
  size_t bytes = 0;
  size_t pieces = 0;
  ASSERT_TRUE(ExportPackets(store, call.record(), {MediaKeys::kMasked},
                            [&](std::string_view piece) {
                              EXPECT_LE(piece.size(), size_t{64} << 10);
                              bytes += piece.size();
                              ++pieces;
                              return absl::OkStatus();
                            })
                  .ok());
  EXPECT_GT(bytes, 1000u * 200);
  EXPECT_GT(pieces, 3u);
}

TEST(ExportPackets, StopsWhenTheReaderIsGone) {
  MemoryStore store;
  StoredCall call("a");
  call.AddFrame(call.AddRtp("s1"), kStartNs, Media(kStartNs, 500, 1000));
  call.StoreIn(store);
  int pieces = 0;
  EXPECT_EQ(ExportPackets(store, call.record(), {MediaKeys::kMasked},
                          [&](std::string_view) {
                            ++pieces;
                            return absl::CancelledError();
                          })
                .code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(pieces, 1);
}

TEST(ExportPackets, LeavesOutWhatIsDamaged) {
  MemoryStore store;
  StoredCall call("a");
  const ObservationId id = call.AddRtp("s1");
  v1::CallFrame damaged = Media(kStartNs, 3, 160);
  damaged.mutable_media()->set_packet_count(7);
  call.AddFrame(id, kStartNs, damaged);
  call.AddFrame(id, kStartNs + 500 * kMs, Media(kStartNs + 500 * kMs, 1, 160));
  call.StoreIn(store);
  std::string file;
  ASSERT_TRUE(ExportPackets(store, call.record(), {MediaKeys::kMasked},
                            [&](std::string_view piece) {
                              file += piece;
                              return absl::OkStatus();
                            })
                  .ok());
  EXPECT_EQ(Blocks(file).size(), 2u) << "an interface and a packet";
}

}  // namespace
}  // namespace callbraid::collector
