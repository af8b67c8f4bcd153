#include "collector/fax/t30_frame.h"

#include <spandsp.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using Bytes = std::vector<uint8_t>;

// An information field of DCS with these bits set (T.30, table 2).
Bytes Dcs(std::initializer_list<int> bits) {
  Bytes out(16);
  for (const int bit : bits) {
    out[static_cast<size_t>(bit - 1) / 8] |=
        static_cast<uint8_t>(1 << (bit - 1) % 8);
  }
  return out;
}

TEST(ReadT30Frame, KnowsAddressAndControl) {
  const Bytes frame = {0xff, 0x13, T30_MCF | 1, 7};
  const auto read = ReadT30Frame(frame);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->control, T30_MCF);
  ASSERT_EQ(read->information.size(), 1);
  EXPECT_EQ(read->information[0], 7);
  EXPECT_TRUE(ReadT30Frame(Bytes{0xff, 0x03, T30_DCS}));
  EXPECT_FALSE(ReadT30Frame(Bytes{0xff, 0x03}));
  EXPECT_FALSE(ReadT30Frame(Bytes{0xfe, 0x03, T30_DCS}));
  EXPECT_FALSE(ReadT30Frame(Bytes{0xff, 0x07, T30_DCS}));
}

TEST(ReadDcs, TellsCodingAndErrorCorrection) {
  EXPECT_EQ(ReadDcs({}).coding, PageFormat::Coding::kMh);
  EXPECT_EQ(ReadDcs(Dcs({16})).coding, PageFormat::Coding::kMr);
  EXPECT_EQ(ReadDcs(Dcs({27, 31})).coding, PageFormat::Coding::kMmr);
  EXPECT_EQ(ReadDcs(Dcs({27, 78})).coding, PageFormat::Coding::kJbig);
  EXPECT_EQ(ReadDcs(Dcs({27, 68, 69})).coding, PageFormat::Coding::kColour);
  EXPECT_FALSE(ReadDcs({}).ecm);
  EXPECT_TRUE(ReadDcs(Dcs({27})).ecm);
  EXPECT_EQ(ReadDcs(Dcs({27})).ecm_frame_bytes, 256);
  EXPECT_EQ(ReadDcs(Dcs({27, 28})).ecm_frame_bytes, 64);
}

TEST(ReadDcs, TellsRateWidthAndResolution) {
  EXPECT_EQ(ReadDcs({}).bit_rate, 2400);
  EXPECT_EQ(ReadDcs(Dcs({12})).bit_rate, 4800);
  EXPECT_EQ(ReadDcs(Dcs({11})).bit_rate, 9600);
  EXPECT_EQ(ReadDcs(Dcs({11, 12})).bit_rate, 7200);
  EXPECT_EQ(ReadDcs(Dcs({14})).bit_rate, 14400);
  EXPECT_EQ(ReadDcs(Dcs({13})).bit_rate, 0);
  EXPECT_EQ(ReadDcs({}).width, T4_WIDTH_R8_A4);
  EXPECT_EQ(ReadDcs(Dcs({17})).width, T4_WIDTH_R8_B4);
  EXPECT_EQ(ReadDcs(Dcs({18})).width, T4_WIDTH_R8_A3);
  EXPECT_EQ(ReadDcs(Dcs({15})).y_resolution, T4_Y_RESOLUTION_FINE);
  EXPECT_EQ(ReadDcs(Dcs({42})).width, T4_WIDTH_300_A4);
  EXPECT_EQ(ReadDcs(Dcs({43, 17})).width, T4_WIDTH_R16_B4);
  EXPECT_EQ(ReadDcs(Dcs({106, 18})).width, T4_WIDTH_1200_A3);
}

TEST(ReadStation, TurnsItRound) {
  const std::string sent = "      4321 03 94+   ";
  EXPECT_EQ(
      ReadStation({reinterpret_cast<const uint8_t*>(sent.data()), sent.size()}),
      "+49 30 1234");
  EXPECT_EQ(ReadStation(Bytes(20, ' ')), "");
  EXPECT_EQ(ReadStation(Bytes{0x1b, 'a'}), "a?");
  EXPECT_EQ(ReadStation(Bytes(300, '1')).size(), 20);
}

}  // namespace
}  // namespace callbraid::collector
