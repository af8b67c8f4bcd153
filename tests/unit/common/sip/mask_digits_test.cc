#include "common/sip/mask_digits.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

std::string Masked(std::string text) {
  const size_t size = text.size();
  MaskSipDigits(text);
  EXPECT_EQ(text.size(), size);
  return text;
}

TEST(MaskSipDigits, MasksTheKeyOfDtmfRelay) {
  EXPECT_EQ(Masked("INFO sip:a SIP/2.0\r\nContent-Type: application/dtmf-relay"
                   "\r\n\r\nSignal=5\r\nDuration=160\r\n"),
            "INFO sip:a SIP/2.0\r\nContent-Type: application/dtmf-relay"
            "\r\n\r\nSignal=x\r\nDuration=160\r\n");
  EXPECT_EQ(Masked("INFO sip:a SIP/2.0\r\nC : APPLICATION/DTMF-Relay\r\n\r\n"
                   "Duration = 160\r\nsignal= 11"),
            "INFO sip:a SIP/2.0\r\nC : APPLICATION/DTMF-Relay\r\n\r\n"
            "Duration = 160\r\nsignal= xx");
}

TEST(MaskSipDigits, MasksABareKey) {
  EXPECT_EQ(Masked("INFO sip:a SIP/2.0\nContent-Type:\n application/dtmf\n\n#"),
            "INFO sip:a SIP/2.0\nContent-Type:\n application/dtmf\n\nx");
}

TEST(MaskSipDigits, MasksKpml) {
  const std::string head =
      "NOTIFY sip:a SIP/2.0\r\nContent-Type: application/kpml-response+xml"
      "\r\n\r\n<?xml version=\"1.0\"?>\r\n<kpml-response version=\"1.0\" ";
  EXPECT_EQ(Masked(head + "digits=\"1A#\" tag=\"3\"/>"),
            head + "digits=\"xxx\" tag=\"3\"/>");
  EXPECT_EQ(Masked(head + "digits = '12' suppressed=\"12\"/>"),
            head + "digits = 'xx' suppressed=\"12\"/>");
  EXPECT_EQ(Masked(head + "digits=\"12"), head + "digits=\"xx");
}

TEST(MaskSipDigits, MasksPartsOfAMultipartBody) {
  EXPECT_EQ(
      Masked("INFO sip:a SIP/2.0\r\nContent-Type: multipart/mixed;boundary=b"
             "\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n5\r\n"
             "--b\r\nContent-Type: application/dtmf\r\n\r\n5\r\n"
             "--b\r\nContent-Type: text/plain\r\n\r\n6\r\n--b--\r\n"),
      "INFO sip:a SIP/2.0\r\nContent-Type: multipart/mixed;boundary=b"
      "\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n5\r\n"
      "--b\r\nContent-Type: application/dtmf\r\n\r\nx\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\n6\r\n--b--\r\n");
}

TEST(MaskSipDigits, MasksWhatVendorsHave) {
  EXPECT_EQ(Masked("INFO sip:a SIP/2.0\r\n"
                   "Content-Type: application/vnd.nortelnetworks.digits\r\n\r\n"
                   "p=Digit-Collection\r\nd=Signal=5\r\n"),
            "INFO sip:a SIP/2.0\r\n"
            "Content-Type: application/vnd.nortelnetworks.digits\r\n\r\n"
            "p=xxxxxxxxxxxxxxxx\r\nd=xxxxxxxx\r\n");
  EXPECT_EQ(Masked("NOTIFY sip:a SIP/2.0\r\n"
                   "Content-Type: audio/telephone-event\r\n\r\n"
                   "\x05\x80\x07\xd0"),
            "NOTIFY sip:a SIP/2.0\r\nContent-Type: audio/telephone-event"
            "\r\n\r\nxxxx");
}

TEST(MaskSipDigits, LeavesAllElse) {
  for (const std::string text :
       {"", "\r\n\r\n",
        "INVITE sip:5@a SIP/2.0\r\nContent-Type: "
        "application/sdp\r\n\r\nv=0\r\na=rtpmap:101 "
        "telephone-event/8000\r\n",
        "INFO sip:5@a SIP/2.0\r\nContent-Type: application/dtmf\r\nSubject: 5",
        "INFO sip:a SIP/2.0\r\nX-Content-Type: application/dtmf\r\n\r\n5"}) {
    EXPECT_EQ(Masked(text), text);
  }
}

}  // namespace
}  // namespace callbraid
