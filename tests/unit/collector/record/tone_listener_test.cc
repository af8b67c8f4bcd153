#include "collector/record/tone_listener.h"

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/collector/codecs/reference.h"
#include "tests/unit/collector/record/dtmf.h"

namespace callbraid::collector {
namespace {

TEST(KeyListener, HearsEveryKeyWhereItIs) {
  const std::string keys = "1234567890*#ABCD";
  std::vector<int16_t> pcm(8000 * 10);
  for (size_t i = 0; i < keys.size(); ++i) {
    AddKey(pcm, 4000 + i * 2000, 800, keys[i]);
  }
  KeyListener listener;
  // In pieces of any size.
  std::mt19937 random(1);
  for (size_t i = 0; i < pcm.size();) {
    const size_t size = std::min<size_t>(1 + random() % 1000, pcm.size() - i);
    listener.Listen(std::span(pcm).subspan(i, size));
    i += size;
  }
  const std::vector<HeardTone> heard = listener.Take();
  ASSERT_EQ(heard.size(), keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(heard[i].name, std::string(1, keys[i]));
    const auto begin = static_cast<int64_t>(4000 + i * 2000);
    EXPECT_LE(std::abs(heard[i].begin - begin), 160) << i;
    EXPECT_LE(std::abs(heard[i].end - begin - 800), 160) << i;
  }
  EXPECT_FALSE(listener.current());
}

TEST(KeyListener, KnowsAKeyThatIsStillHeard) {
  std::vector<int16_t> pcm(2000);
  AddKey(pcm, 500, 1500, '7');
  KeyListener listener;
  listener.Listen(std::span(pcm).first(500 + KeyListener::kDelay));
  ASSERT_TRUE(listener.current());
  EXPECT_EQ(listener.current()->name, "7");
  EXPECT_LE(std::abs(listener.current()->begin - 500), 160);
  EXPECT_TRUE(listener.Take().empty());
}

TEST(KeyListener, HearsNoneInSpeechNorInNoise) {
  KeyListener listener;
  listener.Listen(Voice(8000, 60));
  std::mt19937 random(1);
  std::vector<int16_t> noise(8000 * 60);
  for (int16_t& sample : noise) sample = static_cast<int16_t>(random() % 8000);
  listener.Listen(noise);
  EXPECT_TRUE(listener.Take().empty());
}

TEST(FaxListener, HearsTheCallingTone) {
  std::vector<int16_t> pcm(8000 * 8);
  for (const size_t begin : {8000u, 8000u * 4 + 4000u}) {
    AddTone(pcm, begin, 4000, 1100, 6000);
  }
  FaxListener listener;
  listener.Listen(pcm);
  const std::vector<HeardTone> heard = listener.Take();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].name, "CNG");
  EXPECT_LE(std::abs(heard[0].begin - 8000), 240);
  EXPECT_LE(std::abs(heard[0].end - 12'000), 240);
}

TEST(FaxListener, HearsTheAnswerTone) {
  std::vector<int16_t> pcm(8000 * 6);
  AddTone(pcm, 8000, 8000 * 3, 2100, 6000);
  FaxListener listener;
  listener.Listen(pcm);
  const std::vector<HeardTone> heard = listener.Take();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].name, "ANS");
  EXPECT_LE(std::abs(heard[0].begin - 8000), 800);
  EXPECT_LE(std::abs(heard[0].end - 8000 * 4), 800);
}

TEST(FaxListener, HearsNoneInSpeech) {
  FaxListener listener;
  listener.Listen(Voice(8000, 60));
  EXPECT_TRUE(listener.Take().empty());
}

}  // namespace
}  // namespace callbraid::collector
