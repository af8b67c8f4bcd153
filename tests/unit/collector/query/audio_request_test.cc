#include "collector/query/audio_request.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::StartsWith;

constexpr int64_t kMs = 1'000'000;

TEST(AudioRequest, IsTheWholeCallAsSpokenUnlessTold) {
  const auto options = ReadAudioRequest(v1::GetAudioRequest());
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->format, AudioFormat::kWav);
  EXPECT_EQ(options->from_ns, 0);
  EXPECT_FALSE(options->until_ns);
  EXPECT_EQ(options->perspective, Perspective::kAsSpoken);
  EXPECT_EQ(options->jitter_buffer_ns, 60 * kMs);
  EXPECT_TRUE(options->conceal);
  EXPECT_FALSE(options->mask_keys);
}

TEST(AudioRequest, TakesEachField) {
  v1::GetAudioRequest request;
  request.set_format(v1::AUDIO_FORMAT_MP3);
  request.mutable_from()->set_nanos(1);
  request.mutable_until()->set_seconds(7);
  request.set_perspective(v1::PERSPECTIVE_HEARD_BY_CALLEE);
  request.mutable_jitter_buffer()->set_seconds(1);
  request.set_no_concealment(true);
  request.set_mask_keys(true);
  const auto options = ReadAudioRequest(request);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->format, AudioFormat::kMp3);
  EXPECT_EQ(options->from_ns, 1);
  EXPECT_EQ(options->until_ns, 7000 * kMs);
  EXPECT_EQ(options->perspective, Perspective::kHeardByCallee);
  EXPECT_EQ(options->jitter_buffer_ns, 1000 * kMs);
  EXPECT_FALSE(options->conceal);
  EXPECT_TRUE(options->mask_keys);
}

void ExpectRefused(const v1::GetAudioRequest& request, const char* field) {
  const auto options = ReadAudioRequest(request);
  ASSERT_TRUE(absl::IsInvalidArgument(options.status())) << field;
  EXPECT_THAT(std::string(options.status().message()), StartsWith(field));
}

TEST(AudioRequest, NamesTheFieldThatIsWrong) {
  v1::GetAudioRequest request;
  request.set_format(static_cast<v1::AudioFormat>(99));
  ExpectRefused(request, "format:");
  request = {};
  request.set_perspective(static_cast<v1::Perspective>(99));
  ExpectRefused(request, "perspective:");
  request = {};
  request.set_stream_id("abc");
  request.set_perspective(v1::PERSPECTIVE_HEARD_BY_CALLER);
  ExpectRefused(request, "perspective:");
  request = {};
  request.mutable_from()->set_seconds(-1);
  ExpectRefused(request, "from:");
  request.mutable_from()->set_seconds(INT64_MAX);
  ExpectRefused(request, "from:");
  request = {};
  request.mutable_from()->set_nanos(-1);
  ExpectRefused(request, "from:");
  request = {};
  request.mutable_until();
  ExpectRefused(request, "until:");
  request.mutable_until()->set_nanos(INT32_MAX);
  ExpectRefused(request, "until:");
  request = {};
  request.mutable_jitter_buffer();
  ExpectRefused(request, "jitter_buffer:");
  request.mutable_jitter_buffer()->set_seconds(2);
  ExpectRefused(request, "jitter_buffer:");
}

}  // namespace
}  // namespace callbraid::collector
