#include "collector/doctor/reception.h"

#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::collector {
namespace {

using ::callbraid::fakes::AppendU16;
using ::callbraid::fakes::AppendU32;
using ::callbraid::fakes::Bytes;

// A sender report of SSRC 1 with report blocks of these streams.
Bytes SenderReport(const std::vector<uint32_t>& ssrcs, int32_t lost = 0,
                   uint32_t highest = 1000) {
  Bytes packet = {static_cast<uint8_t>(0x80 | ssrcs.size()), 200};
  AppendU16(packet, static_cast<uint16_t>(6 + 6 * ssrcs.size()));
  AppendU32(packet, 1);
  packet.resize(packet.size() + 20);
  for (const uint32_t ssrc : ssrcs) {
    AppendU32(packet, ssrc);
    AppendU32(packet, static_cast<uint32_t>(lost) & 0xffffff);
    AppendU32(packet, highest);
    packet.resize(packet.size() + 12);
  }
  return packet;
}

TEST(AddRtcp, KeepsTheNewestOfEachStream) {
  Reception reception;
  AddRtcp(SenderReport({7, 8}, 3, 100), reception);
  AddRtcp(SenderReport({7}, -2, 200), reception);
  EXPECT_EQ(reception.reports, 2u);
  EXPECT_EQ(reception.empty_reports, 0u);
  ASSERT_EQ(reception.blocks.size(), 2u);
  EXPECT_EQ(reception.blocks[7].lost, -2);
  EXPECT_EQ(reception.blocks[7].taken_back, 5u);
  EXPECT_EQ(reception.blocks[7].highest_sequence, 200u);
  EXPECT_EQ(reception.blocks[8].lost, 3);
}

TEST(AddRtcp, CountsReportsWithoutBlocks) {
  Reception reception;
  Bytes compound = SenderReport({});
  const Bytes receiver = {0x80, 201, 0, 1, 0, 0, 0, 1};
  compound.insert(compound.end(), receiver.begin(), receiver.end());
  AddRtcp(compound, reception);
  EXPECT_EQ(reception.reports, 2u);
  EXPECT_EQ(reception.empty_reports, 2u);
  EXPECT_TRUE(reception.blocks.empty());
}

TEST(AddRtcp, SurvivesEveryTruncationAndChange) {
  const Bytes packet = SenderReport({7, 8});
  for (size_t size = 0; size < packet.size(); ++size) {
    Reception reception;
    AddRtcp(std::span(packet).first(size), reception);
    EXPECT_EQ(reception.blocks.size(), 0u) << size;
  }
  for (size_t at = 0; at < packet.size(); ++at) {
    Bytes changed = packet;
    changed[at] ^= 0xff;
    Reception reception;
    AddRtcp(changed, reception);
  }
}

TEST(AddRtcp, KeepsAtMost32Streams) {
  Reception reception;
  for (uint32_t ssrc = 0; ssrc < 100; ++ssrc) {
    AddRtcp(SenderReport({ssrc}), reception);
  }
  EXPECT_EQ(reception.blocks.size(), 32u);
}

// Numbers 65636 (100) to 65735: 40 seen, 5 missing, 55 seen.
store::v1::RtpTally Tally() {
  store::v1::RtpTally tally;
  tally.set_lowest_sequence(65'636);
  tally.set_highest_sequence(65'735);
  for (const uint32_t run : {40, 5, 55}) tally.add_runs(run);
  return tally;
}

TEST(MissedThough, IsWhatTheReceiverGot) {
  EXPECT_EQ(MissedThough(Tally(), {.lost = 0, .highest_sequence = 199}), 5u);
  EXPECT_EQ(MissedThough(Tally(), {.lost = 2, .highest_sequence = 199}), 3u);
  EXPECT_EQ(MissedThough(Tally(), {.lost = 9, .highest_sequence = 199}), 0u);
  // Duplicates make it negative: nothing was lost.
  EXPECT_EQ(MissedThough(Tally(), {.lost = -3, .highest_sequence = 199}), 5u);
}

TEST(MissedThough, DoesNotLetDuplicatesMakeUpForLosses) {
  // Five lost, and four came twice: so the receiver counts.
  store::v1::RtpTally tally = Tally();
  tally.mutable_statistics()->set_duplicates(4);
  EXPECT_EQ(MissedThough(tally, {.lost = 1, .highest_sequence = 199}), 0u);
  tally.mutable_statistics()->set_packets(95);
  tally.mutable_statistics()->set_duplicates(1);
  tally.mutable_statistics()->set_mirror_copies(3);
  EXPECT_EQ(MissedThough(tally, {.lost = 1, .highest_sequence = 199}), 0u);
  // All twice: the mirror did it, and the receiver knows nothing of it.
  tally.mutable_statistics()->set_mirror_copies(95);
  EXPECT_EQ(MissedThough(tally, {.lost = 1, .highest_sequence = 199}), 3u);
  // Twice on a way behind the capture point: it shows in the reports alone.
  EXPECT_EQ(MissedThough(Tally(),
                         {.lost = 1, .taken_back = 4, .highest_sequence = 199}),
            0u);
}

TEST(MissedThough, LooksNoFurtherThanTheReceiverDid) {
  EXPECT_EQ(MissedThough(Tally(), {.lost = 0, .highest_sequence = 141}), 2u);
  EXPECT_EQ(MissedThough(Tally(), {.lost = 0, .highest_sequence = 139}), 0u);
  // Another cycle of the receiver's.
  EXPECT_EQ(
      MissedThough(Tally(), {.lost = 0, .highest_sequence = 0x10000 + 199}),
      5u);
}

TEST(MissedThough, SaysNothingWithoutRuns) {
  EXPECT_EQ(MissedThough({}, {.lost = 0, .highest_sequence = 5}), 0u);
  store::v1::RtpTally tally = Tally();
  tally.set_runs_incomplete(true);
  EXPECT_EQ(MissedThough(tally, {.lost = 0, .highest_sequence = 199}), 0u);
}

}  // namespace
}  // namespace callbraid::collector
