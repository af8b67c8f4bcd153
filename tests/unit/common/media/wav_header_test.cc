#include "common/media/wav_header.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

std::string Hex(const std::string& bytes) {
  std::string hex;
  for (const char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(byte) >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

TEST(WavHeader, SaysWhatFollows) {
  // As sox writes it: 16 kHz, 2 channels, 3200 bytes.
  EXPECT_EQ(Hex(WavHeader(16000, 2, 3200)),
            "52494646"
            "a40c0000"
            "57415645666d7420"
            "10000000"
            "01000200"
            "803e0000"
            "00fa0000"
            "04001000"
            "64617461"
            "800c0000");
}

TEST(WavHeader, NamesTheLargestSizeWhereNoneIsKnown) {
  const std::string header = WavHeader(8000, 2, std::nullopt);
  EXPECT_EQ(Hex(header.substr(4, 4)), "ffffffff");
  EXPECT_EQ(Hex(header.substr(40)), "ffffffff");
}

}  // namespace
}  // namespace callbraid
