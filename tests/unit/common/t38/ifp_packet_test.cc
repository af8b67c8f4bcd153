#include "common/t38/ifp_packet.h"

#include <spandsp.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

using Bytes = std::vector<uint8_t>;
using Type = IfpFieldType;

// What spandsp's encoder makes of fields.
class Encoder {
 public:
  explicit Encoder(int version)
      : core_(t38_core_init(nullptr, OnIndicator, OnData, OnMissing, nullptr,
                            OnPacket, &sent_)) {
    t38_set_t38_version(core_, version);
  }
  ~Encoder() { t38_core_free(core_); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  Bytes Indicator(int indicator) {
    t38_core_send_indicator(core_, indicator);
    return sent_;
  }
  Bytes Data(int data_type, const std::vector<t38_data_field_t>& fields) {
    t38_core_send_data_multi_field(core_, data_type, fields.data(),
                                   static_cast<int>(fields.size()),
                                   T38_PACKET_CATEGORY_IMAGE_DATA);
    return sent_;
  }

 private:
  static int OnIndicator(t38_core_state_t*, void*, int) { return 0; }
  static int OnData(t38_core_state_t*, void*, int, int, const uint8_t*, int) {
    return 0;
  }
  static int OnMissing(t38_core_state_t*, void*, int, int) { return 0; }
  static int OnPacket(t38_core_state_t*, void* sent, const uint8_t* bytes,
                      int size, int) {
    static_cast<Bytes*>(sent)->assign(bytes, bytes + size);
    return 0;
  }

  Bytes sent_;
  t38_core_state_t* core_;
};

TEST(ParseIfp, ReadsEveryIndicatorThatSpandspWrites) {
  for (int indicator = T38_IND_CNG; indicator <= T38_IND_V33_14400_TRAINING;
       ++indicator) {
    Encoder encoder(3);
    const Bytes bytes = encoder.Indicator(indicator);
    const auto packet = ParseIfp(bytes);
    ASSERT_TRUE(packet) << indicator;
    EXPECT_TRUE(packet->is_indicator);
    EXPECT_EQ(packet->type, indicator);
    EXPECT_EQ(packet->size, bytes.size());
  }
}

TEST(ParseIfp, ReadsDataOfEveryEditionThatSpandspWrites) {
  const uint8_t code[] = {0xff, 0xc8, 0x14};
  for (int version = 0; version <= 3; ++version) {
    for (int type = T38_DATA_V21; type <= T38_DATA_V17_14400; ++type) {
      Encoder encoder(version);
      const Bytes bytes =
          encoder.Data(type, {{T38_FIELD_HDLC_DATA, code, sizeof(code)},
                              {T38_FIELD_HDLC_FCS_BAD, nullptr, 0}});
      const auto packet = ParseIfp(bytes);
      ASSERT_TRUE(packet) << "version " << version << ", type " << type;
      EXPECT_FALSE(packet->is_indicator);
      EXPECT_EQ(packet->type, type);
      ASSERT_EQ(packet->field_count, 2);
      EXPECT_EQ(packet->fields[0].type, Type::kHdlcData);
      EXPECT_THAT(packet->fields[0].data, testing::ElementsAreArray(code));
      EXPECT_EQ(packet->fields[1].type, Type::kHdlcFcsBad);
    }
  }
}

TEST(ParseIfp, TellsImageDataOfBothCodings) {
  const uint8_t code[] = {1, 2};
  for (int version = 0; version <= 3; ++version) {
    Encoder encoder(version);
    const Bytes data = encoder.Data(
        T38_DATA_V29_9600, {{T38_FIELD_T4_NON_ECM_DATA, code, sizeof(code)}});
    const auto packet = ParseIfp(data);
    ASSERT_TRUE(packet) << version;
    EXPECT_EQ(packet->fields[0].type, Type::kNonEcmData) << version;
    const Bytes end = encoder.Data(
        T38_DATA_V29_9600, {{T38_FIELD_T4_NON_ECM_SIG_END, nullptr, 0}});
    const auto ended = ParseIfp(end);
    ASSERT_TRUE(ended) << version;
    EXPECT_EQ(ended->fields[0].type, Type::kNonEcmSigEnd) << version;
  }
}

// An end of HDLC may be another one of the other coding, but never none.
TEST(ParseIfp, TakesAnEndOfAFrameForOne) {
  for (int version = 0; version <= 3; ++version) {
    for (const int type :
         {T38_FIELD_HDLC_FCS_OK, T38_FIELD_HDLC_FCS_OK_SIG_END}) {
      Encoder encoder(version);
      const Bytes bytes = encoder.Data(T38_DATA_V21, {{type, nullptr, 0}});
      const auto packet = ParseIfp(bytes);
      ASSERT_TRUE(packet);
      EXPECT_THAT(packet->fields[0].type,
                  testing::AnyOf(Type::kHdlcFcsOk, Type::kHdlcFcsOkSigEnd))
          << "version " << version << ", type " << type;
    }
  }
}

TEST(ParseIfp, ReadsHalfBytesOf1998) {
  // FCS_OK, SIG_END.
  const auto packet = ParseIfp(Bytes{0xc0, 2, 0x21});
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->field_count, 2);
  EXPECT_EQ(packet->fields[0].type, Type::kHdlcFcsOk);
  EXPECT_EQ(packet->fields[1].type, Type::kHdlcSigEnd);
}

TEST(ParseIfp, KnowsWhereAPacketEnds) {
  const Bytes bytes = {0xc0, 1, 0x80, 0, 1, 0xff, 0xc8, 0, 0, 0};
  EXPECT_FALSE(ParseIfp(bytes));
  const auto packet = ParseIfp(bytes, /*to_the_end=*/false);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->size, 7);
}

TEST(ParseIfp, RejectsWhatIsNone) {
  EXPECT_FALSE(ParseIfp({}));
  EXPECT_FALSE(ParseIfp(Bytes{0x80}));              // Indicator with fields.
  EXPECT_FALSE(ParseIfp(Bytes{0x01}));              // No padding.
  EXPECT_FALSE(ParseIfp(Bytes{0x52}));              // Data of type 9.
  EXPECT_FALSE(ParseIfp(Bytes{0xc0}));              // No count.
  EXPECT_FALSE(ParseIfp(Bytes{0xc0, 1}));           // No field.
  EXPECT_FALSE(ParseIfp(Bytes{0xc0, 1, 0x80, 0}));  // No length.
  EXPECT_FALSE(ParseIfp(Bytes{0xc0, 1, 0x80, 0, 4, 1, 2}));  // Too long.
  EXPECT_FALSE(ParseIfp(Bytes(70, 0xff)));
}

TEST(IfpBitRate, IsThatOfTheModem) {
  EXPECT_EQ(IfpBitRate(T38_DATA_V21), 300);
  EXPECT_EQ(IfpBitRate(T38_DATA_V27TER_4800), 4800);
  EXPECT_EQ(IfpBitRate(T38_DATA_V29_9600), 9600);
  EXPECT_EQ(IfpBitRate(T38_DATA_V17_14400), 14400);
  EXPECT_EQ(IfpBitRate(T38_DATA_V34_PRI_CH), 0);
}

}  // namespace
}  // namespace callbraid
