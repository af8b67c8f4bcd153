#include "sensor/capture/file_source.h"

#include <pcap/dlt.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/capture_file.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/packet_builder.h"
#include "tests/fakes/packet_recorder.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::CaptureFile;
using ::callbraid::fakes::PacketBuilder;
using ::testing::HasSubstr;

constexpr int64_t kStart = 1'600'000'000'123'456'789;
constexpr int64_t kMillisecond = 1'000'000;

class FileSourceTest : public ::testing::Test {
 protected:
  std::string Write(std::span<const uint8_t> bytes) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    const std::string path =
        folder_.path() + "/file_source_" + test->name() + ".pcap";
    fakes::WriteFile(path, bytes);
    return path;
  }
  absl::StatusOr<std::unique_ptr<FileSource>> Open(
      std::span<const uint8_t> bytes) {
    return FileSource::Open(Write(bytes), config_, clock_);
  }
  // Reads to the end; returns how often Read() was called.
  int ReadAll(FileSource& source) {
    for (int calls = 1;; ++calls) {
      const auto more = source.Read(recorder_);
      if (!more.ok() || !*more) {
        EXPECT_TRUE(more.ok()) << more.status();
        return calls;
      }
    }
  }

  // Reads to the end; returns how that came.
  absl::Status ReadToTheEnd(FileSource& source) {
    for (;;) {
      const auto more = source.Read(recorder_);
      if (!more.ok()) return more.status();
      if (!*more) return absl::OkStatus();
    }
  }
  // By a pipe.
  absl::StatusOr<std::unique_ptr<FileSource>> OpenPipe(const Bytes& bytes) {
    const std::string path = folder_.path() + "/pipe";
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    writer_ = std::thread([path, bytes] { fakes::WriteFile(path, bytes); });
    return FileSource::Open(path, config_, clock_);
  }
  void TearDown() override {
    if (writer_.joinable()) writer_.join();
  }

  const fakes::TempDir folder_;
  std::thread writer_;
  v1::CaptureConfig config_;
  fakes::FakeClock clock_;
  fakes::PacketRecorder recorder_;
};

const Bytes kFrame = PacketBuilder().Payload(std::string(100, 'x')).Ethernet();

TEST_F(FileSourceTest, HandsOnPacketsWithTheTimesOfTheFile) {
  auto source = Open(
      CaptureFile().Add(kStart, kFrame).Add(kStart + 1, kFrame, 900).bytes());
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->name(),
            "file_source_HandsOnPacketsWithTheTimesOfTheFile.pcap");
  ReadAll(**source);
  ASSERT_EQ(recorder_.packets.size(), 2u);
  EXPECT_EQ(recorder_.packets[0].packet.time_ns, kStart);
  EXPECT_EQ(recorder_.packets[0].packet.link_type, DLT_EN10MB);
  EXPECT_EQ(recorder_.packets[0].bytes, kFrame);
  EXPECT_EQ(recorder_.packets[0].packet.wire_length, kFrame.size());
  EXPECT_EQ(recorder_.packets[1].packet.time_ns, kStart + 1);
  EXPECT_EQ(recorder_.packets[1].packet.wire_length, 900u);
  EXPECT_EQ((*source)->counters().packets, 2u);
  EXPECT_EQ((*source)->counters().bytes, kFrame.size() + 900);
  EXPECT_EQ((*source)->watermark_ns(), kStart + 1);
}

TEST_F(FileSourceTest, NamesTheLinkType) {
  auto source = Open(CaptureFile(101).Add(kStart, kFrame).bytes());
  ASSERT_TRUE(source.ok());
  ReadAll(**source);
  EXPECT_EQ(recorder_.packets[0].packet.link_type, DLT_RAW);
}

TEST_F(FileSourceTest, ReadsABoundedNumberAtATime) {
  CaptureFile file;
  for (int i = 0; i < 10'000; ++i) file.Add(kStart + i, kFrame);
  auto source = Open(file.bytes());
  ASSERT_TRUE(source.ok());
  EXPECT_GT(ReadAll(**source), 3);
  EXPECT_EQ(recorder_.packets.size(), 10'000u);
}

TEST_F(FileSourceTest, EndsAfterStop) {
  auto source = Open(CaptureFile().Add(kStart, kFrame).bytes());
  ASSERT_TRUE(source.ok());
  (*source)->Stop();
  EXPECT_EQ(ReadAll(**source), 1);
  EXPECT_TRUE(recorder_.packets.empty());
}

TEST_F(FileSourceTest, AppliesAFilterOnlyIfThereIsOne) {
  const CaptureFile file = CaptureFile()
                               .Add(kStart, kFrame)
                               .Add(kStart, PacketBuilder().Tcp(1).Ethernet());
  auto source = Open(file.bytes());
  ASSERT_TRUE(source.ok());
  ReadAll(**source);
  EXPECT_EQ(recorder_.packets.size(), 2u);
  config_.set_filter("tcp");
  source = Open(file.bytes());
  ASSERT_TRUE(source.ok());
  ReadAll(**source);
  EXPECT_EQ(recorder_.packets.size(), 3u);
  config_.set_filter("tcp and and");
  source = Open(file.bytes());
  EXPECT_EQ(source.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(source.status().message()),
              HasSubstr("'tcp and and'"));
}

TEST_F(FileSourceTest, FollowsTheMonotonicClockWhenPaced) {
  config_.set_speed("10");
  auto source = Open(CaptureFile()
                         .Add(kStart, kFrame)
                         .Add(kStart + 100 * kMillisecond, kFrame)
                         .Add(kStart + 200 * kMillisecond, kFrame)
                         .Add(kStart + 50 * kMillisecond, kFrame)
                         .bytes());
  ASSERT_TRUE(source.ok());
  EXPECT_TRUE(*(*source)->Read(recorder_));
  EXPECT_EQ(recorder_.packets.size(), 1u);
  clock_.StepWall(3'600'000 * kMillisecond);
  EXPECT_TRUE((*source)->watermark_ns() == kStart);
  clock_.Advance(10 * kMillisecond);
  EXPECT_TRUE(*(*source)->Read(recorder_));
  EXPECT_EQ(recorder_.packets.size(), 2u);
  // What lies back in time is due at once.
  clock_.Advance(10 * kMillisecond);
  EXPECT_FALSE(*(*source)->Read(recorder_));
  EXPECT_EQ(recorder_.packets.size(), 4u);
  EXPECT_EQ(recorder_.packets[1].packet.time_ns, kStart + 100 * kMillisecond);
}

TEST_F(FileSourceTest, ReturnsFromAPauseOfHours) {
  config_.set_speed("real");
  auto source = Open(CaptureFile()
                         .Add(kStart, kFrame)
                         .Add(kStart + 3'600'000 * kMillisecond, kFrame)
                         .bytes());
  ASSERT_TRUE(source.ok());
  EXPECT_TRUE(*(*source)->Read(recorder_));
  EXPECT_TRUE(*(*source)->Read(recorder_));
  EXPECT_EQ(recorder_.packets.size(), 1u);
}

TEST_F(FileSourceTest, HandsOnWhatATruncatedFileHolds) {
  const CaptureFile file =
      CaptureFile().Add(kStart, kFrame).Add(kStart, kFrame);
  const auto& bytes = file.bytes();
  auto source = Open(std::span(bytes).first(bytes.size() - 1));
  ASSERT_TRUE(source.ok());
  const auto more = (*source)->Read(recorder_);
  EXPECT_EQ(more.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(more.status().message()),
              HasSubstr("damaged after 1 packets"));
  EXPECT_EQ(recorder_.packets.size(), 1u);
}

TEST_F(FileSourceTest, SaysWhatIsWrongWithAFile) {
  const auto missing = FileSource::Open("/nonexistent/x.pcap", config_, clock_);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()),
              HasSubstr("'/nonexistent/x.pcap': No such file"));

  const auto empty = Open({});
  EXPECT_EQ(empty.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(empty.status().message()), HasSubstr("is empty"));

  const auto text =
      Open(fakes::ToBytes("INVITE sip:b@example.com SIP/2.0\r\n"));
  EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(text.status().message()),
              HasSubstr("is not a pcap or pcapng file"));

  const auto folder = FileSource::Open(folder_.path(), config_, clock_);
  EXPECT_FALSE(folder.ok());
}

// A pcapng block, little-endian.
void AppendBlock(Bytes& out, uint32_t type, const Bytes& body) {
  const auto append = [&out](uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.push_back(static_cast<uint8_t>(value >> shift));
    }
  };
  const auto length = static_cast<uint32_t>(12 + body.size());
  append(type);
  append(length);
  fakes::Append(out, body);
  append(length);
}

// Section header, and one packet each on interfaces of these link types.
Bytes PcapNg(const std::vector<uint8_t>& link_types) {
  Bytes out;
  AppendBlock(out, 0x0a0d0d0a,
              {0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff,
               0xff, 0xff, 0xff});
  for (uint8_t i = 0; i < link_types.size(); ++i) {
    AppendBlock(out, 1, {link_types[i], 0, 0, 0, 0xff, 0xff, 0, 0});
    // Time 2^32 us.
    AppendBlock(out, 6, {i, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                         4, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4});
  }
  return out;
}

TEST_F(FileSourceTest, ReadsPcapNg) {
  auto source = Open(PcapNg({1, 1}));
  ASSERT_TRUE(source.ok()) << source.status();
  ReadAll(**source);
  ASSERT_EQ(recorder_.packets.size(), 2u);
  EXPECT_EQ(recorder_.packets[0].packet.time_ns, (int64_t{1} << 32) * 1000);
  EXPECT_EQ(recorder_.packets[0].bytes, Bytes({1, 2, 3, 4}));
}

Bytes Gzip(const Bytes& plain) {
  z_stream stream = {};
  // 16: with a gzip header.
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
  Bytes packed(deflateBound(&stream, plain.size()));
  stream.next_in = const_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST_F(FileSourceTest, ReadsWhatGzipCompressed) {
  CaptureFile capture;
  // Several buffers of it.
  for (int i = 0; i < 10'000; ++i) capture.Add(kStart + i, kFrame);
  auto source = Open(Gzip(capture.bytes()));
  ASSERT_TRUE(source.ok()) << source.status();
  ReadAll(**source);
  ASSERT_EQ(recorder_.packets.size(), 10'000u);
  EXPECT_EQ(recorder_.packets[9999].packet.time_ns, kStart + 9999);
  EXPECT_EQ(recorder_.packets[9999].bytes, kFrame);
}

TEST_F(FileSourceTest, SaysWhereADamagedGzipEnds) {
  CaptureFile capture;
  for (int i = 0; i < 10'000; ++i) {
    Bytes frame = kFrame;
    frame[60] = static_cast<uint8_t>(i * 7919);
    capture.Add(kStart + i, frame);
  }
  Bytes packed = Gzip(capture.bytes());
  for (size_t i = packed.size() / 2; i < packed.size() / 2 + 20; ++i) {
    packed[i] ^= 0x55;
  }
  auto source = Open(packed);
  ASSERT_TRUE(source.ok()) << source.status();
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = (*source)->Read(recorder_);
  EXPECT_FALSE(more.ok());
  EXPECT_GT(recorder_.packets.size(), 1000u);
}

TEST_F(FileSourceTest, SaysThatAGzipWasCutOff) {
  CaptureFile capture;
  for (int i = 0; i < 100; ++i) capture.Add(kStart + i, kFrame);
  Bytes packed = Gzip(capture.bytes());
  packed.resize(packed.size() - 4);  // Of the trailer: all packets are there.
  auto source = Open(packed);
  ASSERT_TRUE(source.ok()) << source.status();
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = (*source)->Read(recorder_);
  EXPECT_FALSE(more.ok());
}

Bytes Zstd(const Bytes& plain) {
  Bytes packed(ZSTD_compressBound(plain.size()));
  const size_t size = ZSTD_compress(packed.data(), packed.size(), plain.data(),
                                    plain.size(), /*compressionLevel=*/3);
  EXPECT_FALSE(ZSTD_isError(size));
  packed.resize(size);
  return packed;
}

// Frames that differ, so that what is packed is not tiny.
Bytes ManyPackets(int count) {
  CaptureFile capture;
  uint32_t random = 1;
  for (int i = 0; i < count; ++i) {
    Bytes frame = kFrame;
    for (size_t at = 42; at < frame.size(); ++at) {
      random = random * 1'664'525 + 1'013'904'223;
      frame[at] = static_cast<uint8_t>(random >> 24);
    }
    capture.Add(kStart + i, frame);
  }
  return capture.bytes();
}

Bytes Joined(Bytes first, const Bytes& second) {
  fakes::Append(first, second);
  return first;
}

TEST_F(FileSourceTest, ReadsWhatZstandardCompressed) {
  auto source = Open(Zstd(ManyPackets(10'000)));
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(ReadToTheEnd(**source).ok());
  ASSERT_EQ(recorder_.packets.size(), 10'000u);
  EXPECT_EQ(recorder_.packets[9999].packet.time_ns, kStart + 9999);
}

TEST_F(FileSourceTest, ReadsWhatWasCompressedInParts) {
  const Bytes plain = ManyPackets(1000);
  const auto half = plain.begin() + static_cast<ptrdiff_t>(plain.size() / 2);
  const Bytes first(plain.begin(), half);
  const Bytes second(half, plain.end());
  // Frames to be skipped are where pzstd puts the sizes of the others.
  const Bytes skipped = {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
  for (const Bytes& packed :
       {Joined(Gzip(first), Gzip(second)),
        // As tapes have it.
        Joined(Gzip(plain), Bytes(512, 0)), Joined(Zstd(first), Zstd(second)),
        Joined(skipped, Joined(Zstd(first), Joined(skipped, Zstd(second)))),
        Joined(Zstd({}), Zstd(plain))}) {
    recorder_.packets.clear();
    auto source = Open(packed);
    ASSERT_TRUE(source.ok()) << source.status();
    EXPECT_TRUE(ReadToTheEnd(**source).ok());
    EXPECT_EQ(recorder_.packets.size(), 1000u);
  }
}

TEST_F(FileSourceTest, SaysWhatIsWrongWithACompression) {
  const Bytes plain = ManyPackets(10'000);
  for (const auto& [name, packed] :
       {std::pair("gzip", Gzip(plain)), std::pair("zstd", Zstd(plain))}) {
    SCOPED_TRACE(name);
    recorder_.packets.clear();
    Bytes cut = packed;
    cut.resize(cut.size() - 5);
    auto source = Open(cut);
    ASSERT_TRUE(source.ok()) << source.status();
    const absl::Status status = ReadToTheEnd(**source);
    EXPECT_TRUE(absl::IsDataLoss(status));
    EXPECT_THAT(
        std::string(status.message()),
        HasSubstr(std::string("its ") + name + " compression is cut off"));
    EXPECT_GT(recorder_.packets.size(), 5000u);
  }
  Bytes damaged = Zstd(plain);
  // The next block, of a type that there is not.
  const size_t middle = damaged.size() / 2;
  std::fill_n(damaged.begin() + static_cast<ptrdiff_t>(middle), 300'000, 0xff);
  recorder_.packets.clear();
  auto source = Open(damaged);
  ASSERT_TRUE(source.ok()) << source.status();
  const absl::Status status = ReadToTheEnd(**source);
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("its zstd compression is damaged"));
  EXPECT_GT(recorder_.packets.size(), 1000u);
}

TEST_F(FileSourceTest, SaysWhereNothingCanBeDecompressed) {
  for (const Bytes& packed :
       {Bytes{0x1f, 0x8b, 0xff, 0, 0, 0, 0, 0, 0, 0}, Bytes{0x1f, 0x8b},
        Bytes{0x28, 0xb5, 0x2f, 0xfd},
        Bytes{0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x00, 0xff, 0xff, 0xff, 0xff}}) {
    const auto source = Open(packed);
    EXPECT_TRUE(absl::IsInvalidArgument(source.status())) << source.status();
    EXPECT_THAT(std::string(source.status().message()),
                HasSubstr(" compression is "));
  }
}

// RFC 8878, section 3.1.1.1.2: a window of 2^28 bytes, and one of 2^27.
TEST_F(FileSourceTest, RefusesAWindowThatWouldTakeTooMuchMemory) {
  Bytes packed = {0x28, 0xb5, 0x2f, 0xfd, 0x00, (28 - 10) << 3};
  const Bytes empty_block = {1, 0, 0};
  auto source = Open(Joined(packed, empty_block));
  EXPECT_TRUE(absl::IsInvalidArgument(source.status())) << source.status();
  EXPECT_THAT(std::string(source.status().message()),
              HasSubstr("zstd -dc --long=31"));
  packed.back() = (27 - 10) << 3;
  source = Open(Joined(packed, Joined(empty_block, Zstd(PcapNg({1})))));
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(ReadToTheEnd(**source).ok());
  EXPECT_EQ(recorder_.packets.size(), 1u);
}

TEST_F(FileSourceTest, ReadsAPipe) {
  auto source = OpenPipe(CaptureFile().Add(kStart, kFrame).bytes());
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(ReadToTheEnd(**source).ok());
  EXPECT_EQ(recorder_.packets.size(), 1u);
}

TEST_F(FileSourceTest, ReadsAPipeThatGzipCompressed) {
  auto source = OpenPipe(Gzip(ManyPackets(10'000)));
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(ReadToTheEnd(**source).ok());
  EXPECT_EQ(recorder_.packets.size(), 10'000u);
}

TEST_F(FileSourceTest, ReadsAPipeThatZstandardCompressed) {
  auto source = OpenPipe(Zstd(PcapNg({1, 113})));
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(ReadToTheEnd(**source).ok());
  EXPECT_EQ(recorder_.packets.size(), 2u);
}

TEST_F(FileSourceTest, SaysHowToFeedAnotherCompression) {
  auto source = Open(Bytes{0xfd, '7', 'z', 'X', 'Z', 0, 0, 4});
  EXPECT_TRUE(absl::IsUnimplemented(source.status()));
  EXPECT_THAT(std::string(source.status().message()), HasSubstr("xz -dc /"));
  EXPECT_THAT(std::string(source.status().message()),
              HasSubstr(" | callbraid-sensor --read /dev/stdin"));
  source = Open(fakes::ToBytes("BZh91AY&SY"));
  EXPECT_TRUE(absl::IsUnimplemented(source.status()));
  EXPECT_THAT(std::string(source.status().message()), HasSubstr("bzip2 -dc /"));
}

TEST_F(FileSourceTest, ReadsInterfacesOfSeveralLinkTypes) {
  auto source = Open(PcapNg({1, 113}));
  ASSERT_TRUE(source.ok()) << source.status();
  ReadAll(**source);
  ASSERT_EQ(recorder_.packets.size(), 2u);
  EXPECT_EQ(recorder_.packets[0].packet.link_type, 1);
  EXPECT_EQ(recorder_.packets[1].packet.link_type, 113);
}

TEST_F(FileSourceTest, ReadsPcapNgFromAPipe) {
  auto source = OpenPipe(PcapNg({1, 113}));
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(ReadToTheEnd(**source).ok());
  EXPECT_EQ(recorder_.packets.size(), 2u);
}

TEST_F(FileSourceTest, SaysAfterHowManyPacketsAPcapNgIsDamaged) {
  Bytes bytes = PcapNg({1, 113});
  bytes.resize(bytes.size() - 3);
  auto source = Open(bytes);
  ASSERT_TRUE(source.ok()) << source.status();
  const auto more = (*source)->Read(recorder_);
  EXPECT_EQ(more.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(more.status().message()),
              HasSubstr("damaged after 1 packets: it ends in a block"));
}

TEST_F(FileSourceTest, SurvivesTimesBeyondAllMeasure) {
  Bytes bytes = PcapNg({1});
  // The upper half of the time, in the packet block's body.
  const size_t at = 28 + 20 + 12;
  std::fill_n(bytes.begin() + at, 8, 0xff);
  config_.set_speed("real");
  auto source = Open(bytes);
  ASSERT_TRUE(source.ok());
  ReadAll(**source);
  EXPECT_EQ(recorder_.packets.size(), 1u);
}

TEST(ParseSpeed, KnowsMaxRealAndFactors) {
  EXPECT_EQ(*ParseSpeed(""), std::nullopt);
  EXPECT_EQ(*ParseSpeed("max"), std::nullopt);
  EXPECT_EQ(*ParseSpeed("real"), 1.0);
  EXPECT_EQ(*ParseSpeed("0.5"), 0.5);
  EXPECT_EQ(*ParseSpeed("10"), 10.0);
  for (const char* text : {"0", "-1", "nan", "inf", "fast", "10x", "1e999"}) {
    EXPECT_EQ(ParseSpeed(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace callbraid::sensor
