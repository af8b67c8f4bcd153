// A part of a recording has the samples of the whole, and costs what it is
// long.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/read_only_store.h"
#include "tests/unit/collector/codecs/reference.h"
#include "tests/unit/collector/record/recorded_call.h"
#include "tests/unit/collector/record/talker.h"

namespace callbraid::collector {
namespace {

RecordingOptions Between(int64_t from_ms, int64_t until_ms) {
  RecordingOptions options;
  options.from_ns = from_ms * kMs;
  if (until_ms >= 0) options.until_ns = until_ms * kMs;
  return options;
}

void ExpectPart(RecordedCall& call, const Wav& whole, int64_t from_ms,
                int64_t until_ms, RecordingOptions base = {}) {
  RecordingOptions options = Between(from_ms, until_ms);
  options.conceal = base.conceal;
  options.stream_id = base.stream_id;
  options.perspective = base.perspective;
  options.mask_keys = base.mask_keys;
  const Wav part = call.Render(options);
  SCOPED_TRACE(std::to_string(from_ms) + " - " + std::to_string(until_ms));
  ASSERT_TRUE(part.status.ok()) << part.status;
  EXPECT_EQ(part.sample_rate, whole.sample_rate);
  const auto at = [&whole](int64_t ms) {
    return std::min(whole.left.size(),
                    static_cast<size_t>(ms * whole.sample_rate / 1000));
  };
  const size_t begin = at(from_ms);
  const size_t end = until_ms < 0 ? whole.left.size() : at(until_ms);
  // Not by EXPECT_EQ: the difference may be minutes.
  EXPECT_TRUE(part.left == Part(whole.left, begin, end));
  if (whole.channels == 2) {
    EXPECT_TRUE(part.right == Part(whole.right, begin, end));
  }
}

// What sender and network do in `minutes`, by chance.
Packets Anything(unsigned seed, int minutes, double ppm) {
  std::mt19937 random(seed);
  const auto below = [&random](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  Talker talker;
  talker.ppm = ppm;
  talker.timestamp = static_cast<uint32_t>(random());
  talker.sequence = static_cast<uint16_t>(random());
  const int64_t jitter = 1 + below(40) * kMs;
  talker.delay_ns = [&](size_t) { return below(jitter); };
  int64_t ms = 0;
  while (ms < minutes * 60'000) {
    const int64_t length = 60 * (30 + below(400));
    talker.Speak(ms, ms + length);
    ms += length;
    switch (below(6)) {
      case 0:
        ms += below(8000);
        break;
      case 1:
        talker.timestamp = static_cast<uint32_t>(random());
        break;
      case 2:
        talker.Hush(ms);
        ms += 200 + below(15'000);
        break;
      case 3:
        talker.ptime_ms = 10 * static_cast<int>(1 + below(3));
        break;
      case 4:
        ms += below(45'000);
        break;
      default:
        break;
    }
  }
  talker.Speak(ms, ms + 60);
  Packets packets = talker.Sent();
  // Loss.
  packets.erase(
      std::remove_if(packets.begin(), packets.end(),
                     [&](const SentPacket&) { return below(50) == 0; }),
      packets.end());
  return packets;
}

TEST(PartOfARecording, HasTheSamplesOfTheWhole) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RecordedCall call;
    for (const char* to : {kA, kB}) {
      call.AddSdp("leg", kStart - kSecond, to, {{kL16Type, "L16"}, {13, "CN"}});
    }
    call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg", 1), "s1",
                 Anything(seed, 4, 180));
    call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA, "leg", 2), "s1",
                 Anything(seed + 100, 3, -90));
    const Wav whole = call.Render();
    const auto length = static_cast<int64_t>(whole.left.size() / 8);
    std::mt19937 random(seed);
    for (int i = 0; i < 6; ++i) {
      const auto from = static_cast<int64_t>(random()) % length;
      const auto until =
          i == 0 ? -1 : from + 1 + static_cast<int64_t>(random()) % 40'000;
      ExpectPart(call, whole, from, until);
    }
  }
}

TEST(PartOfARecording, HasThemAlsoOfCodecsWithAMemory) {
  // G.722, which is told apart by its sections.
  Packets packets = Speech(8000, 1);
  for (SentPacket& packet : packets) packet.type = 9;
  for (size_t i = 300; i < packets.size(); i += 300)
    packets.erase(packets.begin() + static_cast<ptrdiff_t>(i));
  RecordedCall call;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", packets);
  const Wav whole = call.Render();
  ASSERT_EQ(whole.sample_rate, 16000);
  for (const int64_t from : {500, 19'990, 20'500, 61'000, 119'000, 140'001}) {
    ExpectPart(call, whole, from, from + 700);
  }
}

TEST(PartOfARecording, HasThemOfOneStream) {
  RecordedCall call;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  call.Observe(stream, "s1", Speech(3000));
  RecordingOptions options;
  options.stream_id = stream.id();
  const Wav whole = call.Render(options);
  ExpectPart(call, whole, 31'234, 32'000, options);
}

TEST(PartOfARecording, EndsWithTheWhole) {
  RecordedCall call;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", Speech(500));
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA), "s1",
               Speech(100, 2, kStart + 400 * kSecond));
  const Wav whole = call.Render();
  ExpectPart(call, whole, 5'000, -1);
  ExpectPart(call, whole, 5'000, 1'000'000);
  // Nothing but silence.
  ExpectPart(call, whole, 200'000, 201'000);
  ExpectPart(call, whole, 401'000, 500'000);
  for (const int64_t from : {402'001, 500'000}) {
    const absl::Status status = call.Render(Between(from, from + 10)).status;
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  }
}

// Counts what is read.
class CountingStore final : public ReadOnlyStore {
 public:
  using ReadOnlyStore::ReadOnlyStore;

  int frames = 0;

 private:
  absl::Status ReadFrames(
      const ObservationId& observation, const std::vector<uint32_t>& buckets,
      const std::function<bool(const FrameRecord&)>& visit) override {
    return store_.media().ReadFrames(observation, buckets,
                                     [&](const FrameRecord& record) {
                                       ++frames;
                                       return visit(record);
                                     });
  }
};

TEST(PartOfARecording, CostsWhatItIsLong) {
  RecordedCall call;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1",
               Speech(60 * 60 * 50));
  const auto frames = [&call](int64_t from_ms, int64_t until_ms) {
    CountingStore store(call.store());
    EXPECT_TRUE(RenderWav(store, call.record(), Between(from_ms, until_ms))
                    .status.ok());
    return store.frames;
  };
  const int part = frames(3'500'000, 3'510'000);
  EXPECT_EQ(part, frames(1'000'000, 1'010'000));
  // Two frames a second; two passes over two minutes and some seconds, and
  // twice the beginning, each with what is read ahead.
  EXPECT_LE(part, 2 * (2 * 140 + 128) + 2 * (2 * 22 + 128));
  EXPECT_GE(frames(0, -1), 2 * 7200);
}

}  // namespace
}  // namespace callbraid::collector
