#include "sensor/decap/other_signalling.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

v1::SignallingProtocol Of(Protocol protocol, uint16_t port,
                          std::string_view payload) {
  Datagram datagram;
  datagram.protocol = protocol;
  datagram.flow.source.port = 40000;
  datagram.flow.destination.port = port;
  datagram.payload = {reinterpret_cast<const uint8_t*>(payload.data()),
                      payload.size()};
  return OtherSignallingOf(datagram);
}

constexpr std::string_view kSetup("\x03\0\0\x20\x08\x02\0\1\x05", 9);
constexpr std::string_view kNew("\x80\x04\0\0\0\0\0\1\0\0\x06\x01", 12);

TEST(OtherSignallingOf, NamesWhatIsNotRead) {
  EXPECT_EQ(Of(Protocol::kUdp, 4569, kNew), v1::SIGNALLING_PROTOCOL_IAX2);
  EXPECT_EQ(Of(Protocol::kUdp, 2944, "MEGACO/1 [10.0.0.1]"),
            v1::SIGNALLING_PROTOCOL_MEGACO);
  EXPECT_EQ(Of(Protocol::kUdp, 2944, "!/1 [10.0.0.1]"),
            v1::SIGNALLING_PROTOCOL_MEGACO);
  EXPECT_EQ(
      Of(Protocol::kTcp, 2944, std::string_view("\x03\0\0\x17MEGACO/1 x", 14)),
      v1::SIGNALLING_PROTOCOL_MEGACO);
}

TEST(OtherSignallingOf, GoesByPortAndBytes) {
  const auto none = v1::SIGNALLING_PROTOCOL_UNSPECIFIED;
  EXPECT_EQ(Of(Protocol::kUdp, 4570, kNew), none);
  EXPECT_EQ(Of(Protocol::kUdp, 4569, "\x04 mini frame of speech"), none);
  EXPECT_EQ(Of(Protocol::kUdp, 2944, "INVITE sip:a@b SIP/2.0"), none);
  // H.323 is read.
  EXPECT_EQ(Of(Protocol::kTcp, 1720, kSetup), none);
  for (size_t size = 0; size <= kSetup.size(); ++size) {
    EXPECT_EQ(Of(Protocol::kTcp, 2944, kSetup.substr(0, size)), none);
  }
}

}  // namespace
}  // namespace callbraid::sensor
