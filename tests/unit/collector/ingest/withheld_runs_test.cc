#include "collector/ingest/withheld_runs.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/ingest/rtp_fold.h"
#include "common/media/withhold.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint32_t kPerChunk = 25;

std::vector<uint32_t> Numbers(uint32_t begin, uint32_t end) {
  std::vector<uint32_t> numbers;
  for (uint32_t i = begin; i < end; ++i) numbers.push_back(i);
  return numbers;
}

// Chunks 0, 1, 2... of one stream, 25 packets each.
class WithheldRuns : public testing::Test {
 protected:
  void Fold(uint32_t number, bool withheld) {
    Fold(Numbers(number * kPerChunk, (number + 1) * kPerChunk), withheld);
  }
  void Fold(const std::vector<uint32_t>& numbers, bool withheld) {
    v1::MediaChunk chunk = stream_.Chunk(numbers).media();
    // As the sensor knows it, whatever it sent before.
    const uint64_t before = last_hash_;
    last_hash_ = LastPayloadHash(chunk, before);
    if (withheld) Withhold(SamplePayloads(chunk, before), chunk);
    Read(chunk);
    const SequenceSet had =
        SequenceSet(tally_, 0).Without(SequenceSet::Withheld(tally_, 0));
    if (tally_.runs().empty()) {
      BeginRtp({*FromProto(chunk.source()), *FromProto(chunk.destination())},
               chunk, packets_, observation_, tally_);
    } else {
      FoldChunk(chunk, packets_, observation_, tally_);
    }
    if (withheld) NoteWithheld(packets_, had, tally_);
  }
  bool Deliver(uint32_t number) {
    return Deliver(Numbers(number * kPerChunk, (number + 1) * kPerChunk));
  }
  bool Deliver(const std::vector<uint32_t>& numbers) {
    Read(stream_.Chunk(numbers).media());
    return NoteDelivered(packets_, tally_);
  }

  // "first-last" of each run of packets that is withheld.
  std::vector<std::string> Runs() const {
    std::vector<std::string> runs;
    const int64_t base = stream_.first_sequence + int64_t{65536};
    const SequenceSet withheld = SequenceSet::Withheld(tally_, 0);
    for (const auto& interval : withheld.intervals()) {
      runs.push_back(
          absl::StrCat(interval.begin - base, "-", interval.end - 1 - base));
    }
    return runs;
  }

  void Read(const v1::MediaChunk& chunk) {
    ASSERT_TRUE(ReadChunk(chunk, decoder_, packets_));
  }

  fakes::Stream stream_{};
  store::v1::Observation observation_;
  store::v1::RtpTally tally_;
  uint64_t last_hash_ = 0;
  PayloadDecoder decoder_;
  std::vector<ChunkPacket> packets_;
};

TEST_F(WithheldRuns, JoinWhatFollowsEachOther) {
  Fold(0, false);
  EXPECT_THAT(Runs(), IsEmpty());
  Fold(1, true);
  Fold(2, true);
  Fold(3, false);
  Fold(4, true);
  EXPECT_THAT(Runs(), ElementsAre("25-74", "100-124"));
}

TEST_F(WithheldRuns, EndWithTheLastThatIsDelivered) {
  for (uint32_t i = 0; i < 5; ++i) Fold(i, true);
  EXPECT_THAT(Runs(), ElementsAre("0-124"));
  EXPECT_TRUE(Deliver(2));
  EXPECT_THAT(Runs(), ElementsAre("0-49", "75-124"));
  EXPECT_FALSE(Deliver(2));
  EXPECT_TRUE(Deliver(4));
  EXPECT_TRUE(Deliver(0));
  EXPECT_TRUE(Deliver(1));
  EXPECT_TRUE(Deliver(3));
  EXPECT_THAT(Runs(), IsEmpty());
  EXPECT_FALSE(Deliver(3));
}

// A copy of an early packet, and one that was overtaken, in a later chunk.
TEST_F(WithheldRuns, AreExactWhateverTheOrderOfPackets) {
  Fold(0, false);
  Fold({25, 26, 28, 29}, true);
  const std::vector<uint32_t> mixed = {30, 27, 3, 26, 31};
  Fold(mixed, true);
  Fold({32, 33}, true);
  EXPECT_THAT(Runs(), ElementsAre("25-33"));
  EXPECT_TRUE(Deliver(mixed));
  EXPECT_THAT(Runs(), ElementsAre("25-25", "28-29", "32-33"));
}

TEST_F(WithheldRuns, TakeNoPayloadThatWasNotMissing) {
  Fold(0, false);
  Fold(1, true);
  EXPECT_FALSE(Deliver(0));
  EXPECT_FALSE(Deliver(2));
  EXPECT_THAT(Runs(), ElementsAre("25-49"));
}

// After 65,536 packets the numbers come again.
TEST_F(WithheldRuns, TellNumbersApartThatCameTwice) {
  const uint32_t chunks = 3 * 65'536 / kPerChunk;
  for (uint32_t i = 0; i < chunks; ++i) Fold(i, i % 2000 == 7);
  const size_t runs = Runs().size();
  ASSERT_EQ(runs, 4u);
  EXPECT_TRUE(Deliver(2007));
  EXPECT_THAT(Runs(), ElementsAre("175-199", "100175-100199", "150175-150199"));
}

TEST_F(WithheldRuns, AreBounded) {
  for (uint32_t i = 0; i < 5000; ++i) Fold(i, i % 2 == 1);
  EXPECT_LE(tally_.withheld_runs_size(), 2048);
  EXPECT_GE(SequenceSet::Withheld(tally_, 0).size(), 2500 * kPerChunk);
}

// What correlation goes by is the same, whether or not there is a payload, and
// whenever that changed; also where payloads repeat.
TEST_F(WithheldRuns, ChangeNothingElseOfTheFold) {
  const auto fold_all = [this](uint32_t modulus) {
    observation_.Clear();
    tally_.Clear();
    last_hash_ = 0;
    for (uint32_t i = 0; i < 400; ++i) {
      Fold(i, modulus != 0 && i % modulus != 0);
    }
  };
  fold_all(0);
  const std::string whole = observation_.DebugString();
  const store::v1::RtpTally tally = tally_;
  EXPECT_GT(observation_.rtp().anchors_size(), 50);
  for (const uint32_t modulus : {2u, 3u, 1000u}) {
    fold_all(modulus);
    EXPECT_EQ(observation_.DebugString(), whole);
    tally_.clear_withheld_lowest();
    tally_.clear_withheld_runs();
    tally_.clear_marks();
    EXPECT_EQ(tally_.DebugString(), tally.DebugString());
  }
}

}  // namespace
}  // namespace callbraid::collector
