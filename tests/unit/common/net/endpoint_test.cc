#include "common/net/endpoint.h"

#include "absl/hash/hash.h"
#include "callbraid/v1/frame.pb.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

TEST(IpAddress, WritesWhatItParsed) {
  for (const char* text :
       {"0.0.0.0", "10.1.2.3", "255.255.255.255", "::", "2001:db8::1"}) {
    const auto address = IpAddress::Parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->ToString(), text);
  }
  EXPECT_EQ(IpAddress::Parse("[2001:db8::1]"), IpAddress::Parse("2001:db8::1"));
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "10.1.2", "10.1.2.3.4", "pbx.example", "[::1",
                           "1234567890123456789012345678901234567890123456"}) {
    EXPECT_FALSE(IpAddress::Parse(text)) << text;
  }
}

TEST(IpAddress, TreatsAMappedAddressAsIpv4) {
  const auto mapped = IpAddress::Parse("::ffff:10.0.0.1");
  EXPECT_EQ(mapped, IpAddress::Parse("10.0.0.1"));
  EXPECT_TRUE(mapped->is_v4());
  EXPECT_EQ(mapped->bytes().size(), 4u);
}

TEST(IpAddress, KnowsSpecialAddresses) {
  EXPECT_TRUE(IpAddress().is_unspecified());
  EXPECT_TRUE(IpAddress::Parse("::")->is_unspecified());
  EXPECT_TRUE(IpAddress::Parse("239.1.2.3")->is_multicast());
  EXPECT_TRUE(IpAddress::Parse("ff02::1")->is_multicast());
  EXPECT_FALSE(IpAddress::Parse("223.255.0.1")->is_multicast());
}

TEST(IpAddress, KnowsWhatMeansSomethingInOneSiteOnly) {
  for (const char* text :
       {"10.0.0.1", "127.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.1.1",
        "169.254.1.1", "100.64.0.1", "100.127.0.1", "::1", "fe80::1", "fd00::1",
        "fc00::1"}) {
    EXPECT_TRUE(IpAddress::Parse(text)->is_private()) << text;
  }
  for (const char* text :
       {"11.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "100.63.0.1",
        "100.128.0.1", "203.0.113.5", "2001:db8::1", "fec0::1", "::2"}) {
    EXPECT_FALSE(IpAddress::Parse(text)->is_private()) << text;
  }
}

TEST(Endpoint, SurvivesItsProtoForm) {
  for (const char* text : {"192.0.2.9", "2001:db8::9"}) {
    const Endpoint endpoint{*IpAddress::Parse(text), 5060};
    EXPECT_EQ(FromProto(ToProto(endpoint)), endpoint);
  }
}

TEST(Endpoint, RefusesAProtoOutOfRange) {
  v1::Endpoint proto;
  proto.set_address("12345");
  EXPECT_FALSE(FromProto(proto));
  proto.set_address("1234");
  proto.set_port(65536);
  EXPECT_FALSE(FromProto(proto));
}

TEST(Endpoint, PutsIpv6InBrackets) {
  EXPECT_EQ((Endpoint{*IpAddress::Parse("::1"), 80}).ToString(), "[::1]:80");
  EXPECT_EQ((Endpoint{*IpAddress::Parse("1.2.3.4"), 80}).ToString(),
            "1.2.3.4:80");
}

}  // namespace
}  // namespace callbraid
