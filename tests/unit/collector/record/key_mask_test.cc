#include "collector/record/key_mask.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/collector/record/dtmf.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kTicksPerMsHere = 48;

// A hum with keys in it.
std::vector<int16_t> Hum(size_t samples, uint32_t rate,
                         const std::vector<size_t>& keys_ms) {
  std::vector<int16_t> pcm(samples, 0);
  AddTone(pcm, 0, samples, 180, 2000, rate);
  for (const size_t ms : keys_ms) {
    const size_t begin = ms * rate / 1000;
    std::fill_n(pcm.begin() + static_cast<ptrdiff_t>(begin), rate / 10,
                int16_t{0});
    AddKey(pcm, begin, rate / 10, '5', 6000, rate);
  }
  return pcm;
}

std::vector<int16_t> Masked(const std::vector<int16_t>& pcm, uint32_t rate,
                            int64_t begin, Intervals told = {}) {
  KeyMask mask(begin, rate, std::move(told));
  std::vector<int16_t> out;
  for (size_t i = 0; i < pcm.size(); i += rate) {
    const auto piece = mask.Push(
        {pcm.begin() + static_cast<ptrdiff_t>(i),
         pcm.begin() + static_cast<ptrdiff_t>(std::min(i + rate, pcm.size()))});
    out.insert(out.end(), piece.begin(), piece.end());
  }
  const auto rest = mask.Finish();
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

TEST(KeyMask, SilencesKeysAndNothingElse) {
  for (const uint32_t rate : {8000u, 16000u, 48000u}) {
    // One over the border of windows, one at the end.
    const std::vector<size_t> keys = {500, 1950, 2970, 4890};
    const auto pcm = Hum(5 * rate, rate, keys);
    const auto masked = Masked(pcm, rate, 6000);
    ASSERT_EQ(masked.size(), pcm.size());
    for (size_t i = 0; i < pcm.size(); ++i) {
      const size_t ms = i * 1000 / rate;
      const bool in_key =
          std::any_of(keys.begin(), keys.end(),
                      [ms](size_t key) { return ms >= key && ms < key + 100; });
      const bool near_key = std::any_of(
          keys.begin(), keys.end(),
          [ms](size_t key) { return ms + 70 >= key && ms < key + 170; });
      if (in_key) {
        ASSERT_EQ(masked[i], 0) << ms;
      } else if (!near_key) {
        ASSERT_EQ(masked[i], pcm[i]) << ms;
      }
    }
  }
}

TEST(KeyMask, SilencesWhatWasSignalledBeside) {
  const auto pcm = Hum(16000, 8000, {});
  const auto masked =
      Masked(pcm, 8000, 0, {{500 * kTicksPerMsHere, 700 * kTicksPerMsHere}});
  EXPECT_EQ(std::count(masked.begin() + 4000, masked.begin() + 5600, 0), 1600);
  EXPECT_TRUE(std::equal(masked.begin(), masked.begin() + 3600, pcm.begin()));
  EXPECT_TRUE(
      std::equal(masked.begin() + 6000, masked.end(), pcm.begin() + 6000));
}

// Where the key number `i` of SendKeys() begins, in samples.
constexpr size_t KeyBegin(size_t i) { return 8000 + i * 8000 + i * 37; }

// A call of 40 seconds with 36 keys of 80 ms in its audio.
void SendKeys(RecordedCall& call, std::vector<int16_t>& tones) {
  tones.assign(8000 * 40, 0);
  for (size_t i = 0; i < 36; ++i) {
    AddKey(tones, KeyBegin(i), 640, static_cast<char>('0' + i % 10));
  }
  // As PCMU, by looking each sample up.
  std::vector<int16_t> table;
  std::vector<uint8_t> codes(256);
  for (size_t i = 0; i < 256; ++i) codes[i] = static_cast<uint8_t>(i);
  FindCodec({"PCMU"}).codec->CreateDecoder()->Decode(codes, table);
  Packets packets = Speech(2000);
  for (size_t i = 0; i < packets.size(); ++i) {
    for (size_t j = 0; j < 160; ++j) {
      const int sample = tones[i * 160 + j];
      const auto nearest =
          std::min_element(table.begin(), table.end(), [sample](int a, int b) {
            return std::abs(a - sample) < std::abs(b - sample);
          });
      packets[i].payload[j] = static_cast<uint8_t>(nearest - table.begin());
    }
  }
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", packets);
}

TEST(RenderCall, MasksKeysInWholeAndPart) {
  RecordedCall call;
  std::vector<int16_t> tones;
  SendKeys(call, tones);
  RecordingOptions options;
  EXPECT_GT(std::count_if(tones.begin(), tones.end(),
                          [](int s) { return std::abs(s) > 1000; }),
            36 * 500);
  options.mask_keys = true;
  const Wav whole = call.Render(options);
  EXPECT_EQ(std::count_if(whole.left.begin(), whole.left.end(),
                          [](int s) { return std::abs(s) > 100; }),
            0);
  options.from_ns = 21'033 * kMs;
  options.until_ns = 25'001 * kMs;
  EXPECT_EQ(call.Render(options).left,
            Part(whole.left, 21'033 * 8, 25'001 * 8));
}

// What is too short to be known for a key in the part is known by what follows.
TEST(RenderCall, MasksTheBeginningOfAKeyThatAPartEndsIn) {
  RecordedCall call;
  std::vector<int16_t> tones;
  SendKeys(call, tones);
  RecordingOptions options;
  options.mask_keys = true;
  const Wav whole = call.Render(options);
  for (const size_t key : {0u, 10u, 11u, 20u, 33u}) {
    const auto begin_ns = static_cast<int64_t>(KeyBegin(key)) * (kMs / 8);
    for (const int64_t ms : {-20, 1, 12, 25, 39, 60}) {
      SCOPED_TRACE(testing::Message() << ms << " ms into key " << key);
      const auto end = KeyBegin(key) + static_cast<size_t>(ms * 8);
      options.until_ns = begin_ns + ms * kMs;
      for (const size_t samples : {end, size_t{240}}) {
        options.from_ns = static_cast<int64_t>(end - samples) * (kMs / 8);
        const Wav part = call.Render(options);
        EXPECT_EQ(part.left.size(), samples);
        EXPECT_TRUE(part.left == Part(whole.left, end - samples, end));
        EXPECT_EQ(std::count_if(part.left.begin(), part.left.end(),
                                [](int s) { return std::abs(s) > 100; }),
                  0);
      }
    }
  }
}

}  // namespace
}  // namespace callbraid::collector
