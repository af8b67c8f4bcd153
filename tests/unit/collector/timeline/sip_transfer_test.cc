#include "collector/timeline/sip_transfer.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::optional<SipTransfer> Of(const std::string& start_line,
                              const std::string& more) {
  const std::string text = start_line +
                           "\r\nCall-ID: c\r\nFrom: <sip:103@a>;tag=1\r\n"
                           "To: <sip:101@a>" +
                           more + "\r\n\r\n";
  const auto message = ParseSip(text);
  EXPECT_TRUE(message) << text;
  return message ? TransferIn(*message) : std::nullopt;
}

TEST(TransferIn, ReadsWhomARequestNames) {
  const auto blind = Of("REFER sip:101@b SIP/2.0",
                        ";tag=2\r\nCSeq: 2 REFER\r\n"
                        "Refer-To: \"Dave\" <sip:104@10.0.0.10;user=phone>");
  ASSERT_TRUE(blind);
  EXPECT_EQ(blind->to, "104");
  EXPECT_FALSE(blind->replaces);
  const auto attended = Of("REFER sip:101@b SIP/2.0",
                           ";tag=2\r\nCSeq: 2 REFER\r\n"
                           "r: <sip:104@a?X=1&Replaces=c2%3Bto-tag%3D5>");
  ASSERT_TRUE(attended);
  EXPECT_EQ(attended->to, "104");
  EXPECT_TRUE(attended->replaces);
}

TEST(TransferIn, ReadsWhoTakesACallsPlace) {
  const auto pickup = Of("INVITE sip:101@b SIP/2.0",
                         "\r\nCSeq: 1 INVITE\r\n"
                         "Replaces: c2;to-tag=1;from-tag=2");
  ASSERT_TRUE(pickup);
  EXPECT_EQ(pickup->to, "103");
  EXPECT_TRUE(pickup->replaces);
}

TEST(TransferIn, LeavesAllElse) {
  EXPECT_FALSE(Of("INVITE sip:101@b SIP/2.0", "\r\nCSeq: 1 INVITE"));
  EXPECT_FALSE(Of("REFER sip:101@b SIP/2.0", ";tag=2\r\nCSeq: 2 REFER"));
  EXPECT_FALSE(Of("BYE sip:101@b SIP/2.0",
                  ";tag=2\r\nCSeq: 2 BYE\r\nRefer-To: <sip:104@a>"));
  const auto nobody = Of("REFER sip:101@b SIP/2.0",
                         ";tag=2\r\nCSeq: 2 REFER\r\nRefer-To: <urn:x>");
  ASSERT_TRUE(nobody);
  EXPECT_EQ(nobody->to, "");
}

}  // namespace
}  // namespace callbraid::collector
