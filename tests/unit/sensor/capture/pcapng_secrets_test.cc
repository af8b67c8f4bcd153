#include "sensor/capture/pcapng_secrets.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "sensor/capture/file_source.h"
#include "tests/fakes/capture_file.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/packet_recorder.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::sensor {
namespace {

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

std::string Found(std::string_view file, size_t piece = SIZE_MAX) {
  PcapngSecrets secrets;
  while (!file.empty()) {
    secrets.OnBytes(file.substr(0, piece));
    file.remove_prefix(std::min(piece, file.size()));
  }
  return secrets.key_log();
}

TEST(PcapngSecrets, FindsKeyLogsInAnyPieces) {
  for (const bool big_endian : {false, true}) {
    const std::string file = Section(big_endian) +
                             Block(1, std::string(8, '\0'), big_endian) +
                             Secrets("CLIENT_RANDOM 1", big_endian) +
                             Block(6, std::string(50, 'x'), big_endian) +
                             Secrets("CLIENT_RANDOM 22", big_endian);
    for (const size_t piece : {1, 3, 7, 1000}) {
      EXPECT_EQ(Found(file, piece), "CLIENT_RANDOM 1\nCLIENT_RANDOM 22\n");
    }
  }
}

TEST(PcapngSecrets, FollowsTheByteOrderOfEachSection) {
  EXPECT_EQ(Found(Section() + Section(true) + Secrets("x", true)), "x\n");
}

TEST(PcapngSecrets, PassesOverSecretsOfOtherKinds) {
  EXPECT_EQ(Found(Section() + Secrets("x", false, 0x57474b4c)), "");
}

TEST(PcapngSecrets, StopsWhereTheFileMakesNoSense) {
  EXPECT_EQ(Found("\xd4\xc3\xb2\xa1" + Section() + Secrets("x")), "");
  EXPECT_EQ(Found(Section() + Number(6) + Number(8) + Secrets("x")), "");
  EXPECT_EQ(Found(Block(0x0a0d0d0a, std::string(16, '\0')) + Secrets("x")), "");
}

TEST(PcapngSecrets, TakesNoMoreThanTheBlockHas) {
  std::string block = Secrets("abcd");
  block.replace(12, 4, Number(0xffffffff));
  EXPECT_EQ(Found(Section() + block), "abcd\n");
}

class KeyLogSink final : public PacketSink {
 public:
  void OnPacket(const CapturedPacket&) override { seen += "packet "; }
  void OnKeyLog(std::string_view lines) override { seen += lines; }
  std::string seen;
};

TEST(FileSource, HandsOnSecretsBeforeThePacketsBehindThem) {
  const std::string packet = Block(
      6, Number(0) + Number(0) + Number(0) + Number(4) + Number(4) + "abcd");
  const std::string file = Section() + Block(1, Number(1) + Number(65535)) +
                           packet + Secrets("keys ") + packet;
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
  // libpcap reads ahead.
  EXPECT_EQ(sink.seen, "keys \npacket packet ");
}

}  // namespace
}  // namespace callbraid::sensor
