#include "sensor/signalling/asked_for.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

// An INVITE from 101 to 102, sent to the number 103, with more headers.
bool Asks(const AskedFor& asked_for, const std::string& headers = "") {
  const std::string text =
      "INVITE sip:103@10.0.0.2 SIP/2.0\r\nCall-ID: 1\r\n"
      "From: \"104\" <sip:101@10.0.0.1>;tag=1\r\nTo: <sip:102@10.0.0.2>\r\n" +
      headers + "CSeq: 1 INVITE\r\n\r\n";
  const auto message = ParseSip(text);
  EXPECT_TRUE(message);
  return message && asked_for.Asks(*message);
}

TEST(AskedFor, IsEverybodyWithoutNumbers) { EXPECT_TRUE(Asks(AskedFor({}))); }

TEST(AskedFor, IsWhoCallsWhoIsCalledAndWhoIsDialled) {
  EXPECT_TRUE(Asks(AskedFor({"101"})));
  EXPECT_TRUE(Asks(AskedFor({"999", "102"})));
  EXPECT_TRUE(Asks(AskedFor({"103"})));
  EXPECT_FALSE(Asks(AskedFor({"104"}))) << "a display name is no number";
  EXPECT_FALSE(Asks(AskedFor({"10", "1010", "+101"})));
}

TEST(AskedFor, MayBeABeginning) {
  EXPECT_TRUE(Asks(AskedFor({"10*"})));
  EXPECT_TRUE(Asks(AskedFor({"*"})));
  EXPECT_FALSE(Asks(AskedFor({"+4930*", "11*"})));
}

TEST(AskedFor, IsWhoIsBehindTheNumberOrWasMeantBefore) {
  const AskedFor asked_for({"+4930*"});
  EXPECT_TRUE(
      Asks(asked_for, "P-Asserted-Identity: <sip:200@h>, <tel:+49301234>\r\n"));
  EXPECT_TRUE(Asks(asked_for,
                   "Diversion: <sip:200@h>;reason=busy\r\n"
                   "Diversion: <sip:+49305@h>;reason=unconditional\r\n"));
  EXPECT_FALSE(Asks(asked_for, "P-Asserted-Identity: <sip:4930@h>\r\n"));
  EXPECT_FALSE(Asks(asked_for, "Contact: <sip:+49301@h>\r\n"));
  EXPECT_FALSE(Asks(asked_for, "Diversion: ,,,\r\nDiversion:\r\n"));
}

}  // namespace
}  // namespace callbraid::sensor
