#include "sensor/capture/pcapng_file.h"

#include <pcap/pcap.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sensor/capture/file_source.h"
#include "tests/fakes/capture_file.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/packet_recorder.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::sensor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Number(uint32_t value, bool big_endian = false) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    const int shift = 8 * (big_endian ? 3 - i : i);
    bytes += static_cast<char>(value >> shift);
  }
  return bytes;
}

std::string Block(uint32_t type, std::string body, bool big_endian = false) {
  body.resize((body.size() + 3) / 4 * 4);
  const std::string length =
      Number(static_cast<uint32_t>(body.size() + 12), big_endian);
  return Number(type, big_endian) + length + body + length;
}

std::string Section(bool big_endian = false) {
  return Block(0x0a0d0d0a,
               Number(0x1a2b3c4d, big_endian) + std::string("\1\0\0\0", 4) +
                   std::string(8, '\xff'),
               big_endian);
}

std::string Secrets(std::string_view text, bool big_endian = false,
                    uint32_t type = 0x544c534b) {
  return Block(10,
               Number(type, big_endian) +
                   Number(static_cast<uint32_t>(text.size()), big_endian) +
                   std::string(text),
               big_endian);
}

std::string Number16(uint16_t value, bool big_endian = false) {
  const auto low = static_cast<char>(value);
  const auto high = static_cast<char>(value >> 8);
  return big_endian ? std::string{high, low} : std::string{low, high};
}

std::string Option(uint16_t code, std::string value, bool big_endian = false) {
  const auto length = static_cast<uint16_t>(value.size());
  value.resize((value.size() + 3) / 4 * 4);
  return Number16(code, big_endian) + Number16(length, big_endian) + value;
}

std::string Interface(uint16_t link_type, const std::string& options = "",
                      bool big_endian = false, uint32_t snaplen = 65535) {
  return Block(1,
               Number16(link_type, big_endian) + Number16(0) +
                   Number(snaplen, big_endian) + options,
               big_endian);
}
std::string Resolution(char value) { return Option(9, std::string(1, value)); }

std::string Packet(uint32_t interface, uint64_t time, std::string_view bytes,
                   bool big_endian = false) {
  const auto size = static_cast<uint32_t>(bytes.size());
  return Block(6,
               Number(interface, big_endian) +
                   Number(static_cast<uint32_t>(time >> 32), big_endian) +
                   Number(static_cast<uint32_t>(time), big_endian) +
                   Number(size, big_endian) + Number(size, big_endian) +
                   std::string(bytes),
               big_endian);
}

// What a file says, and how it ends.
struct Contents {
  struct Seen {
    int64_t time_ns;
    int link_type;
    std::string bytes;
    uint32_t wire_length;
  };
  std::vector<Seen> packets;
  std::string key_log;
  absl::Status status;
};

Contents Read(std::string file, const std::string& filter = "") {
  PcapngFile reader(File(fmemopen(file.data(), file.size(), "rb")), filter);
  Contents contents;
  for (;;) {
    CapturedPacket packet;
    const auto more = reader.Next(packet);
    contents.key_log += reader.key_log();
    reader.WipeKeyLog();
    if (!more.ok() || !*more) {
      contents.status = more.status();
      return contents;
    }
    contents.packets.push_back({packet.time_ns,
                                packet.link_type,
                                {packet.bytes.begin(), packet.bytes.end()},
                                packet.wire_length});
  }
}

std::vector<int64_t> Times(const Contents& contents) {
  std::vector<int64_t> times;
  for (const auto& packet : contents.packets) times.push_back(packet.time_ns);
  return times;
}

TEST(PcapngFile, ReadsInterfacesOfAnyLinkTypeAndUnitOfTime) {
  const std::string file =
      Section() + Interface(1) + Interface(113, Resolution(9)) +
      Interface(101, Resolution(static_cast<char>(0x80 | 10))) +
      Interface(1, Resolution(0) + Option(14, Number(5) + Number(0))) +
      Packet(0, 1'500'000, "aaaa") + Packet(1, 2'000'000'007, "bbbb") +
      Packet(2, 3 * 1024 + 512, "cccc") + Packet(3, 4, "dddd");
  const Contents contents = Read(file);
  EXPECT_TRUE(contents.status.ok()) << contents.status;
  EXPECT_THAT(Times(contents), ElementsAre(1'500'000'000, 2'000'000'007,
                                           3'500'000'000, 9'000'000'000));
  ASSERT_EQ(contents.packets.size(), 4u);
  EXPECT_EQ(contents.packets[0].link_type, DLT_EN10MB);
  EXPECT_EQ(contents.packets[1].link_type, DLT_LINUX_SLL);
  EXPECT_EQ(contents.packets[2].link_type, DLT_RAW);
  EXPECT_EQ(contents.packets[3].bytes, "dddd");
}

TEST(PcapngFile, FollowsTheByteOrderAndInterfacesOfEachSection) {
  const Contents contents =
      Read(Section() + Interface(1) + Packet(0, 1, "aaaa") + Section(true) +
           Interface(113, "", true) + Packet(0, 2, "bbbb", true));
  EXPECT_TRUE(contents.status.ok()) << contents.status;
  EXPECT_THAT(Times(contents), ElementsAre(1000, 2000));
  EXPECT_EQ(contents.packets[1].link_type, DLT_LINUX_SLL);
  // The second section has none.
  EXPECT_THAT(std::string(Read(Section() + Interface(1) + Section() +
                               Packet(0, 1, "aaaa"))
                              .status.message()),
              HasSubstr("not described"));
}

TEST(PcapngFile, ReadsOldAndSimplePackets) {
  const std::string old_packet =
      Block(2, Number16(0) + Number16(3) + Number(0) + Number(7) + Number(2) +
                   Number(60) + "ab");
  const std::string simple = Block(3, Number(60) + "abcdefgh");
  const Contents contents =
      Read(Section() + Interface(1, "", false, 6) + old_packet + simple);
  EXPECT_TRUE(contents.status.ok()) << contents.status;
  // It bears no time.
  EXPECT_THAT(Times(contents), ElementsAre(7000, 7000));
  EXPECT_EQ(contents.packets[0].bytes, "ab");
  EXPECT_EQ(contents.packets[0].wire_length, 60u);
  EXPECT_EQ(contents.packets[1].bytes, "abcdef");
  EXPECT_EQ(contents.packets[1].wire_length, 60u);
}

TEST(PcapngFile, FindsKeyLogs) {
  for (const bool big_endian : {false, true}) {
    const Contents contents =
        Read(Section(big_endian) + Interface(1, "", big_endian) +
             Secrets("CLIENT_RANDOM 1", big_endian) +
             Block(77, std::string(200'000, 'x'), big_endian) +
             Secrets("other", big_endian, 0x57474b4c) +
             Secrets("CLIENT_RANDOM 22", big_endian));
    EXPECT_EQ(contents.key_log, "CLIENT_RANDOM 1\nCLIENT_RANDOM 22\n");
    EXPECT_TRUE(contents.status.ok()) << contents.status;
  }
  std::string block = Secrets("abcd");
  block.replace(12, 4, Number(0xffffffff));
  EXPECT_EQ(Read(Section() + block).key_log, "abcd\n");
}

TEST(PcapngFile, FiltersEachLinkType) {
  // 14 bytes of Ethernet and 16 of Linux cooked before the same IP packet.
  const std::string ip =
      std::string("\x45\0\0\x1c", 4) + std::string("\0\0\0\0\x40\x11\0\0", 8) +
      std::string(8, '\1') + std::string("\x13\xc4\x13\xc4\0\x08\0\0", 8);
  const std::string ethernet(12, '\2');
  const std::string cooked(14, '\0');
  const std::string type("\x08\0", 2);
  const std::string file = Section() + Interface(1) + Interface(113) +
                           Packet(0, 1, ethernet + type + ip) +
                           Packet(1, 2, cooked + type + ip) +
                           Packet(0, 3, cooked + type + ip);
  EXPECT_THAT(Times(Read(file, "udp port 5060")), ElementsAre(1000, 2000));
  EXPECT_EQ(Read(file, "no such words").status.code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PcapngFile, SaysWhatIsDamaged) {
  const std::string good =
      Section() + Interface(1) + Packet(0, 1, "aaaa") + Packet(0, 2, "bbbb");
  for (size_t size = 1; size < good.size(); ++size) {
    const Contents contents = Read(good.substr(0, size));
    const bool at_end_of_block = size == Section().size() ||
                                 size == (Section() + Interface(1)).size() ||
                                 size == good.size() - 36;
    EXPECT_EQ(contents.status.ok(), at_end_of_block) << size;
    EXPECT_LE(contents.packets.size(), 1u);
  }
  const std::string begin = Section() + Interface(1);
  for (const std::string& bad :
       {Number(6) + Number(8), Number(6) + Number(0xffffffff),
        Number(6) + Number(30) + std::string(22, 'x'),
        Number(77) + Number(16) + Number(0) + Number(20),
        Block(0x0a0d0d0a, std::string(16, '\0')), Packet(1, 1, "aaaa"),
        Block(6, Number(0) + Number(0) + Number(0) + Number(99) + Number(99)),
        Interface(1, Resolution(20)), Block(1, "")}) {
    EXPECT_EQ(Read(begin + bad).status.code(), absl::StatusCode::kDataLoss);
  }
}

TEST(PcapngFile, SurvivesTimesBeyondAllMeasure) {
  for (const char resolution : {'\0', '\6', '\x09', '\x13', '\x80', '\xbf'}) {
    const Contents contents =
        Read(Section() +
             Interface(1, Resolution(resolution) +
                              Option(14, Number(~0u) + Number(0x7fffffff))) +
             Packet(0, ~uint64_t{0}, "aaaa") + Packet(0, 0, "aaaa"));
    EXPECT_EQ(contents.packets.size(), 2u);
  }
}

// Of what libpcap reads, too, it makes the same.
TEST(PcapngFile, AgreesWithLibpcap) {
  std::minstd_rand random(7);
  for (const char resolution :
       {'\0', '\3', '\6', '\x09', '\x0c', '\x8a', '\xa0'}) {
    std::string file = Section() + Interface(1, Resolution(resolution));
    for (int i = 0; i < 50; ++i) {
      // Within what nanoseconds in 64 bits can say.
      const uint64_t time =
          (uint64_t{random() % 1'000'000} << 20 | random() % 1'000'000) >>
          (resolution == 0 ? 12 : 0);
      file += Packet(0, time, std::string(random() % 100, 'x'));
    }
    const Contents contents = Read(file);
    char error[PCAP_ERRBUF_SIZE];
    pcap_t* pcap = pcap_fopen_offline_with_tstamp_precision(
        fmemopen(file.data(), file.size(), "rb"), PCAP_TSTAMP_PRECISION_NANO,
        error);
    ASSERT_NE(pcap, nullptr) << error;
    size_t n = 0;
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    while (pcap_next_ex(pcap, &header, &bytes) == 1) {
      ASSERT_LT(n, contents.packets.size());
      const auto& packet = contents.packets[n++];
      EXPECT_EQ(packet.bytes.size(), header->caplen);
      // libpcap computes binary fractions in another order.
      EXPECT_NEAR(static_cast<double>(packet.time_ns % 1'000'000'000'000),
                  static_cast<double>(
                      (header->ts.tv_sec * 1'000'000'000 + header->ts.tv_usec) %
                      1'000'000'000'000),
                  1);
    }
    EXPECT_EQ(n, contents.packets.size());
    pcap_close(pcap);
  }
}

class KeyLogSink final : public PacketSink {
 public:
  void OnPacket(const CapturedPacket&) override { seen += "packet "; }
  void OnKeyLog(std::string_view lines) override { seen += lines; }
  std::string seen;
};

TEST(FileSource, HandsOnSecretsBeforeThePacketsBehindThem) {
  const std::string file = Section() + Interface(1) + Packet(0, 0, "abcd") +
                           Secrets("keys ") + Packet(0, 0, "abcd") +
                           Secrets("more");
  const fakes::TempDir folder;
  const std::string path = folder.path() + "/secrets.pcapng";
  fakes::WriteFile(
      path, {reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  const fakes::FakeClock clock;
  const auto source = FileSource::Open(path, {}, clock);
  ASSERT_TRUE(source.ok()) << source.status();
  KeyLogSink sink;
  while (*(*source)->Read(sink)) {
  }
  EXPECT_EQ(sink.seen, "packet keys \npacket more\n");
}

}  // namespace
}  // namespace callbraid::sensor
