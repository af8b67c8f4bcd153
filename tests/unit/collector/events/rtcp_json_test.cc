#include "collector/events/rtcp_json.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

// A sender report with one block, and a receiver report without any.
std::vector<uint8_t> Compound() {
  return {0x81, 200,  0,    12,                         //
          0,    0,    0,    7,                          // SSRC
          0x83, 0xaa, 0x7e, 0x80, 0x80, 0, 0,    0,     // NTP: .5 s
          0,    0,    1,    0,                          // RTP timestamp
          0,    0,    0,    50,   0,    0, 0x1f, 0x40,  // packets, octets
          0,    0,    0,    9,                          // of source 9
          26,   0xff, 0xff, 0xfe,                       // lost -2
          0,    0,    4,    0,                          // highest
          0,    0,    0,    80,                         // jitter
          0,    0,    0,    5,    0,    0, 0,    6,     // LSR, DLSR
          0x80, 201,  0,    1,    0,    0, 0,    7};
}

TEST(RtcpToJson, HasWhatTheReportSays) {
  EXPECT_EQ(RtcpToJson(Compound()).value_or(""),
            R"({"sender_information":{"ntp_timestamp_sec":2208988800,)"
            R"("ntp_timestamp_usec":500000,"octets":8000,"rtp_timestamp":256,)"
            R"("packets":50},"ssrc":7,"type":200,"report_count":1,)"
            R"("report_blocks":[{"source_ssrc":9,"highest_seq_no":1024,)"
            R"("fraction_lost":26,"ia_jitter":80,"packets_lost":-2,"lsr":5,)"
            R"("dlsr":6}]})");
}

TEST(RtcpToJson, OfAReceiverReportHasNoSender) {
  const auto bytes = Compound();
  EXPECT_EQ(RtcpToJson(std::span(bytes).last(8)).value_or(""),
            R"({"ssrc":7,"type":201,"report_count":0,"report_blocks":[]})");
}

TEST(RtcpToJson, RejectsEveryTruncation) {
  const auto bytes = Compound();
  for (size_t size = 0; size < 52; ++size) {
    EXPECT_FALSE(RtcpToJson(std::span(bytes).first(size))) << size;
  }
}

TEST(RtcpToJson, RejectsWhatIsEncryptedOrAnotherKind) {
  auto srtcp = Compound();
  srtcp.insert(srtcp.end(), {0x80, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_FALSE(RtcpToJson(srtcp));
  auto bye = Compound();
  bye[1] = 203;
  EXPECT_FALSE(RtcpToJson(bye));
  auto version = Compound();
  version[0] = 0x41;
  EXPECT_FALSE(RtcpToJson(version));
}

// A count that is higher than there is room for in the packet.
TEST(RtcpToJson, ReadsNoFurtherThanThereIs) {
  auto bytes = Compound();
  bytes[0] = 0x9f;
  EXPECT_FALSE(RtcpToJson(bytes));
}

}  // namespace
}  // namespace callbraid::collector
