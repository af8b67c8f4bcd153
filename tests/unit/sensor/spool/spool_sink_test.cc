#include "sensor/spool/spool_sink.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

namespace fs = std::filesystem;

// Stands still until it is told to go on.
class StoppedClock final : public Clock {
 public:
  int64_t WallNs() const override { return now_ns_; }
  int64_t MonotonicNs() const override { return now_ns_; }
  void Advance(absl::Duration by) { now_ns_ += absl::ToInt64Nanoseconds(by); }

 private:
  std::atomic<int64_t> now_ns_ = 1'000'000'000;
};

class SpoolSinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "sinkXXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override {
    signalling_ = nullptr;
    media_ = nullptr;
    fs::remove_all(dir_);
  }

  void Open(uint64_t limit_bytes = 64 << 20) {
    signalling_ = OpenSpool("signalling", limit_bytes);
    media_ = OpenSpool("media", limit_bytes);
  }

  std::unique_ptr<Spool> OpenSpool(const std::string& name,
                                   uint64_t limit_bytes) {
    SpoolOptions options;
    options.dir = dir_ + "/" + name;
    options.limit_bytes = limit_bytes;
    auto spool = Spool::Open(options);
    EXPECT_TRUE(spool.ok()) << spool.status();
    return *std::move(spool);
  }

  static v1::CallFrame Sip(const std::string& message) {
    v1::CallFrame frame;
    frame.set_capture_point(3);
    frame.mutable_sip()->set_message(message);
    return frame;
  }

  // All frames of a spool, parsed.
  static std::vector<v1::CallFrame> Frames(Spool& spool) {
    std::vector<v1::CallFrame> frames;
    uint64_t next = 1;
    while (const auto read = spool.Read(next)) {
      v1::FrameBatch batch;
      EXPECT_TRUE(batch.ParseFromString(*read->frames));
      EXPECT_EQ(batch.frames_size(), static_cast<int>(read->frame_count));
      frames.insert(frames.end(), batch.frames().begin(), batch.frames().end());
      next = read->next_sequence();
    }
    return frames;
  }

  static SpoolWriterOptions Lossless() {
    SpoolWriterOptions options;
    options.thread_name = "test";
    options.lossless = true;
    options.queue_capacity = 2;
    return options;
  }

  StoppedClock clock_;
  std::string dir_;
  std::unique_ptr<Spool> signalling_;
  std::unique_ptr<Spool> media_;
};

TEST_F(SpoolSinkTest, EachLaneHasItsFramesInOrder) {
  Open();
  const auto signalling =
      std::make_shared<SpoolWriter>(Lossless(), *signalling_, clock_);
  const auto media = std::make_shared<SpoolWriter>(Lossless(), *media_, clock_);
  SpoolSink sink({signalling, media, nullptr}, SpoolSink::kDefaultGather,
                 clock_);
  sink.OnFrame(v1::SPOOL_LANE_SIGNALLING, Sip("one"));
  sink.OnFrame(v1::SPOOL_LANE_MEDIA, Sip("other"));
  sink.OnFrame(v1::SPOOL_LANE_SIGNALLING, Sip(std::string(300, 'x')));
  sink.Flush();
  signalling->Close();
  media->Close();
  const auto frames = Frames(*signalling_);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].sip().message(), "one");
  EXPECT_EQ(frames[0].capture_point(), 3u);
  EXPECT_EQ(frames[1].sip().message(), std::string(300, 'x'));
  EXPECT_EQ(Frames(*media_).size(), 1u);
}

TEST_F(SpoolSinkTest, HandsOverWhatWasGatheredLongEnough) {
  Open();
  const auto signalling =
      std::make_shared<SpoolWriter>(Lossless(), *signalling_, clock_);
  const auto media = std::make_shared<SpoolWriter>(Lossless(), *media_, clock_);
  SpoolSink sink({signalling, media, nullptr}, absl::Milliseconds(100), clock_);
  sink.OnFrame(v1::SPOOL_LANE_SIGNALLING, Sip("one"));
  clock_.Advance(absl::Milliseconds(99));
  sink.OnTime();
  sink.OnFrame(v1::SPOOL_LANE_SIGNALLING, Sip("two"));
  clock_.Advance(absl::Milliseconds(1));
  sink.OnTime();
  sink.OnFrame(v1::SPOOL_LANE_SIGNALLING, Sip("three"));
  signalling->Close();
  EXPECT_EQ(Frames(*signalling_).size(), 2u);
}

TEST_F(SpoolSinkTest, ABatchStaysNearItsSize) {
  Open();
  const auto signalling =
      std::make_shared<SpoolWriter>(Lossless(), *signalling_, clock_);
  const auto media = std::make_shared<SpoolWriter>(Lossless(), *media_, clock_);
  SpoolSink sink({signalling, media, nullptr}, absl::Milliseconds(100), clock_);
  for (int i = 0; i < 10'000; ++i) {
    sink.OnFrame(v1::SPOOL_LANE_SIGNALLING, Sip("short"));
  }
  for (int i = 0; i < 30; ++i) {
    sink.OnFrame(v1::SPOOL_LANE_MEDIA, Sip(std::string(30'000, 'x')));
  }
  sink.Flush();
  signalling->Close();
  media->Close();
  EXPECT_EQ(Frames(*signalling_).size(), 10'000u);
  EXPECT_EQ(signalling_->Read(1)->frame_count, SpoolSink::kBatchFrames);
  EXPECT_EQ(Frames(*media_).size(), 30u);
  EXPECT_LT(media_->Read(1)->frames->size(), SpoolSink::kBatchBytes + 30'100);
}

TEST_F(SpoolSinkTest, SpareMediaHasASpoolOfItsOwn) {
  Open();
  const auto spare = OpenSpool("spare-media", 64 << 20);
  const auto writer = std::make_shared<SpoolWriter>(Lossless(), *spare, clock_);
  SpoolSink sink({nullptr, nullptr, writer}, absl::Milliseconds(100), clock_);
  sink.OnFrame(v1::SPOOL_LANE_SPARE_MEDIA, Sip("one"));
  clock_.Advance(absl::Milliseconds(100));
  sink.OnTime();
  sink.OnFrame(v1::SPOOL_LANE_SPARE_MEDIA, Sip("two"));
  sink.Flush();
  writer->Close();
  EXPECT_EQ(Frames(*spare).size(), 2u);
}

TEST_F(SpoolSinkTest, WhoGivesWayLosesItsFramesAndCountsThem) {
  Open();
  bool give_way = true;
  SpoolWriterOptions options = Lossless();
  options.give_way = [&give_way] { return give_way; };
  {
    SpoolWriter writer(options, *media_, clock_);
    writer.Write({"", 3});
    writer.Close();
    EXPECT_EQ(writer.lost_frames(), 3u);
  }
  give_way = false;
  SpoolWriter writer(options, *media_, clock_);
  writer.Write({"", 2});
  writer.Close();
  EXPECT_EQ(media_->State().discarded_frames(), 3u);
  EXPECT_EQ(media_->Read(1)->first_sequence, 4u);
}

TEST_F(SpoolSinkTest, LosslessItWaitsForAcksAndLosesNothing) {
  Open(/*limit_bytes=*/64 << 10);
  constexpr int kFrames = 400;
  std::thread capture([&] {
    const auto signalling =
        std::make_shared<SpoolWriter>(Lossless(), *signalling_, clock_);
    const auto media =
        std::make_shared<SpoolWriter>(Lossless(), *media_, clock_);
    SpoolSink sink({signalling, media, nullptr}, absl::ZeroDuration(), clock_);
    for (int i = 0; i < kFrames; ++i) {
      sink.OnFrame(v1::SPOOL_LANE_MEDIA, Sip(std::string(4000, 'x')));
      sink.OnTime();
    }
    media->Close();
    EXPECT_EQ(media->lost_frames(), 0u);
  });
  uint64_t next = 1;
  while (next <= kFrames) {
    const auto batch = media_->Read(next);
    if (!batch) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(batch->first_sequence, next);
    next = batch->next_sequence();
    media_->Ack(next - 1);
  }
  capture.join();
  EXPECT_EQ(media_->State().discarded_frames(), 0u);
}

TEST_F(SpoolSinkTest, AbandonedItWaitsNoLongerAndCountsWhatIsLost) {
  Open(/*limit_bytes=*/64 << 10);
  uint64_t kept = 0;
  const auto frames = std::make_shared<const std::string>(4000, 'x');
  while (media_->WaitForRoom(frames->size(), absl::ZeroDuration())) {
    ASSERT_TRUE(media_->Append(frames, 1).ok());
    ++kept;
  }
  SpoolWriter writer(Lossless(), *media_, clock_);
  writer.Abandon();
  writer.Write({std::string(4000, 'x'), 3});
  writer.Close();
  EXPECT_EQ(writer.lost_frames(), 3u);
  // Nothing that was in the spool made room for it.
  EXPECT_EQ(media_->Read(1)->first_sequence, 1u);
  EXPECT_EQ(media_->State().discarded_frames(), 3u);
  EXPECT_EQ(media_->State().next_sequence(), kept + 4);
}

}  // namespace
}  // namespace callbraid::sensor
