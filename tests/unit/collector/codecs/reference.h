#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_CODECS_REFERENCE_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_CODECS_REFERENCE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "tests/fakes/temp_dir.h"

// What ffmpeg encodes and decodes, for comparison.
namespace callbraid::collector {

using Bytes = std::vector<uint8_t>;
using Pcm = std::vector<int16_t>;

// Syllables of a voice whose pitch rises and falls, with some noise.
inline Pcm Voice(uint32_t rate, double seconds) {
  Pcm pcm(static_cast<size_t>(rate * seconds));
  double phase = 0;
  uint32_t random = 1;
  for (size_t i = 0; i < pcm.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    const double pitch = 140 + 40 * std::sin(2 * std::numbers::pi * 0.7 * t);
    phase += 2 * std::numbers::pi * pitch / rate;
    double sum = 0;
    for (int harmonic = 1; harmonic <= 20; ++harmonic) {
      sum += std::sin(harmonic * phase) /
             (1 + std::pow((harmonic * pitch - 600) / 700, 2));
    }
    random = random * 1664525 + 1013904223;
    sum += 0.05 * (static_cast<int32_t>(random) / 2147483648.0);
    const double syllable =
        0.55 + 0.45 * std::sin(2 * std::numbers::pi * 3 * t);
    pcm[i] = static_cast<int16_t>(2500 * syllable * sum);
  }
  return pcm;
}

class Scratch {
 public:
  std::string Path(const std::string& name) const {
    return dir_.path() + "/" + name;
  }
  static bool Run(const std::string& command) {
    return std::system(command.c_str()) == 0;
  }
  Bytes Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& name, const void* data, size_t size) const {
    std::ofstream(Path(name), std::ios::binary)
        .write(static_cast<const char*>(data),
               static_cast<std::streamsize>(size));
  }
  // `options` of ffmpeg between input and output, with these as PCM.
  bool Encode(const Pcm& pcm, uint32_t rate, const std::string& options,
              const std::string& out) const {
    Write("in.raw", pcm.data(), pcm.size() * sizeof(int16_t));
    return Run("ffmpeg -v error -y -f s16le -ac 1 -ar " + std::to_string(rate) +
               " -i " + Path("in.raw") + " " + options + " " + Path(out));
  }
  // What ffmpeg decodes of the file, mono.
  Pcm Decode(const std::string& options, const std::string& in,
             uint32_t rate) const {
    if (!Run("ffmpeg -v error -y " + options + " -i " + Path(in) +
             " -f s16le -ac 1 -ar " + std::to_string(rate) + " " +
             Path("out.raw"))) {
      return {};
    }
    const Bytes bytes = Read("out.raw");
    Pcm pcm(bytes.size() / 2);
    std::copy_n(bytes.begin(), pcm.size() * 2,
                reinterpret_cast<uint8_t*>(pcm.data()));
    return pcm;
  }

 private:
  const fakes::TempDir dir_;
};

// dB of wanted[begin..end) over its difference to `got`, which is `lag` behind.
inline double SnrAt(const Pcm& wanted, const Pcm& got, int lag, size_t begin,
                    size_t end) {
  double signal = 1;
  double noise = 1;
  for (size_t i = begin; i < std::min(end, wanted.size()); ++i) {
    const auto j = static_cast<int64_t>(i) + lag;
    if (j < 0 || j >= static_cast<int64_t>(got.size())) continue;
    const double a = wanted[i];
    const double b = got[static_cast<size_t>(j)];
    signal += a * a;
    noise += (a - b) * (a - b);
  }
  return 10 * std::log10(signal / noise);
}

// dB of `wanted` over the difference, where both are; `got` may be late or
// early by up to `max_lag` samples. Above 100 if nothing differs.
inline double Snr(const Pcm& wanted, const Pcm& got, int max_lag) {
  const size_t middle = wanted.size() / 2;
  int best = 0;
  double best_snr = -100;
  for (int lag = -max_lag; lag <= max_lag; ++lag) {
    const double snr = SnrAt(wanted, got, lag, middle, middle + 4000);
    if (snr > best_snr) {
      best_snr = snr;
      best = lag;
    }
  }
  return SnrAt(wanted, got, best, 0, wanted.size());
}

// Packets of an Ogg file without its headers (the first two packets).
inline std::vector<Bytes> OggPackets(const Bytes& file) {
  std::vector<Bytes> packets(1);
  for (size_t at = 0; at + 27 <= file.size();) {
    const size_t segments = file[at + 26];
    size_t data = at + 27 + segments;
    for (size_t i = 0; i < segments; ++i) {
      const size_t size = file[at + 27 + i];
      packets.back().insert(packets.back().end(), file.begin() + data,
                            file.begin() + data + size);
      data += size;
      if (size < 255) packets.emplace_back();
    }
    at = data;
  }
  packets.pop_back();
  packets.erase(packets.begin(), packets.begin() + 2);
  return packets;
}

inline std::vector<Bytes> Pieces(const Bytes& file, size_t size) {
  std::vector<Bytes> packets;
  for (size_t at = 0; at + size <= file.size(); at += size) {
    packets.emplace_back(file.begin() + at, file.begin() + at + size);
  }
  return packets;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_CODECS_REFERENCE_H_
