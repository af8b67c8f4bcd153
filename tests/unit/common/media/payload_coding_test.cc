#include "common/media/payload_coding.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "common/coding/companding.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

constexpr uint32_t kPcmu = 0;
constexpr uint32_t kPcma = 8;
constexpr uint32_t kOpus = 111;

v1::MediaChunk Plain(uint32_t payload_type, std::string payload) {
  v1::MediaChunk chunk;
  chunk.set_payload_type(payload_type);
  chunk.set_encoding(v1::PAYLOAD_ENCODING_PLAIN);
  chunk.set_payload(std::move(payload));
  return chunk;
}

std::string Voice(const CompandingLaw& law) {
  std::string codes;
  for (int i = 0; i < 4000; ++i) {
    const double t = i / 8000.0;
    codes.push_back(static_cast<char>(law.CodeAt(law.Nearest(
        static_cast<int16_t>(9000 * std::sin(900 * t) * std::sin(7 * t))))));
  }
  return codes;
}

std::string Noise(unsigned seed, size_t size = 4000) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string Decoded(const v1::MediaChunk& chunk, size_t size) {
  PayloadDecoder decoder;
  const auto bytes = decoder.Decode(chunk, size);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "refused";
}

v1::MediaChunk Coded(CodingEffort effort, uint32_t type,
                     const std::string& payload) {
  PayloadEncoder encoder;
  PayloadEncoder::History history;
  v1::MediaChunk chunk = Plain(type, payload);
  encoder.Encode(effort, history, chunk);
  return chunk;
}

struct Case {
  CodingEffort effort;
  uint32_t type;
  v1::PayloadEncoding encoding;
  double most;
};

TEST(PayloadCoding, IsUndoneByTheDecoder) {
  for (const Case& c : {
           Case{CodingEffort::kFast, kPcmu, v1::PAYLOAD_ENCODING_PCMU_ZSTD,
                0.6},
           Case{CodingEffort::kFast, kPcma, v1::PAYLOAD_ENCODING_PCMA_ZSTD,
                0.6},
           Case{CodingEffort::kBest, kPcmu, v1::PAYLOAD_ENCODING_PCMU_PREDICTED,
                0.3},
           Case{CodingEffort::kBest, kPcma, v1::PAYLOAD_ENCODING_PCMA_PREDICTED,
                0.3},
           Case{CodingEffort::kBest, kOpus, v1::PAYLOAD_ENCODING_ZSTD, 0.9},
       }) {
    const std::string payload =
        Voice(c.type == kPcmu ? CompandingLaw::MuLaw() : CompandingLaw::ALaw());
    const v1::MediaChunk chunk = Coded(c.effort, c.type, payload);
    SCOPED_TRACE(v1::PayloadEncoding_Name(chunk.encoding()));
    EXPECT_EQ(chunk.encoding(), c.encoding);
    EXPECT_LT(static_cast<double>(chunk.payload().size()),
              c.most * static_cast<double>(payload.size()));
    EXPECT_EQ(Decoded(chunk, payload.size()), payload);
  }
}

TEST(PayloadCoding, LeavesWhatItWouldNotShorten) {
  for (const CodingEffort effort : {CodingEffort::kFast, CodingEffort::kBest}) {
    for (const uint32_t type : {kPcmu, kPcma, kOpus}) {
      for (const std::string& payload :
           {Noise(1), std::string(), std::string("a"), Noise(2, 13)}) {
        const v1::MediaChunk chunk = Coded(effort, type, payload);
        EXPECT_EQ(chunk.encoding(), v1::PAYLOAD_ENCODING_PLAIN);
        EXPECT_EQ(chunk.payload(), payload);
        EXPECT_EQ(Decoded(chunk, payload.size()), payload);
      }
    }
  }
}

TEST(PayloadCoding, LeavesAllIfNotToldTo) {
  const std::string payload(4000, '\xd5');
  EXPECT_EQ(Coded(CodingEffort::kNone, kPcma, payload).payload(), payload);
}

TEST(PayloadCoding, LeavesWhatIsLongerThanADecoderTakes) {
  const std::string payload(kMaxCodedPayloadBytes + 1, '\xd5');
  EXPECT_EQ(Coded(CodingEffort::kFast, kPcma, payload).payload(), payload);
}

TEST(PayloadCoding, TriesInVainEverLessOften) {
  PayloadEncoder encoder;
  PayloadEncoder::History history;
  const std::string voice = Voice(CompandingLaw::ALaw());
  for (unsigned i = 0; i < 200; ++i) {
    v1::MediaChunk chunk = Plain(kPcma, Noise(i));
    encoder.Encode(CodingEffort::kFast, history, chunk);
  }
  EXPECT_EQ(history.to_pass_over, 64);
  // A voice is found again, and then no chunk of it is passed over.
  int plain = 0;
  for (int i = 0; i < 300; ++i) {
    v1::MediaChunk chunk = Plain(kPcma, voice);
    encoder.Encode(CodingEffort::kFast, history, chunk);
    if (chunk.encoding() == v1::PAYLOAD_ENCODING_PLAIN) {
      EXPECT_EQ(plain++, i);
    }
  }
  EXPECT_LE(plain, 64);
}

class Refused : public ::testing::Test {
 protected:
  v1::MediaChunk chunk_ =
      Coded(CodingEffort::kFast, kPcma, Voice(CompandingLaw::ALaw()));
  PayloadDecoder decoder_;
};

TEST_F(Refused, IsAnotherLength) {
  ASSERT_TRUE(decoder_.Decode(chunk_, 4000));
  EXPECT_FALSE(decoder_.Decode(chunk_, 3999));
  EXPECT_FALSE(decoder_.Decode(chunk_, 4001));
  EXPECT_FALSE(decoder_.Decode(chunk_, 0));
  EXPECT_FALSE(decoder_.Decode(Plain(kPcma, "abc"), 4));
  EXPECT_FALSE(decoder_.Decode(Plain(kPcma, "abc"), 2));
}

TEST_F(Refused, IsWhatIsCutOrNotCodedAsItSays) {
  v1::MediaChunk cut = chunk_;
  cut.mutable_payload()->resize(cut.payload().size() / 2);
  EXPECT_FALSE(decoder_.Decode(cut, 4000));
  v1::MediaChunk more = chunk_;
  more.mutable_payload()->push_back('a');
  EXPECT_FALSE(decoder_.Decode(more, 4000));
  chunk_.set_payload(Noise(5, 1000));
  EXPECT_FALSE(decoder_.Decode(chunk_, 4000));
  chunk_.set_encoding(static_cast<v1::PayloadEncoding>(7));
  EXPECT_FALSE(decoder_.Decode(chunk_, 4000));
  chunk_.set_encoding(v1::PAYLOAD_ENCODING_UNSPECIFIED);
  EXPECT_FALSE(decoder_.Decode(chunk_, 1000));
}

// Little that would become much.
TEST_F(Refused, IsMoreThanAllowed) {
  for (const auto encoding :
       {v1::PAYLOAD_ENCODING_ZSTD, v1::PAYLOAD_ENCODING_PCMA_ZSTD,
        v1::PAYLOAD_ENCODING_PCMU_PREDICTED}) {
    chunk_.set_encoding(encoding);
    EXPECT_FALSE(decoder_.Decode(chunk_, kMaxCodedPayloadBytes + 1));
    // What is coded is shorter than what it stands for.
    chunk_.set_payload(std::string(100, 'a'));
    EXPECT_FALSE(decoder_.Decode(chunk_, 100));
  }
}

}  // namespace
}  // namespace callbraid
