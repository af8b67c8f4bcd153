#include "common/sip/sdp.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

TEST(ParseSdp, ReadsAnAudioOffer) {
  const auto sdp = ParseSdp(
      "v=0\r\no=- 1 2 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
      "m=audio 4000 RTP/AVP 8 0 96 101\r\na=rtpmap:96 opus/48000/2\r\n"
      "a=fmtp:96 useinbandfec=1\r\na=rtpmap:101 telephone-event/8000\r\n"
      "a=ptime:30\r\na=sendonly\r\n");
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->origin, "- 1 2 IN IP4 10.0.0.1");
  ASSERT_EQ(sdp->media.size(), 1u);
  const SdpMediaLine& line = sdp->media[0];
  EXPECT_EQ(line.rtp.ToString(), "10.0.0.1:4000");
  EXPECT_EQ(line.rtcp.ToString(), "10.0.0.1:4001");
  EXPECT_EQ(line.direction, SdpDirection::kSendOnly);
  EXPECT_EQ(line.ptime_ms, 30u);
  ASSERT_EQ(line.payloads.size(), 4u);
  EXPECT_EQ(line.payloads[0].name, "PCMA");
  EXPECT_EQ(line.payloads[2].name, "opus");
  EXPECT_EQ(line.payloads[2].clock_rate, 48000u);
  EXPECT_EQ(line.payloads[2].channels, 2u);
  EXPECT_EQ(line.payloads[2].fmtp, "useinbandfec=1");
  EXPECT_FALSE(line.encrypted);
}

TEST(ParseSdp, LetsAMediaLineOverrideTheSession) {
  const auto sdp = ParseSdp(
      "v=0\nc=IN IP4 10.0.0.1\na=inactive\n"
      "m=audio 4000 RTP/AVP 0\nc=IN IP6 2001:db8::7\na=rtcp-mux\na=sendrecv\n"
      "m=video 0 RTP/AVP 99\n");
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->media[0].rtp.ToString(), "[2001:db8::7]:4000");
  EXPECT_EQ(sdp->media[0].rtcp, sdp->media[0].rtp);
  EXPECT_EQ(sdp->media[0].direction, SdpDirection::kSendRecv);
  EXPECT_EQ(sdp->media[1].rtp.port, 0);
  EXPECT_EQ(sdp->media[1].direction, SdpDirection::kInactive);
}

TEST(ParseSdp, ReadsRtcpAttribute) {
  const auto sdp = ParseSdp(
      "v=0\nc=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 0\n"
      "a=rtcp:5001 IN IP4 10.0.0.2\n");
  EXPECT_EQ(sdp->media[0].rtcp.ToString(), "10.0.0.2:5001");
}

TEST(ParseSdp, SeesEncryption) {
  EXPECT_TRUE(ParseSdp("v=0\nm=audio 1 RTP/SAVP 0\n")->media[0].encrypted);
  EXPECT_TRUE(ParseSdp("v=0\nm=audio 1 RTP/AVP 0\na=crypto:1 A inline:x\n")
                  ->media[0]
                  .encrypted);
  EXPECT_TRUE(ParseSdp("v=0\na=fingerprint:sha-1 00\nm=audio 1 RTP/AVP 0\n")
                  ->media[0]
                  .encrypted);
}

TEST(ParseSdp, KeepsHowKeysAreAgreedOn) {
  const auto sdp = ParseSdp(
      "v=0\na=fingerprint:sha-256 00\nm=audio 1 UDP/TLS/RTP/SAVPF 0\n"
      "a=crypto:1 A inline:x\na=crypto:2 B inline:y\nm=audio 2 RTP/AVP 0\n"
      "a=zrtp-hash:1.10 fe30\n");
  EXPECT_TRUE(sdp->media[0].has_fingerprint);
  EXPECT_FALSE(sdp->media[0].has_zrtp_hash);
  EXPECT_EQ(sdp->media[0].crypto,
            (std::vector<std::string>{"1 A inline:x", "2 B inline:y"}));
  EXPECT_TRUE(sdp->media[1].has_zrtp_hash);
  EXPECT_TRUE(sdp->media[1].crypto.empty());
  std::string flood = "v=0\nm=audio 1 RTP/SAVP 0\n";
  for (int i = 0; i < 100; ++i) flood += "a=crypto:1 A inline:x\n";
  EXPECT_EQ(ParseSdp(flood)->media[0].crypto.size(), 16u);
}

std::vector<std::string> Candidates(const std::string& attributes) {
  const auto sdp = ParseSdp(
      "v=0\r\nc=IN IP4 198.51.100.9\r\n"
      "m=audio 30000 UDP/TLS/RTP/SAVPF 111\r\n" +
      attributes);
  std::vector<std::string> candidates;
  for (const Endpoint& candidate : sdp->media[0].candidates) {
    candidates.push_back(candidate.ToString());
  }
  return candidates;
}

// RFC 8839, section 5.1, by a browser and by a phone.
TEST(ParseSdp, ReadsTheCandidatesOfIce) {
  EXPECT_EQ(
      Candidates("a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host\r\n"
                 "a=candidate:2 1 udp 1694498815 192.0.2.3 45664 typ srflx "
                 "raddr 10.0.1.1 rport 8998 generation 0\r\n"
                 "a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host\r\n"
                 "a=candidate:H1 1 UDP 2130706430 2001:db8::7 9000 typ host\r\n"
                 // The relay is the default.
                 "a=candidate:3 1 UDP 1 198.51.100.9 30000 typ relay raddr "
                 "192.0.2.3 rport 45664\r\n"),
      (std::vector<std::string>{"10.0.1.1:8998", "192.0.2.3:45664",
                                "[2001:db8::7]:9000"}));
}

TEST(ParseSdp, PassesOverCandidatesThatNameNoEndpointOfRtp) {
  EXPECT_TRUE(
      Candidates(
          "a=candidate:1 2 UDP 2130706430 10.0.1.1 8999 typ host\r\n"
          "a=candidate:1 1 TCP 2105458943 10.0.1.1 9 typ host tcptype active"
          "\r\n"
          "a=candidate:1 1 UDP 2113937151 b0b5-77.local 50000 typ host\r\n"
          "a=candidate:1 1 UDP 1 0.0.0.0 8998 typ host\r\n"
          "a=candidate:1 1 UDP 1 10.0.1.1 0 typ host\r\n"
          "a=candidate:1 1 UDP 1 10.0.1.1 65536 typ host\r\n"
          "a=candidate:1 1 UDP 1 10.0.1.1\r\na=candidate:\r\na=candidate:1\r\n")
          .empty());
  std::string flood;
  for (int port = 1; port < 100; ++port) {
    flood += "a=candidate:1 1 UDP 1 10.0.1.1 " + std::to_string(port) +
             " typ host\r\n";
  }
  EXPECT_EQ(Candidates(flood).size(), 8u);
}

TEST(ParseSdp, KeepsTheCandidatesOfEachLine) {
  const auto sdp = ParseSdp(
      "v=0\nc=IN IP4 0.0.0.0\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\n"
      "a=candidate:1 1 UDP 1 10.0.1.1 4000 typ host\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96\n"
      "a=candidate:1 1 UDP 1 10.0.1.1 4002 typ host\n");
  ASSERT_TRUE(sdp);
  ASSERT_EQ(sdp->media.size(), 2u);
  EXPECT_EQ(sdp->media[0].candidates,
            (std::vector<Endpoint>{{*IpAddress::Parse("10.0.1.1"), 4000}}));
  EXPECT_EQ(sdp->media[1].candidates,
            (std::vector<Endpoint>{{*IpAddress::Parse("10.0.1.1"), 4002}}));
}

TEST(ParseSdp, KeepsHoldAndNamesApart) {
  EXPECT_TRUE(ParseSdp("v=0\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n")
                  ->media[0]
                  .rtp.address.is_unspecified());
  EXPECT_TRUE(ParseSdp("v=0\nc=IN IP4 pbx.example\nm=audio 4000 RTP/AVP 0\n")
                  ->media[0]
                  .rtp.address.is_unspecified());
}

TEST(ParseSdp, IsBoundedAndSkipsNonsense) {
  std::string text = "v=0\nm=\nm=audio x RTP/AVP 0\nqq\na=rtpmap:\n";
  for (int i = 0; i < 1000; ++i) text += "m=audio 5000 RTP/AVP 0 999 -1 z\n";
  const auto sdp = ParseSdp(text);
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->media.size(), 32u);
  EXPECT_EQ(sdp->media[0].payloads.size(), 1u);
}

TEST(ParseSdp, RefusesWhatHasNoVersionOrNoMedia) {
  EXPECT_FALSE(ParseSdp(""));
  EXPECT_FALSE(ParseSdp("v=0\ns=-\n"));
  EXPECT_FALSE(ParseSdp("m=audio 1 RTP/AVP 0\n"));
}

}  // namespace
}  // namespace callbraid
