#include "common/mgcp/mgcp_message.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

constexpr std::string_view kCrcx =
    "CRCX 1204 aaln/1@rgw-2567.whatever.net MGCP 1.0 NCS 1.0\r\n"
    "C: A3C47F21456789F0\r\n"
    "L: p:10, a:PCMU\r\n"
    "M: recvonly\r\n"
    "S: L/rg, L/ci(05/04/08/36,2002,\"Alice\")\r\n"
    "\r\n"
    "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n";

TEST(ParseMgcp, ReadsACommand) {
  const auto message = ParseMgcp(kCrcx);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is_command());
  EXPECT_TRUE(message->Is("CRCX"));
  EXPECT_EQ(message->transaction, 1204u);
  EXPECT_EQ(message->endpoint, "aaln/1@rgw-2567.whatever.net");
  EXPECT_EQ(MgcpParameter(*message, "c"), "A3C47F21456789F0");
  EXPECT_EQ(MgcpParameter(*message, "M"), "recvonly");
  EXPECT_EQ(MgcpParameter(*message, "I"), "");
  EXPECT_TRUE(message->body.starts_with("v=0\r\n"));
}

TEST(ParseMgcp, ReadsAResponse) {
  const auto message = ParseMgcp("200 1204 OK\nI: FDE234C8\n\nv=0\n");
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->is_command());
  EXPECT_EQ(message->code, 200);
  EXPECT_EQ(message->transaction, 1204u);
  EXPECT_EQ(message->comment, "OK");
  EXPECT_EQ(MgcpParameter(*message, "I"), "FDE234C8");
  EXPECT_EQ(message->body, "v=0\n");
}

TEST(ParseMgcp, KnowsNoTransactionWhereTheCaptureMayHaveCutIt) {
  EXPECT_EQ(ParseMgcp("200 394426")->transaction, 0u);
  EXPECT_EQ(ParseMgcp("200 394426 ")->transaction, 394426u);
  EXPECT_EQ(ParseMgcp("200 394426\r\n")->transaction, 394426u);
}

TEST(ParseMgcp, RejectsEveryTruncationOfACommandsFirstLine) {
  const std::string_view line = "NTFY 5 aaln/1@gw MGCP 1.0";
  for (size_t size = 0; size < line.size(); ++size) {
    EXPECT_FALSE(ParseMgcp(line.substr(0, size))) << size << " bytes";
  }
  EXPECT_TRUE(ParseMgcp(line));
}

TEST(LooksLikeMgcp, TellsItFromOtherText) {
  EXPECT_TRUE(LooksLikeMgcpCommand(kCrcx));
  EXPECT_TRUE(LooksLikeMgcpCommand("ntfy 1 a@b mgcp 0.1\r\n"));
  EXPECT_TRUE(LooksLikeMgcpCommand("XABC 1 a@b MGCP 1.0\r\n"));
  EXPECT_TRUE(LooksLikeMgcpResponse("500 999999999\r\n"));
  EXPECT_TRUE(LooksLikeMgcpResponse("000 7\r\n"));
  for (const std::string_view other :
       {"", "CRCX", "CRCX ", "CRCX x a@b MGCP 1.0\r\n", "CRCX 1 a@b\r\n",
        "CRCX 1 a@b SIP/2.0\r\n", "INFO 1 a@b MGCP 1.0\r\n",
        "CRCX 1234567890 a@b MGCP 1.0\r\n", "NOTIFY * HTTP/1.1\r\n",
        "INVITE sip:a@b SIP/2.0\r\n"}) {
    EXPECT_FALSE(LooksLikeMgcpCommand(other)) << other;
  }
  for (const std::string_view other :
       {"", "200", "200 ", "200 OK\r\n", "2000 1\r\n", "20 1\r\n",
        "200 1234567890\r\n", "200 12x OK\r\n"}) {
    EXPECT_FALSE(LooksLikeMgcpResponse(other)) << other;
  }
}

TEST(TakeMgcpMessage, SplitsWhatCameInOneDatagram) {
  const std::string first = "200 2005 OK\r\n";
  const std::string second = "RQNT 1 aaln/1@gw MGCP 1.0\r\nX: 1\r\n";
  const std::string datagram = first + ".\r\n" + second;
  std::string_view rest = datagram;
  EXPECT_EQ(TakeMgcpMessage(rest), first);
  EXPECT_EQ(TakeMgcpMessage(rest), second);
  EXPECT_TRUE(rest.empty());
}

TEST(TakeMgcpEvent, ReadsListsWithBrackets) {
  std::string_view events = "L/hd, D/[0-9*#](N), L/ci(05/04/08/36,2002,), hu@2";
  std::vector<std::string> names;
  std::string arguments;
  while (const auto event = TakeMgcpEvent(events)) {
    names.push_back(std::string(event->package) + ":" +
                    std::string(event->name));
    if (event->Is("ci")) arguments = event->arguments;
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"L:hd", "D:[0-9*#]", "L:ci", ":hu"}));
  EXPECT_EQ(arguments, "05/04/08/36,2002,");
  EXPECT_FALSE(TakeMgcpEvent(events));
}

TEST(TakeMgcpEvent, EndsOnNonsense) {
  for (const std::string_view text :
       {"", " ", "((((", "),),)", ",,,", "a/b/c("}) {
    std::string_view events = text;
    size_t count = 0;
    while (TakeMgcpEvent(events)) ASSERT_LT(++count, 10u) << text;
  }
}

TEST(MgcpDigit, IsOneKey) {
  EXPECT_EQ(MgcpDigit({"D", "5", ""}), '5');
  EXPECT_EQ(MgcpDigit({"d", "b", ""}), 'B');
  EXPECT_EQ(MgcpDigit({"", "#", ""}), '#');
  EXPECT_EQ(MgcpDigit({"D", "T", ""}), '\0');
  EXPECT_EQ(MgcpDigit({"L", "5", ""}), '\0');
  EXPECT_EQ(MgcpDigit({"D", "55", ""}), '\0');
}

TEST(MaskMgcpDigits, MasksWhatWasPressedAndWhatIsPlayed) {
  std::string text =
      "NTFY 5 aaln/5@gw MGCP 1.0\r\nX: 5\r\nO: L/hd, D/5, 7, D/#, L/hu\r\n"
      ".\r\nRQNT 6 aaln/1@gw MGCP 1.0\r\nR: D/[0-9]\r\nS: D/9\r\n";
  MaskMgcpDigits(text);
  EXPECT_EQ(text,
            "NTFY 5 aaln/5@gw MGCP 1.0\r\nX: 5\r\nO: L/hd, D/x, x, D/x, L/hu"
            "\r\n.\r\nRQNT 6 aaln/1@gw MGCP 1.0\r\nR: D/[0-9]\r\nS: D/x\r\n");
  std::string other = "INVITE sip:5@a SIP/2.0\r\nO: D/5\r\n";
  MaskMgcpDigits(other);
  EXPECT_EQ(other, "INVITE sip:5@a SIP/2.0\r\nO: D/5\r\n");
}

TEST(ReadMgcpCaller, ReadsNumberAndName) {
  const MgcpCaller caller = ReadMgcpCaller("05/04/08/36, 2002, \"Alice B\"");
  EXPECT_EQ(caller.number, "2002");
  EXPECT_EQ(caller.name, "Alice B");
  EXPECT_EQ(ReadMgcpCaller("").number, "");
}

TEST(MgcpSummary, SaysWhatItIsAbout) {
  EXPECT_EQ(MgcpSummary(*ParseMgcp("000 7\r\n")), "000");
  EXPECT_EQ(MgcpSummary(*ParseMgcp("NTFY 5 a@gw MGCP 1.0\r\nO: L/hd\r\n")),
            "NTFY a L/hd");
  EXPECT_EQ(MgcpSummary(*ParseMgcp("200 5 OK\r\n\r\nv=0\r\n")), "200 OK (SDP)");
}

}  // namespace
}  // namespace callbraid
