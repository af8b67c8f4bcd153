// What lossless coding of media costs and saves: half-second chunks of voice in
// G.711, from the files of CALLBRAID_BENCH_VOICE (raw A-law at 8 kHz, names
// parted by ':'), else of a synthetic voice.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "benchmark/benchmark.h"
#include "common/coding/companding.h"
#include "common/media/payload_coding.h"

namespace callbraid {
namespace {

constexpr size_t kChunkBytes = 4000;
constexpr size_t kPacketBytes = 160;
constexpr uint32_t kPcma = 8;
constexpr uint32_t kOpus = 111;

std::string Synthetic() {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, 40);
  std::string codes;
  for (int i = 0; i < 400'000; ++i) {
    const double t = i / 8000.0;
    const double loudness = 3000 * std::max(0.0, std::sin(2 * t));
    double sample = noise(random);
    for (int k = 1; k < 12; ++k) {
      sample += loudness / k * std::sin(k * (700 * t + 3 * std::sin(5 * t)));
    }
    const CompandingLaw& law = CompandingLaw::ALaw();
    codes.push_back(static_cast<char>(
        law.CodeAt(law.Nearest(static_cast<int16_t>(sample)))));
  }
  return codes;
}

std::vector<v1::MediaChunk> Voice() {
  std::string codes;
  if (const char* names = std::getenv("CALLBRAID_BENCH_VOICE")) {
    for (const auto name : absl::StrSplit(names, ':')) {
      std::ifstream file(std::string(name), std::ios::binary);
      codes.append(std::istreambuf_iterator<char>(file), {});
      codes.resize(codes.size() - codes.size() % kChunkBytes);
    }
  } else {
    codes = Synthetic();
  }
  std::vector<v1::MediaChunk> chunks;
  for (size_t at = 0; at + kChunkBytes <= codes.size(); at += kChunkBytes) {
    v1::MediaChunk& chunk = chunks.emplace_back();
    chunk.set_payload_type(kPcma);
    chunk.set_encoding(v1::PAYLOAD_ENCODING_PLAIN);
    chunk.set_payload(codes.substr(at, kChunkBytes));
  }
  return chunks;
}

void Report(benchmark::State& state, size_t chunks, size_t coded) {
  state.counters["share"] =
      static_cast<double>(coded) / static_cast<double>(chunks * kChunkBytes);
  state.counters["packets/CPU-s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(chunks) *
          (kChunkBytes / kPacketBytes),
      benchmark::Counter::kIsRate);
}

std::vector<v1::MediaChunk> Encode(CodingEffort effort,
                                   std::vector<v1::MediaChunk> chunks) {
  PayloadEncoder encoder;
  PayloadEncoder::History history;
  for (v1::MediaChunk& chunk : chunks) encoder.Encode(effort, history, chunk);
  return chunks;
}

void BM_Encode(benchmark::State& state) {
  const std::vector<v1::MediaChunk> chunks = Voice();
  const auto effort = static_cast<CodingEffort>(state.range(0));
  size_t coded = 0;
  for (auto _ : state) {
    coded = 0;
    for (const auto& chunk : Encode(effort, chunks)) {
      coded += chunk.payload().size();
    }
  }
  Report(state, chunks.size(), coded);
}
BENCHMARK(BM_Encode)
    ->ArgName("effort")
    ->Arg(static_cast<int>(CodingEffort::kNone))
    ->Arg(static_cast<int>(CodingEffort::kFast))
    ->Arg(static_cast<int>(CodingEffort::kBest));

void BM_Decode(benchmark::State& state) {
  const std::vector<v1::MediaChunk> chunks =
      Encode(static_cast<CodingEffort>(state.range(0)), Voice());
  PayloadDecoder decoder;
  size_t coded = 0;
  for (auto _ : state) {
    coded = 0;
    for (const v1::MediaChunk& chunk : chunks) {
      coded += chunk.payload().size();
      benchmark::DoNotOptimize(decoder.Decode(chunk, kChunkBytes));
    }
  }
  Report(state, chunks.size(), coded);
}
BENCHMARK(BM_Decode)
    ->ArgName("effort")
    ->Arg(static_cast<int>(CodingEffort::kFast))
    ->Arg(static_cast<int>(CodingEffort::kBest));

// What cannot be made shorter is tried now and then only.
void BM_EncodeNoise(benchmark::State& state) {
  std::vector<v1::MediaChunk> chunks = Voice();
  std::mt19937 random(2);
  for (v1::MediaChunk& chunk : chunks) {
    chunk.set_payload_type(kOpus);
    for (char& byte : *chunk.mutable_payload()) {
      byte = static_cast<char>(random());
    }
  }
  size_t coded = 0;
  for (auto _ : state) {
    coded = 0;
    for (const auto& chunk : Encode(CodingEffort::kFast, chunks)) {
      coded += chunk.payload().size();
    }
  }
  Report(state, chunks.size(), coded);
}
BENCHMARK(BM_EncodeNoise);

}  // namespace
}  // namespace callbraid
