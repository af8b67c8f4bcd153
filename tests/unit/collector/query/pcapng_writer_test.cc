#include "collector/query/pcapng_writer.h"

#include <cstdint>
#include <string>
#include <vector>

#include "common/bytes/byte_reader.h"
#include "common/media/withhold.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid::collector {
namespace {

struct Block {
  uint32_t type = 0;
  std::string body;
};

std::vector<Block> BlocksOf(const std::string& file) {
  std::vector<Block> blocks;
  ByteReader in({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  while (in.ok() && !in.rest().empty()) {
    Block block;
    block.type = in.U32();
    const uint32_t length = in.U32();
    EXPECT_EQ(length % 4, 0u);
    const auto body = in.Take(length - 12);
    block.body.assign(body.begin(), body.end());
    EXPECT_EQ(in.U32(), length);
    blocks.push_back(block);
  }
  EXPECT_TRUE(in.ok());
  return blocks;
}

struct Captured {
  uint32_t interface = 0;
  uint32_t original_bytes = 0;
  int64_t time_ns = 0;
  std::string frame;
  bool has_options = false;
};

Captured CapturedIn(const Block& block) {
  EXPECT_EQ(block.type, 6u);
  ByteReader in(
      {reinterpret_cast<const uint8_t*>(block.body.data()), block.body.size()});
  Captured captured;
  captured.interface = in.U32();
  captured.time_ns = static_cast<int64_t>(in.U64());
  const uint32_t size = in.U32();
  captured.original_bytes = in.U32();
  const auto frame = in.Take(size);
  captured.frame.assign(frame.begin(), frame.end());
  in.Take((4 - size % 4) % 4);
  captured.has_options = !in.rest().empty();
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(captured.has_options || captured.original_bytes == size);
  return captured;
}

Endpoint At(const char* address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

v1::SipFrame Sip(const char* from, const char* to, const std::string& message) {
  v1::SipFrame frame;
  frame.set_time_ns(1'700'000'000'123'456'789);
  *frame.mutable_source() = ToProto(At(from, 5060));
  *frame.mutable_destination() = ToProto(At(to, 5062));
  frame.set_transport(v1::TRANSPORT_UDP);
  frame.set_message(message);
  return frame;
}

uint16_t U16(const std::string& bytes, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[at]) << 8 |
                               static_cast<uint8_t>(bytes[at + 1]));
}

// The one's complement sum; 0xffff over bytes with their right checksum.
uint16_t FoldedSum(const std::string& bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    sum += i + 1 < bytes.size()
               ? U16(bytes, i)
               : static_cast<uint32_t>(static_cast<uint8_t>(bytes[i]) << 8);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// Of an IPv4 segment: addresses, protocol, length and the segment.
uint16_t SegmentSum(const std::string& ip) {
  const std::string segment = ip.substr(20);
  std::string all = ip.substr(12, 8);
  all += std::string(1, '\0') + ip[9];
  all.push_back(static_cast<char>(segment.size() >> 8));
  all.push_back(static_cast<char>(segment.size() & 0xff));
  return FoldedSum(all + segment);
}

TEST(PcapngWriter, BeginsWithASectionAndNamesInterfacesOnce) {
  std::string file;
  PcapngWriter writer(file);
  EXPECT_EQ(writer.Interface("s1", "span0"), 0u);
  EXPECT_EQ(writer.Interface("s2", "span0"), 1u);
  EXPECT_EQ(writer.Interface("s1", "span0"), 0u);
  const auto blocks = BlocksOf(file);
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[0].type, 0x0a0d0d0au);
  EXPECT_EQ(blocks[1].type, 1u);
  EXPECT_NE(blocks[1].body.find("s1/span0"), std::string::npos);
  EXPECT_NE(blocks[2].body.find("s2/span0"), std::string::npos);
  EXPECT_NE(blocks[2].body.find(std::string("\0\x09\0\x01\x09", 5)),
            std::string::npos);
}

TEST(PcapngWriter, BuildsAUdpFrameWithRightLengthsAndChecksums) {
  std::string file;
  PcapngWriter writer(file);
  const uint32_t interface = writer.Interface("s1", "p");
  for (const std::string message : {"OPTIONS sip:x SIP/2.0", "odd", ""}) {
    file.clear();
    v1::SipFrame sip = Sip("10.0.0.1", "10.0.0.2", message);
    sip.mutable_link()->set_source_mac("abcdef");
    sip.mutable_link()->set_destination_mac("ghijkl");
    sip.mutable_link()->add_vlan_ids(100);
    sip.mutable_link()->set_dscp(46);
    ASSERT_TRUE(writer.AddSip(interface, sip));
    const auto blocks = BlocksOf(file);
    ASSERT_EQ(blocks.size(), 1u);
    const Captured captured = CapturedIn(blocks[0]);
    EXPECT_EQ(captured.time_ns, sip.time_ns());
    EXPECT_FALSE(captured.has_options);
    EXPECT_EQ(captured.frame.substr(0, 12), "ghijklabcdef");
    EXPECT_EQ(U16(captured.frame, 12), 0x8100);
    EXPECT_EQ(U16(captured.frame, 14), 100);
    EXPECT_EQ(U16(captured.frame, 16), 0x0800);
    const std::string ip = captured.frame.substr(18);
    EXPECT_EQ(ip[1], static_cast<char>(46 << 2));
    EXPECT_EQ(U16(ip, 2), ip.size());
    EXPECT_EQ(FoldedSum(ip.substr(0, 20)), 0xffff);
    EXPECT_EQ(U16(ip, 20), 5060);
    EXPECT_EQ(U16(ip, 22), 5062);
    EXPECT_EQ(U16(ip, 24), 8 + message.size());
    EXPECT_EQ(SegmentSum(ip), 0xffff);
    EXPECT_EQ(ip.substr(28), message);
  }
}

TEST(PcapngWriter, WritesIpv6) {
  std::string file;
  PcapngWriter writer(file);
  file.clear();
  ASSERT_TRUE(writer.AddSip(0, Sip("2001:db8::1", "2001:db8::2", "hello")));
  const Captured captured = CapturedIn(BlocksOf(file).at(0));
  EXPECT_EQ(U16(captured.frame, 12), 0x86dd);
  EXPECT_EQ(captured.frame.size(), 14u + 40 + 8 + 5);
  EXPECT_EQ(U16(captured.frame, 14 + 4), 13);
  const std::string ip = captured.frame.substr(14);
  EXPECT_EQ(FoldedSum(ip.substr(8, 32) + std::string("\0\x11\0\x0d", 4) +
                      ip.substr(40)),
            0xffff);
}

TEST(PcapngWriter, RunsTcpSequenceNumbersOnInBothDirections) {
  std::string file;
  PcapngWriter writer(file);
  file.clear();
  const auto tcp = [](v1::SipFrame frame) {
    frame.set_transport(v1::TRANSPORT_TCP);
    return frame;
  };
  v1::SipFrame there = tcp(Sip("10.0.0.1", "10.0.0.2", "12345"));
  v1::SipFrame back = there;
  std::swap(*back.mutable_source(), *back.mutable_destination());
  writer.AddSip(0, there);
  writer.AddSip(0, back);
  writer.AddSip(0, there);
  const auto blocks = BlocksOf(file);
  ASSERT_EQ(blocks.size(), 3u);
  std::vector<uint32_t> numbers;
  for (const Block& block : blocks) {
    const std::string ip = CapturedIn(block).frame.substr(14);
    EXPECT_EQ(ip[9], 6);
    EXPECT_EQ(SegmentSum(ip), 0xffff);
    EXPECT_EQ(ip.substr(40), "12345");
    numbers.push_back(U16(ip, 26));
    numbers.push_back(U16(ip, 30));
  }
  EXPECT_EQ(numbers, (std::vector<uint32_t>{1, 1, 1, 6, 6, 6}));
}

TEST(PcapngWriter, SplitsATcpMessageThatNoPacketCanHold) {
  std::string file;
  PcapngWriter writer(file);
  file.clear();
  v1::SipFrame sip = Sip("10.0.0.1", "10.0.0.2", std::string(65535, 'x'));
  sip.set_transport(v1::TRANSPORT_TCP);
  ASSERT_TRUE(writer.AddSip(0, sip));
  const auto blocks = BlocksOf(file);
  ASSERT_EQ(blocks.size(), 2u);
  const std::string first = CapturedIn(blocks[0]).frame.substr(14);
  const std::string second = CapturedIn(blocks[1]).frame.substr(14);
  EXPECT_EQ(U16(first, 2), 65535);
  EXPECT_EQ(first.size() + second.size(), 65535u + 80);
  EXPECT_EQ(U16(second, 26), 1 + 65535 - 40);
}

TEST(PcapngWriter, CutsADatagramThatNoPacketCanHoldAndSaysSo) {
  std::string file;
  PcapngWriter writer(file);
  file.clear();
  writer.AddSip(0, Sip("10.0.0.1", "10.0.0.2", std::string(65535, 'x')));
  const Captured captured = CapturedIn(BlocksOf(file).at(0));
  EXPECT_EQ(captured.frame.size(), 14u + 65535);
  EXPECT_TRUE(captured.has_options);
}

TEST(PcapngWriter, BuildsRtpAgainAsItWas) {
  const std::vector<uint8_t> datagram = {
      0xb1, 0x88, 0x12, 0x34, 0, 0, 0, 160,
      0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4,  // Contributing source.
      0xbe, 0xde, 0,    1,    9, 9, 9, 9,  // Header extension.
      5,    6,    7,    0,    0, 3,        // Payload, padding.
  };
  ChunkWriter chunk_writer;
  ASSERT_TRUE(chunk_writer.Append(1000, *ParseRtp(datagram)));
  v1::MediaChunk chunk;
  chunk_writer.Finish(chunk);
  chunk.set_ssrc(0xdeadbeef);
  *chunk.mutable_source() = ToProto(At("10.0.0.1", 4000));
  *chunk.mutable_destination() = ToProto(At("10.0.0.2", 4002));

  std::string file;
  PcapngWriter writer(file);
  file.clear();
  ASSERT_TRUE(writer.AddMedia(0, chunk, v1::LinkInfo()));
  const Captured captured = CapturedIn(BlocksOf(file).at(0));
  EXPECT_EQ(captured.frame.substr(14 + 28),
            std::string(datagram.begin(), datagram.end()));
  EXPECT_EQ(captured.time_ns, 1000);
}

// Of what the sensor kept there is the header, and how long it was.
TEST(PcapngWriter, CutsWhatWasWithheld) {
  v1::MediaChunk chunk = fakes::Stream().Run(0, 2).media();
  std::string file;
  PcapngWriter writer(file);
  file.clear();
  ASSERT_TRUE(writer.AddMedia(0, chunk, v1::LinkInfo()));
  const Captured before = CapturedIn(BlocksOf(file).at(1));
  file.clear();
  Withhold({}, chunk);
  ASSERT_TRUE(writer.AddMedia(0, chunk, v1::LinkInfo()));
  const Captured captured = CapturedIn(BlocksOf(file).at(1));
  EXPECT_EQ(captured.original_bytes, before.frame.size());
  EXPECT_EQ(captured.frame.size(), before.frame.size() - 160);
  EXPECT_TRUE(captured.has_options);
  // Lengths in the headers are as they were; UDP's checksum cannot be.
  const size_t checksum = 14 + 20 + 6;
  EXPECT_EQ(captured.frame.substr(0, checksum),
            before.frame.substr(0, checksum));
  EXPECT_EQ(captured.frame.substr(checksum + 2),
            before.frame.substr(checksum + 2, 12));
}

TEST(PcapngWriter, RefusesMalformedInput) {
  std::string file;
  PcapngWriter writer(file);
  file.clear();
  v1::SipFrame sip = Sip("10.0.0.1", "10.0.0.2", "x");
  sip.mutable_source()->set_address("123");
  EXPECT_FALSE(writer.AddSip(0, sip));
  EXPECT_FALSE(writer.AddRtcp(0, v1::RtcpFrame(), v1::LinkInfo()));
  v1::MediaChunk chunk;
  chunk.set_packet_count(7);
  EXPECT_FALSE(writer.AddMedia(0, chunk, v1::LinkInfo()));
  EXPECT_TRUE(file.empty());
}

}  // namespace
}  // namespace callbraid::collector
