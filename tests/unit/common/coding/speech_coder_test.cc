#include "common/coding/speech_coder.h"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "common/coding/companding.h"
#include "common/coding/range_coder.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

using Bytes = std::vector<uint8_t>;

std::string Encoded(const CompandingLaw& law, const Bytes& codes) {
  std::string coded;
  EncodeSpeech(law, codes, coded);
  return coded;
}

Bytes Decoded(const CompandingLaw& law, const std::string& coded,
              size_t count) {
  std::string codes;
  DecodeSpeech(law,
               {reinterpret_cast<const uint8_t*>(coded.data()), coded.size()},
               count, codes);
  return {codes.begin(), codes.end()};
}

// Two notes that come and go, as a voice does.
Bytes Voice(const CompandingLaw& law, size_t count) {
  Bytes codes;
  for (size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / 8000;
    const double loudness = 4000 * (1 + std::sin(6 * t));
    codes.push_back(law.CodeAt(law.Nearest(static_cast<int16_t>(
        loudness * (std::sin(900 * t) + 0.4 * std::sin(3100 * t))))));
  }
  return codes;
}

Bytes Noise(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Bytes codes(count);
  for (uint8_t& code : codes) code = static_cast<uint8_t>(random());
  return codes;
}

// G.711, tables 1 and 2, as 16 bits.
TEST(CompandingLaw, HasTheAmplitudesOfTheStandard) {
  const CompandingLaw& mu = CompandingLaw::MuLaw();
  EXPECT_EQ(mu.AmplitudeAt(mu.PlaceOf(0x00)), -32124);
  EXPECT_EQ(mu.AmplitudeAt(mu.PlaceOf(0x80)), 32124);
  EXPECT_EQ(mu.AmplitudeAt(mu.PlaceOf(0xff)), 0);
  EXPECT_EQ(mu.AmplitudeAt(mu.PlaceOf(0xfe)), 8);
  const CompandingLaw& a = CompandingLaw::ALaw();
  EXPECT_EQ(a.AmplitudeAt(a.PlaceOf(0xd5)), 8);
  EXPECT_EQ(a.AmplitudeAt(a.PlaceOf(0x55)), -8);
  EXPECT_EQ(a.AmplitudeAt(a.PlaceOf(0xaa)), 32256);
  EXPECT_EQ(a.AmplitudeAt(a.PlaceOf(0x2a)), -32256);
}

TEST(CompandingLaw, OrdersAllCodesByAmplitude) {
  for (const CompandingLaw* law :
       {&CompandingLaw::MuLaw(), &CompandingLaw::ALaw()}) {
    for (int place = 0; place < 256; ++place) {
      const auto at = static_cast<uint8_t>(place);
      EXPECT_EQ(law->PlaceOf(law->CodeAt(at)), at);
      if (place > 0) {
        EXPECT_LE(law->AmplitudeAt(static_cast<uint8_t>(place - 1)),
                  law->AmplitudeAt(at));
      }
    }
  }
}

TEST(CompandingLaw, FindsTheNearestPlace) {
  for (const CompandingLaw* law :
       {&CompandingLaw::MuLaw(), &CompandingLaw::ALaw()}) {
    for (int amplitude = -32768; amplitude < 32768; amplitude += 4) {
      const auto off = [&](int place) {
        return std::abs(law->AmplitudeAt(static_cast<uint8_t>(place)) -
                        amplitude);
      };
      const int nearest = law->Nearest(static_cast<int16_t>(amplitude));
      if (nearest > 0) {
        EXPECT_LE(off(nearest), off(nearest - 1)) << amplitude;
      }
      if (nearest < 255) {
        EXPECT_LE(off(nearest), off(nearest + 1)) << amplitude;
      }
    }
  }
}

// Bits that are nearly all ones keep the low end near a carry.
TEST(RangeCoder, CarriesThroughManyBytes) {
  for (const unsigned one_in : {2u, 3u, 50u, 5000u}) {
    std::mt19937 random(one_in);
    std::vector<bool> bits(50'000);
    for (size_t i = 0; i < bits.size(); ++i) bits[i] = random() % one_in != 0;
    std::string coded = "before";
    {
      RangeEncoder encoder(coded);
      BitModel model;
      for (const bool bit : bits) encoder.Code(bit, model);
      encoder.Finish();
    }
    ASSERT_EQ(coded.substr(0, 6), "before");
    const Bytes bytes(coded.begin() + 6, coded.end());
    RangeDecoder decoder(bytes);
    BitModel model;
    for (size_t i = 0; i < bits.size(); ++i) {
      ASSERT_EQ(decoder.Code(false, model), bits[i]) << one_in << " " << i;
    }
    if (one_in == 50) {
      EXPECT_LT(bytes.size(), 50'000 * 0.15 / 8);
    }
  }
}

TEST(SpeechCoder, GivesBackWhatWasCoded) {
  for (const CompandingLaw* law :
       {&CompandingLaw::MuLaw(), &CompandingLaw::ALaw()}) {
    for (const size_t count : {0u, 1u, 39u, 40u, 41u, 160u, 4000u, 20'000u}) {
      for (const Bytes& codes :
           {Voice(*law, count), Noise(count, 1), Bytes(count, 0xd5),
            Bytes(count, 0x00), Bytes(count, 0x80)}) {
        EXPECT_TRUE(Decoded(*law, Encoded(*law, codes), count) == codes)
            << count;
      }
    }
  }
}

// The farthest jumps there are, which a prediction follows badly.
TEST(SpeechCoder, GivesBackJumpsBetweenTheLoudest) {
  std::mt19937 random(3);
  const CompandingLaw& law = CompandingLaw::ALaw();
  Bytes codes;
  while (codes.size() < 8000) {
    codes.insert(codes.end(), random() % 90,
                 law.CodeAt(random() % 2 == 0 ? 255 : 0));
  }
  EXPECT_TRUE(Decoded(law, Encoded(law, codes), codes.size()) == codes);
}

TEST(SpeechCoder, SpendsLittleOnWhatCanBeForeseen) {
  const CompandingLaw& law = CompandingLaw::MuLaw();
  EXPECT_LT(Encoded(law, Bytes(4000, 0xff)).size(), 80u);
  EXPECT_LT(Encoded(law, Voice(law, 4000)).size(), 4000u * 42 / 100);
  // 2 % for trying.
  EXPECT_LT(Encoded(law, Noise(4000, 2)).size(), 4300u);
}

TEST(SpeechCoder, MakesSomethingOfAnyBytes) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Bytes coded = Noise(seed * 20, seed);
    EXPECT_EQ(Decoded(CompandingLaw::ALaw(), {coded.begin(), coded.end()}, 5000)
                  .size(),
              5000u);
  }
}

// Of a store that another machine reads: these are the bytes.
TEST(SpeechCoder, CodesToTheSameBytesEverywhere) {
  std::mt19937 random(7);
  Bytes codes;
  int place = 128;
  for (int i = 0; i < 4000; ++i) {
    place += static_cast<int>(random() % 21) - 10;
    place = std::min(255, std::max(0, place));
    codes.push_back(CompandingLaw::ALaw().CodeAt(static_cast<uint8_t>(place)));
  }
  const std::string coded = Encoded(CompandingLaw::ALaw(), codes);
  uint64_t hash = 14695981039346656037u;  // FNV-1a.
  for (const char byte : coded) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 1099511628211u;
  }
  EXPECT_EQ(coded.size(), 2437u);
  EXPECT_EQ(hash, 4591741999281844676u);
}

}  // namespace
}  // namespace callbraid
