#include "common/sip/sip_message.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

const std::string kInvite =
    "INVITE sip:103@10.0.0.10 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-1;rport\r\n"
    "Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK-older\r\n"
    "From: \"Alice \\\"A\\\" <x>\" <sip:101:pw@10.0.0.10;a=b>;tag=f1\r\n"
    "To: <sip:103@10.0.0.10>\r\n"
    "Call-ID: abc@10.0.0.1\r\n"
    "CSeq: 7 INVITE\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 5\r\n"
    "\r\n"
    "v=0\r\ntrailing";

TEST(ParseSip, ReadsARequest) {
  const auto message = ParseSip(kInvite);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is_request());
  EXPECT_EQ(message->method, "INVITE");
  EXPECT_EQ(message->request_uri, "sip:103@10.0.0.10");
  EXPECT_EQ(message->via_branch, "z9hG4bK-1");
  EXPECT_EQ(message->from.user, "101");
  EXPECT_EQ(message->from.tag, "f1");
  EXPECT_EQ(message->from.display_name, "Alice \\\"A\\\" <x>");
  EXPECT_EQ(message->to.user, "103");
  EXPECT_EQ(message->to.tag, "");
  EXPECT_EQ(message->call_id, "abc@10.0.0.1");
  EXPECT_EQ(message->cseq, 7u);
  EXPECT_EQ(message->cseq_method, "INVITE");
  EXPECT_EQ(message->body, "v=0\r\n") << "cut to Content-Length";
}

TEST(ParseSip, ReadsCompactFoldedAndOddlySpacedHeaders) {
  const auto message = ParseSip(
      "\r\n\r\nSIP/2.0 200 OK\r\n"
      "v  : SIP/2.0/UDP h ; branch = z9hG4bK77\r\n"
      "f:\tsip:a@b;tag=1\r\n"
      "t: <tel:+49-30-1;phone-context=x>\r\n"
      " ;tag=2\r\n"
      "i: id\r\n"
      "cseq: 1\r\n"
      "  INVITE\r\n"
      "\r\n");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->status, 200);
  EXPECT_EQ(message->reason, "OK");
  EXPECT_EQ(message->via_branch, "z9hG4bK77");
  EXPECT_EQ(message->from.tag, "1");
  EXPECT_EQ(message->from.uri, "sip:a@b");
  EXPECT_EQ(message->to.user, "+49-30-1");
  EXPECT_EQ(message->to.tag, "2");
  EXPECT_EQ(message->cseq_method, "INVITE");
}

// RFC 4475, section 3.1.2.6.
TEST(ParseSipAddress, FindsTheUriBehindAQuoteWithoutEnd) {
  const SipAddress address =
      ParseSipAddress("\"Miss A. User <sip:user@example.com>;tag=7");
  EXPECT_EQ(address.user, "user");
  EXPECT_EQ(address.display_name, "");
  EXPECT_EQ(address.tag, "7");
  EXPECT_EQ(ParseSipAddress("\"no uri").uri, "\"no uri");
}

TEST(ParseSip, NeverFailsOnAnyTruncation) {
  for (size_t size = 0; size <= kInvite.size(); ++size) {
    const auto message = ParseSip(kInvite.substr(0, size));
    if (size < 60) {
      EXPECT_FALSE(message) << size;
    }
  }
}

TEST(ParseSip, RefusesWhatIsNotSip) {
  for (const char* text :
       {"", "\r\n\r\n", "INVITE\r\n\r\n", "INVITE sip:a HTTP/1.1\r\n\r\n",
        "SIP/2.0 99 Low\r\n\r\n", "SIP/2.0 abc\r\n\r\n",
        "SIP/3.0 200 OK\r\n\r\n", "INV@TE sip:a SIP/2.0\r\n\r\n",
        "INVITE sip:a SIP/2.0\r\nCall-ID: x\r\n\r\n"}) {
    EXPECT_FALSE(ParseSip(text)) << text;
  }
}

// RFC 4475, sections 3.1.2.10 and 3.1.2.19.
TEST(LooksLikeSip, TakesBlanksBehindTheVersionAndNoLongCodes) {
  EXPECT_TRUE(LooksLikeSip("OPTIONS sip:b@example.com SIP/2.0  \r\n"));
  EXPECT_FALSE(LooksLikeSip("SIP/2.0 4294967301 better not break\r\n"));
  EXPECT_TRUE(LooksLikeSip("SIP/2.0 200\r\nCall-ID: 1\r\n"));
  EXPECT_TRUE(LooksLikeSip("SIP/2.0 200OK\r\nCall-ID: 1\r\n"));
}

TEST(LooksLikeSip, DecidesByTheStartLine) {
  EXPECT_TRUE(LooksLikeSip("SIP/2.0 100 Trying\r\n"));
  EXPECT_TRUE(LooksLikeSip("OPTIONS sip:a@b SIP/2.0\r\n"));
  EXPECT_FALSE(LooksLikeSip("GET / HTTP/1.1\r\n"));
  EXPECT_FALSE(LooksLikeSip("\r\n\r\n"));
}

TEST(SipMessageLength, CountsHeaderAndBody) {
  EXPECT_EQ(SipMessageLength("A b SIP/2.0\r\nl: 3\r\n\r\nxyzNEXT"), 24u);
  EXPECT_EQ(SipMessageLength("A b SIP/2.0\r\n\r\n"), 15u);
  EXPECT_FALSE(SipMessageLength("A b SIP/2.0\r\nl: 3\r\n"));
}

TEST(SdpBody, FindsThePartOfAMultipartBody) {
  const std::string body =
      "--b1\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n"
      "--b1\r\nContent-Type: application/SDP; x=y\r\n\r\nv=0\r\ns=-\r\n"
      "--b1--\r\n";
  const std::string text =
      "INVITE sip:a SIP/2.0\r\nCall-ID: x\r\nFrom: sip:a\r\nTo: sip:b\r\n"
      "CSeq: 1 INVITE\r\nContent-Type: multipart/mixed;boundary=\"b1\"\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  const auto message = ParseSip(text);
  ASSERT_TRUE(message);
  EXPECT_EQ(SdpBody(*message), "v=0\r\ns=-");
}

TEST(FindHeader, KnowsLongAndCompactNames) {
  const std::string headers = "X-Cid: 1\r\nk: 100rel\r\n";
  EXPECT_EQ(FindHeader(headers, "x-cid"), "1");
  EXPECT_EQ(FindHeader(headers, "Supported", 'k'), "100rel");
  EXPECT_FALSE(FindHeader(headers, "Subject", 's'));
}

}  // namespace
}  // namespace callbraid
