#include "collector/query/call_rtcp.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

const std::string kReport = Bytes({0x81, 201, 0, 7,   // RR of one source.
                                   0,    0,   0, 1,   // Who says it.
                                   0,    0,   0, 2,   // Of whom.
                                   64,   0,   0, 9,   // A quarter; nine.
                                   0,    0,   1, 0,   // Highest.
                                   0,    0,   0, 25,  // Jitter.
                                   0,    0,   0, 0,  0, 0, 0, 0});
const std::string kSdes = Bytes({0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, 'a', 0});
const std::string kBye = Bytes({0x81, 203, 0, 1, 0, 0, 0, 1});

TEST(SummaryOfRtcp, SaysWhatThePacketsAre) {
  EXPECT_EQ(SummaryOfRtcp(kReport + kSdes),
            "RR SDES: 25.0 % lost, 9 packets, jitter 25 units");
  EXPECT_EQ(SummaryOfRtcp(kSdes + kBye), "SDES BYE");
  // Copies outnumber what was lost.
  std::string fewer = kReport;
  fewer.replace(12, 4, Bytes({0, 0xff, 0xff, 0xfe}));
  EXPECT_EQ(SummaryOfRtcp(fewer),
            "RR: 0.0 % lost, -2 packets, jitter 25 units");
}

TEST(SummaryOfRtcp, TakesWhatIsEncryptedOrCut) {
  EXPECT_EQ(SummaryOfRtcp(""), "");
  EXPECT_EQ(SummaryOfRtcp("x"), "?");
  // An encrypted body, index and tag.
  EXPECT_EQ(SummaryOfRtcp(kBye + Bytes({0x80, 0, 0, 1, 7, 7})), "BYE SRTCP");
  for (size_t size = 0; size < kReport.size(); ++size) {
    SummaryOfRtcp(kReport.substr(0, size));
  }
}

}  // namespace
}  // namespace callbraid::collector
