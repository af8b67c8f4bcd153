#include "sensor/decap/ip_reassembler.h"

#include <algorithm>
#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Bytes;

constexpr int64_t kSecond = 1'000'000'000;

class IpReassemblerTest : public ::testing::Test {
 protected:
  // Empty while the datagram is not whole.
  std::string Add(size_t offset, bool more, const std::string& bytes,
                  uint32_t id = 1, uint8_t last_octet = 1,
                  int64_t time_ns = 0) {
    IpPacket fragment;
    const std::array<uint8_t, 4> source = {10, 0, 0, last_octet};
    fragment.source = *IpAddress::FromBytes(source);
    fragment.protocol = 17;
    fragment.id = id;
    fragment.is_fragment = true;
    fragment.more_fragments = more;
    fragment.fragment_offset = static_cast<uint16_t>(offset);
    fragment.payload = {reinterpret_cast<const uint8_t*>(bytes.data()),
                        bytes.size()};
    fragment.payload_length = bytes.size();
    const auto whole = reassembler_.Add(time_ns, fragment);
    if (!whole) return "";
    return std::string(whole->begin(), whole->end());
  }

  DecapCounters counters_;
  IpReassembler reassembler_{counters_};
};

TEST_F(IpReassemblerTest, PutsFragmentsTogetherInAnyOrder) {
  struct Part {
    size_t offset;
    bool more;
    std::string bytes;
  };
  std::vector<Part> parts = {
      {0, true, "AAAAAAAA"}, {8, true, "BBBBBBBBCCCCCCCC"}, {24, false, "end"}};
  std::vector<int> order = {0, 1, 2};
  uint32_t id = 0;
  do {
    ++id;
    std::string whole;
    for (const int index : order) {
      EXPECT_EQ(whole, "");
      whole =
          Add(parts[index].offset, parts[index].more, parts[index].bytes, id);
    }
    EXPECT_EQ(whole, "AAAAAAAABBBBBBBBCCCCCCCCend");
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(reassembler_.bytes(), 0u);
  EXPECT_EQ(counters_.discarded, DecapCounters().discarded);
}

TEST_F(IpReassemblerTest, DoesNotMixSendersOrIds) {
  EXPECT_EQ(Add(0, true, "AAAAAAAA", 1, 1), "");
  EXPECT_EQ(Add(0, true, "BBBBBBBB", 1, 2), "");
  EXPECT_EQ(Add(0, true, "CCCCCCCC", 2, 1), "");
  EXPECT_EQ(Add(8, false, "b", 1, 2), "BBBBBBBBb");
  EXPECT_EQ(Add(8, false, "c", 2, 1), "CCCCCCCCc");
  EXPECT_EQ(Add(8, false, "a", 1, 1), "AAAAAAAAa");
}

TEST_F(IpReassemblerTest, KeepsTheFirstOfBytesThatComeTwice) {
  EXPECT_EQ(Add(8, true, "BBBBBBBB"), "");
  EXPECT_EQ(Add(24, true, "DDDDDDDD"), "");
  // Covers B, C and D, of which only C is new.
  EXPECT_EQ(Add(8, true, std::string(24, 'x')), "");
  EXPECT_EQ(Add(0, true, std::string(16, 'a')), "");
  EXPECT_EQ(Add(32, false, "e"), "aaaaaaaaBBBBBBBBxxxxxxxxDDDDDDDDe");
  EXPECT_EQ(counters_.Get(Discard::kFragmentOverlap), 2u);
  EXPECT_EQ(reassembler_.bytes(), 0u);
}

TEST_F(IpReassemblerTest, CountsAFragmentThatIsSentAgain) {
  EXPECT_EQ(Add(0, true, "AAAAAAAA"), "");
  EXPECT_EQ(Add(0, true, "AAAAAAAA"), "");
  EXPECT_EQ(Add(8, false, "b"), "AAAAAAAAb");
  EXPECT_EQ(counters_.Get(Discard::kFragmentOverlap), 1u);
}

TEST_F(IpReassemblerTest, RefusesWhatContradictsTheEnd) {
  EXPECT_EQ(Add(16, false, "end"), "");
  EXPECT_EQ(Add(16, true, std::string(8, 'x')), "");  // Beyond the end.
  EXPECT_EQ(Add(8, false, "another"), "");
  EXPECT_EQ(counters_.Get(Discard::kBadFragment), 2u);
  EXPECT_EQ(Add(0, true, std::string(16, 'a')), std::string(16, 'a') + "end");

  EXPECT_EQ(Add(64, true, std::string(8, 'x'), 2), "");
  EXPECT_EQ(Add(16, false, "end before what is there", 2), "");
  EXPECT_EQ(counters_.Get(Discard::kBadFragment), 3u);
}

TEST_F(IpReassemblerTest, RefusesOddAndEmptyFragments) {
  EXPECT_EQ(Add(0, true, "seven b"), "");
  EXPECT_EQ(Add(8, false, ""), "");
  EXPECT_EQ(counters_.Get(Discard::kBadFragment), 2u);
  EXPECT_EQ(reassembler_.bytes(), 0u);
}

TEST_F(IpReassemblerTest, RefusesWhatWouldBeTooBig) {
  EXPECT_EQ(Add(65528, false, "12345678"), "");
  EXPECT_EQ(counters_.Get(Discard::kFragmentTooBig), 1u);
  EXPECT_EQ(reassembler_.bytes(), 0u);
}

TEST_F(IpReassemblerTest, GivesUpAfterFiveSecondsOfCaptureTime) {
  EXPECT_EQ(Add(0, true, "AAAAAAAA", 1, 1, 0), "");
  EXPECT_EQ(Add(8, true, "BBBBBBBB", 1, 1, 0), "");
  EXPECT_EQ(Add(0, true, "AAAAAAAA", 2, 1, 3 * kSecond), "");
  EXPECT_EQ(Add(16, false, "late", 1, 1, 5 * kSecond + 1), "");
  EXPECT_EQ(counters_.Get(Discard::kFragmentTimeout), 2u);
  EXPECT_EQ(Add(8, false, "b", 2, 1, 5 * kSecond + 1), "AAAAAAAAb");
  // A clock that was set back must not keep fragments for ever.
  EXPECT_EQ(Add(0, true, "AAAAAAAA", 3, 1, -60 * kSecond), "");
  EXPECT_EQ(counters_.Get(Discard::kFragmentTimeout), 3u);
  reassembler_.Clear();
  EXPECT_EQ(counters_.Get(Discard::kFragmentTimeout), 4u);
  EXPECT_EQ(reassembler_.bytes(), 0u);
}

TEST_F(IpReassemblerTest, HoldsNoMoreThanItsLimits) {
  const std::string big(1480, 'x');
  const uint32_t ids = 5000;
  for (uint32_t id = 0; id < ids; ++id) {
    Add(0, true, big, id);
    ASSERT_LE(reassembler_.bytes(), IpReassembler::kMaxBytes);
  }
  EXPECT_GE(counters_.Get(Discard::kFragmentEvicted),
            ids - IpReassembler::kMaxDatagrams);
  // The newest is still there.
  EXPECT_EQ(Add(1480, false, "!", ids - 1), big + "!");
}

TEST_F(IpReassemblerTest, BoundsTheFragmentsOfOneDatagram) {
  // Every second piece, so that none can be joined.
  for (size_t offset = 0; offset < 65000; offset += 16) {
    Add(offset, true, "12345678");
  }
  EXPECT_GT(counters_.Get(Discard::kFragmentEvicted), 3000u);
  EXPECT_LT(reassembler_.bytes(), 100'000u);
}

TEST_F(IpReassemblerTest, PutsTheLargestDatagramTogether) {
  std::string expected;
  for (size_t offset = 0; offset + 576 <= 65535; offset += 576) {
    const std::string part(576, static_cast<char>('a' + offset / 576 % 26));
    expected += part;
    EXPECT_EQ(Add(offset, true, part), "");
  }
  const std::string last(65535 - expected.size(), '!');
  EXPECT_EQ(Add(expected.size(), false, last), expected + last);
}

}  // namespace
}  // namespace callbraid::sensor
