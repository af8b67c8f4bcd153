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

TEST(RenderCall, MasksKeysInWholeAndPart) {
  std::vector<int16_t> tones(8000 * 40, 0);
  for (size_t i = 0; i < 36; ++i) {
    AddKey(tones, 8000 + i * 8000 + i * 37, 640,
           static_cast<char>('0' + i % 10));
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
  RecordedCall call;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", packets);
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

}  // namespace
}  // namespace callbraid::collector
