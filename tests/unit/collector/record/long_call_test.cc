// A call of hours must not need memory for hours.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/record/recorder.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/read_only_store.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

// Far more than is read ahead.
constexpr int64_t kHours = 1;
constexpr int64_t kSpurtNs = 5 * kSecond;

// A store with one observation, whose frames are made when they are read: half
// a second of speech every five seconds.
class LongStore final : public ReadOnlyStore {
 public:
  using ReadOnlyStore::ReadOnlyStore;

  int64_t newest_read_ns() const { return newest_read_ns_; }
  int frames_read() const { return frames_read_; }
  void StartOver() { newest_read_ns_ = frames_read_ = 0; }

 private:
  absl::Status ReadFrames(
      const ObservationId& observation, const std::vector<uint32_t>& buckets,
      const std::function<bool(const FrameRecord&)>& visit) override {
    if (buckets.empty()) return absl::OkStatus();
    const auto first =
        std::max<int64_t>(0, (buckets.front() * kBucketNs - kStart) / kSpurtNs);
    for (int64_t i = first; i < kHours * 3600 * kSecond / kSpurtNs; ++i) {
      FrameRecord record;
      record.observation = observation;
      record.time_ns = kStart + i * kSpurtNs;
      if (BucketOf(record.time_ns) < buckets.front()) continue;
      record.frame = Spurt(i);
      newest_read_ns_ = std::max(newest_read_ns_, record.time_ns);
      ++frames_read_;
      if (!visit(record)) break;
    }
    return absl::OkStatus();
  }

  static std::string Spurt(int64_t i) {
    ChunkWriter writer;
    const Packets packets =
        Speech(25, 1, kStart + i * kSpurtNs, static_cast<uint16_t>(i * 25),
               static_cast<uint32_t>(i * 5 * 8000));
    for (const SentPacket& packet : packets) {
      RtpPacket view;
      view.sequence = packet.sequence;
      view.timestamp = packet.timestamp;
      view.payload = packet.payload;
      writer.Append(packet.time_ns, view);
    }
    v1::CallFrame frame;
    writer.Finish(*frame.mutable_media());
    return frame.SerializeAsString();
  }

  int64_t newest_read_ns_ = 0;
  int frames_read_ = 0;
};

// Looks how far reading is ahead of writing.
class CountingSink final : public RecordingSink {
 public:
  explicit CountingSink(LongStore& store) : store_(store) {}
  absl::Status Begin(uint64_t total_bytes) override {
    total_ = total_bytes;
    survey_frames_ = store_.frames_read();
    store_.StartOver();
    return absl::OkStatus();
  }
  absl::Status Write(std::string_view bytes) override {
    written_ += bytes.size();
    const int64_t written_ns =
        static_cast<int64_t>(written_ / 4) * (kSecond / 8000);
    most_ahead_ns_ =
        std::max(most_ahead_ns_, store_.newest_read_ns() - kStart - written_ns);
    return absl::OkStatus();
  }

  uint64_t total_ = 0;
  uint64_t written_ = 0;
  int survey_frames_ = 0;
  int64_t most_ahead_ns_ = 0;

 private:
  LongStore& store_;
};

TEST(RenderCall, ReadsALongCallBitByBit) {
  RecordedCall call;
  v1::Stream& stream =
      call.AddStream(v1::SIDE_CALLER, "10.0.0.1:4000", "10.0.0.2:4000");
  Packets ends = Speech(1);
  ends.push_back(ends[0]);
  ends[1].time_ns += kHours * 3600 * kSecond;
  call.Observe(stream, "s1", ends);
  CommitGroup group;
  ObservationUpsert& upsert = group.observations.emplace_back();
  upsert.id = *ObservationId::FromHex(stream.observations(0).id());
  upsert.tally.emplace();
  upsert.tally->add_bucket_ranges(BucketOf(kStart));
  upsert.tally->add_bucket_ranges(BucketOf(kStart + kHours * 3600 * kSecond));
  ASSERT_TRUE(call.store().Commit(group).ok());

  LongStore store(call.store());
  CountingSink sink(store);
  ASSERT_TRUE(RenderCall(store, call.record(), {}, sink).ok());
  EXPECT_EQ(sink.written_, sink.total_);
  EXPECT_EQ(sink.total_, 44 + 4 * 8000 * (kHours * 3600 - 5) + 4 * 4000);
  // 128 frames of one spurt in five seconds, the one at which reading stopped,
  // and the two that union and timeline see before they let one go.
  EXPECT_LE(sink.most_ahead_ns_, (128 + 1 + 2) * kSpurtNs);
  // Reading goes on where it stopped.
  // And is done once more for the beginning, which tells how the clock counts.
  EXPECT_LE(sink.survey_frames_, kHours * 3600 / 5 * 11 / 10 + 128);
}

}  // namespace
}  // namespace callbraid::collector
