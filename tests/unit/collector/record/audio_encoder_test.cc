#include "collector/record/audio_encoder.h"

#include <sndfile.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "collector/codecs/find_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::HasSubstr;

// A low tone left, a higher one right.
std::vector<int16_t> Tones(const AudioShape& shape) {
  std::vector<int16_t> samples;
  for (uint64_t i = 0; i < shape.frames; ++i) {
    for (size_t channel = 0; channel < shape.channels; ++channel) {
      samples.push_back(static_cast<int16_t>(
          8000 * std::sin(2 * std::numbers::pi * (300.0 + 500 * channel) *
                          static_cast<double>(i) / shape.sample_rate)));
    }
  }
  return samples;
}

struct File {
  absl::Status status;
  std::string bytes;
  size_t largest_piece = 0;
  // Before Finish().
  size_t early_bytes = 0;
};

// In pieces of a second.
File Encode(AudioFormat format, const AudioShape& shape,
            const std::vector<int16_t>& samples) {
  File file;
  auto encoder =
      CreateAudioEncoder(format, shape, [&file](std::string_view piece) {
        file.largest_piece = std::max(file.largest_piece, piece.size());
        file.bytes.append(piece);
        return absl::OkStatus();
      });
  file.status = encoder.status();
  if (!file.status.ok()) return file;
  const size_t step = shape.sample_rate * shape.channels;
  for (size_t i = 0; i < samples.size(); i += step) {
    file.status.Update((*encoder)->Write(
        std::span(samples).subspan(i, std::min(step, samples.size() - i))));
  }
  file.early_bytes = file.bytes.size();
  file.status.Update((*encoder)->Finish());
  return file;
}

struct Decoded {
  SF_INFO info = {};
  std::vector<int16_t> samples;
};

// Reads a file that is in memory.
Decoded Decode(std::string bytes) {
  struct Memory {
    std::string bytes;
    sf_count_t position = 0;
  } memory{std::move(bytes)};
  SF_VIRTUAL_IO io = {
      [](void* m) {
        return static_cast<sf_count_t>(static_cast<Memory*>(m)->bytes.size());
      },
      [](sf_count_t offset, int whence, void* m) {
        auto& file = *static_cast<Memory*>(m);
        if (whence == SEEK_CUR) offset += file.position;
        if (whence == SEEK_END) {
          offset += static_cast<sf_count_t>(file.bytes.size());
        }
        return file.position = offset;
      },
      [](void* to, sf_count_t count, void* m) {
        auto& file = *static_cast<Memory*>(m);
        const auto copied = static_cast<sf_count_t>(file.bytes.copy(
            static_cast<char*>(to), static_cast<size_t>(count),
            static_cast<size_t>(std::min<sf_count_t>(
                file.position, static_cast<sf_count_t>(file.bytes.size())))));
        file.position += copied;
        return copied;
      },
      [](const void*, sf_count_t, void*) { return sf_count_t{0}; },
      [](void* m) { return static_cast<Memory*>(m)->position; }};
  Decoded decoded;
  SNDFILE* file = sf_open_virtual(&io, SFM_READ, &decoded.info, &memory);
  if (file == nullptr) return decoded;
  decoded.samples.resize(
      static_cast<size_t>(decoded.info.frames * decoded.info.channels));
  sf_readf_short(file, decoded.samples.data(), decoded.info.frames);
  sf_close(file);
  return decoded;
}

TEST(AudioEncoder, WritesWavWithItsLengthInTheHeader) {
  const AudioShape shape = {2, 16000, 16};
  std::vector<int16_t> samples(32, 1);
  const File file = Encode(AudioFormat::kWav, shape, samples);
  const std::string header(
      "RIFF\x64\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\x3e\0\0\0\xfa\0\0\x04\0"
      "\x10\0data\x40\0\0\0",
      44);
  EXPECT_EQ(file.bytes.substr(0, 44), header);
  EXPECT_EQ(file.bytes.size(), FileBytes(AudioFormat::kWav, shape));
}

TEST(AudioEncoder, WritesAlawInHalfTheSpace) {
  for (const uint64_t frames : {uint64_t{80'000}, uint64_t{80'001}}) {
    const AudioShape shape = {1, 8000, frames};
    const auto samples = Tones(shape);
    const File file = Encode(AudioFormat::kWavAlaw, shape, samples);
    ASSERT_TRUE(file.status.ok()) << file.status;
    EXPECT_EQ(file.bytes.size(), FileBytes(AudioFormat::kWavAlaw, shape));
    EXPECT_EQ(file.bytes.size(), 58 + frames + frames % 2);
    EXPECT_LE(file.largest_piece, AudioEncoder::kMaxPiece);
    const Decoded decoded = Decode(file.bytes);
    EXPECT_EQ(decoded.info.format, SF_FORMAT_WAV | SF_FORMAT_ALAW);
    ASSERT_EQ(decoded.samples.size(), samples.size());
    for (size_t i = 0; i < samples.size(); ++i) {
      ASSERT_NEAR(decoded.samples[i], samples[i],
                  16 + std::abs(samples[i]) / 24);
    }
  }
}

TEST(AudioEncoder, KeepsAlawAsItIs) {
  std::vector<uint8_t> codes(256);
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i);
  std::vector<int16_t> samples;
  ASSERT_TRUE(
      FindCodec({"PCMA"}).codec->CreateDecoder()->Decode(codes, samples));
  const File file = Encode(AudioFormat::kWavAlaw, {1, 8000, 256}, samples);
  EXPECT_EQ(file.bytes.substr(58), std::string(codes.begin(), codes.end()));
}

TEST(AudioEncoder, RefusesWhatAWavFileCannotHold) {
  const AudioShape shape = {2, 48000, uint64_t{40} * 3600 * 48000};
  const File file = Encode(AudioFormat::kWav, shape, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(file.status));
  EXPECT_THAT(std::string(file.status.message()), HasSubstr("4 GiB"));
}

TEST(AudioEncoder, FlacHasTheSamplesAndItsLength) {
  for (const uint32_t rate : {8000u, 16000u, 48000u}) {
    for (const size_t channels : {size_t{1}, size_t{2}}) {
      const AudioShape shape = {channels, rate, 10 * rate + 7};
      const auto samples = Tones(shape);
      const File file = Encode(AudioFormat::kFlac, shape, samples);
      ASSERT_TRUE(file.status.ok()) << file.status;
      EXPECT_EQ(FileBytes(AudioFormat::kFlac, shape), 0u);
      EXPECT_LE(file.largest_piece, AudioEncoder::kMaxPiece);
      // It comes as it is written.
      EXPECT_GT(file.early_bytes, file.bytes.size() * 8 / 10);
      const Decoded decoded = Decode(file.bytes);
      EXPECT_EQ(decoded.info.samplerate, static_cast<int>(rate));
      EXPECT_EQ(decoded.info.frames, static_cast<sf_count_t>(shape.frames));
      EXPECT_EQ(decoded.samples, samples);
    }
  }
}

// How alike two signals are, at the shift at which they are most.
double Correlation(const std::vector<int16_t>& a, const std::vector<int16_t>& b,
                   size_t max_shift) {
  double best = 0;
  // A second or less tells.
  const size_t size = std::min<size_t>({a.size(), b.size() - max_shift, 8000});
  for (size_t shift = 0; shift < max_shift; ++shift) {
    double product = 0;
    double energy_a = 1;
    double energy_b = 1;
    for (size_t i = 0; i < size; ++i) {
      product += double{1} * a[i] * b[i + shift];
      energy_a += double{1} * a[i] * a[i];
      energy_b += double{1} * b[i + shift] * b[i + shift];
    }
    best = std::max(best, product / std::sqrt(energy_a * energy_b));
  }
  return best;
}

std::vector<int16_t> Channel(const std::vector<int16_t>& samples,
                             size_t channels, size_t which) {
  std::vector<int16_t> one;
  for (size_t i = which; i < samples.size(); i += channels) {
    one.push_back(samples[i]);
  }
  return one;
}

TEST(AudioEncoder, LossyFormatsSoundAlike) {
  for (const AudioFormat format : {AudioFormat::kOggOpus, AudioFormat::kMp3}) {
    for (const uint32_t rate : {8000u, 16000u, 48000u}) {
      const AudioShape shape = {2, rate, 5 * rate};
      const auto samples = Tones(shape);
      const File file = Encode(format, shape, samples);
      ASSERT_TRUE(file.status.ok()) << file.status;
      EXPECT_LT(file.bytes.size(), samples.size());
      EXPECT_LE(file.largest_piece, AudioEncoder::kMaxPiece);
      EXPECT_GT(file.early_bytes, file.bytes.size() / 2);
      const Decoded decoded = Decode(file.bytes);
      ASSERT_EQ(decoded.info.channels, 2);
      const double seconds =
          static_cast<double>(decoded.info.frames) / decoded.info.samplerate;
      // MP3 is some frames longer.
      EXPECT_NEAR(seconds, 5, format == AudioFormat::kMp3 ? 0.3 : 0.001);
      if (decoded.info.samplerate != static_cast<int>(rate)) continue;
      for (const size_t channel : {size_t{0}, size_t{1}}) {
        EXPECT_GT(Correlation(Channel(samples, 2, channel),
                              Channel(decoded.samples, 2, channel), 2600),
                  0.97)
            << rate << " " << channel;
      }
    }
  }
}

TEST(AudioEncoder, EndsWhenTheReaderIsGone) {
  for (const AudioFormat format : {AudioFormat::kWav, AudioFormat::kFlac,
                                   AudioFormat::kOggOpus, AudioFormat::kMp3}) {
    const AudioShape shape = {2, 8000, 800'000};
    int pieces = 0;
    auto encoder = CreateAudioEncoder(format, shape, [&](std::string_view) {
      return ++pieces > 1 ? absl::CancelledError("gone") : absl::OkStatus();
    });
    absl::Status status = encoder.status();
    for (int i = 0; i < 100 && status.ok(); ++i) {
      status = (*encoder)->Write(Tones({2, 8000, 8000}));
    }
    EXPECT_TRUE(absl::IsCancelled(status)) << status;
  }
}

}  // namespace
}  // namespace callbraid::collector
