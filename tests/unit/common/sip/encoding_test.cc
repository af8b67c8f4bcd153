#include "common/sip/encoding.h"

#include "gtest/gtest.h"

namespace callbraid {
namespace {

TEST(Encoding, TellsVideo) {
  for (const char* name :
       {"H264", "h263-1998", "VP8", "AV1", "THEORA", "MP2T"}) {
    EXPECT_TRUE(IsVideoEncoding(name)) << name;
    EXPECT_TRUE(CarriesNoAudio(name)) << name;
  }
  for (const char* name : {"", "PCMU", "opus", "H264x", "rtx", "red"}) {
    EXPECT_FALSE(IsVideoEncoding(name)) << name;
  }
}

TEST(Encoding, TellsWhatIsNotHeard) {
  for (const char* name : {"cn", "telephone-event", "X-NSE", "NSE", "rtx",
                           "ULPFEC", "parityfec", "flexfec", "flexfec-03"}) {
    EXPECT_TRUE(CarriesNoAudio(name)) << name;
  }
  // Redundant audio is what it repeats.
  for (const char* name : {"", "PCMA", "G729", "AMR-WB", "red"}) {
    EXPECT_FALSE(CarriesNoAudio(name)) << name;
  }
}

}  // namespace
}  // namespace callbraid
