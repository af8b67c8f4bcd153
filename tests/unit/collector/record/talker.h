#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_TALKER_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_TALKER_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <vector>

#include "tests/unit/collector/record/recorded_call.h"

// RTP by rule: what is said at a time tells the time, so a recording shows of
// each sample when it was spoken.
namespace callbraid::collector {

inline constexpr uint8_t kL16Type = 96;

// What is said at sample `n` (8 kHz): a triangle, never 0, of a second; steep,
// so that parts of a sample show.
inline constexpr int64_t kRise = 3750;
inline constexpr int64_t kSlope = 8;
inline int16_t SaidAt(int64_t n) {
  const int64_t place = n % (2 * kRise);
  return static_cast<int16_t>(
      1000 + kSlope * (place < kRise ? place : 2 * kRise - 1 - place));
}

// The n nearest to `about` at which `value` was said.
inline double SaidWhen(int16_t value, double about) {
  const double height = (value - 1000.0) / kSlope;
  const double period = 2.0 * kRise;
  const double base = std::floor(about / period) * period;
  double best = base + height;
  for (const double start : {base - period, base, base + period}) {
    for (const double n : {start + height, start + period - 1 - height}) {
      if (std::abs(n - about) < std::abs(best - about)) best = n;
    }
  }
  return best;
}

// Speaks in L16 at 8 kHz, by a clock of its own.
class Talker {
 public:
  uint32_t timestamp = 8000;
  uint16_t sequence = 100;
  // Of the RTP timestamp, Hz; of the clock, against true time.
  double clock_rate = 8000;
  double ppm = 0;
  int ptime_ms = 20;
  // How much later packet i arrives than it is sent.
  std::function<int64_t(size_t)> delay_ns = [](size_t) { return 0; };

  // Speaks from `begin_ms` to `end_ms` of its own clock. What lies before that
  // was not sent; the timestamp counts it.
  Talker& Speak(int64_t begin_ms, int64_t end_ms) {
    for (int64_t ms = begin_ms; ms + ptime_ms <= end_ms; ms += ptime_ms) {
      SentPacket& packet = Add(ms, kL16Type);
      for (int64_t n = ms * 8; n < (ms + ptime_ms) * 8; ++n) {
        const auto value = static_cast<uint16_t>(SaidAt(n));
        packet.payload.push_back(static_cast<uint8_t>(value >> 8));
        packet.payload.push_back(static_cast<uint8_t>(value & 0xff));
      }
    }
    return *this;
  }
  // Comfort noise (RFC 3389), as quiet as can be said.
  Talker& Hush(int64_t ms) {
    Add(ms, 13).payload = {127};
    return *this;
  }

  // By arrival.
  Packets Sent() const {
    Packets packets = packets_;
    std::stable_sort(packets.begin(), packets.end(),
                     [](const SentPacket& a, const SentPacket& b) {
                       return a.time_ns < b.time_ns;
                     });
    return packets;
  }

 private:
  SentPacket& Add(int64_t ms, uint8_t type) {
    SentPacket& packet = packets_.emplace_back();
    packet.time_ns =
        kStart +
        std::llround(static_cast<double>(ms * kMs) / (1 + ppm * 1e-6)) +
        delay_ns(packets_.size() - 1);
    packet.sequence = sequence++;
    packet.timestamp =
        timestamp + static_cast<uint32_t>(static_cast<uint64_t>(std::llround(
                        static_cast<double>(ms) * clock_rate / 1000)));
    packet.type = type;
    return packet;
  }

  Packets packets_;
};

// Where it is not quite sure which side of the peak a value is from.
inline bool AtPeak(int16_t value) {
  constexpr int64_t kNear = 100 * kSlope;
  return value < 1000 + kNear || value > 1000 + kSlope * kRise - kNear;
}

// What a recording shows of a talker.
struct Heard {
  size_t sounding = 0;  // Samples that are not silence.
  // By how much they come after, or before, they were spoken, ms.
  double latest_ms = -1e9;
  double earliest_ms = 1e9;
  double last_ms = 0;  // The last sample.
  // Samples spoken no later than the one before: heard again.
  size_t repeated = 0;
  // Speed at which it passes, without pauses, at the most and least.
  double fastest = 1;
  double slowest = 1;
};

// `ppm`: of the talker. Samples of peaks are left out of the speed.
inline Heard Hear(const std::vector<int16_t>& pcm, double ppm = 0) {
  Heard heard;
  double last = -1;
  size_t last_i = 0;
  for (size_t i = 0; i < pcm.size(); ++i) {
    if (pcm[i] == 0) continue;
    ++heard.sounding;
    const double expected = static_cast<double>(i) * (1 + ppm * 1e-6);
    const bool goes_on = last >= 0 && last_i + 1 == i;
    const double n = SaidWhen(pcm[i], goes_on ? last + 1 : expected);
    heard.last_ms = (expected - n) / 8;
    heard.latest_ms = std::max(heard.latest_ms, heard.last_ms);
    heard.earliest_ms = std::min(heard.earliest_ms, heard.last_ms);
    if (last >= 0 && n <= last && !AtPeak(pcm[i])) ++heard.repeated;
    constexpr size_t kSpan = 80;
    if (goes_on && i % kSpan == 0 && i >= kSpan && !AtPeak(pcm[i]) &&
        !AtPeak(pcm[i - kSpan])) {
      const double before = SaidWhen(pcm[i - kSpan], n - kSpan);
      heard.fastest = std::max(heard.fastest, (n - before) / kSpan);
      heard.slowest = std::min(heard.slowest, (n - before) / kSpan);
    }
    last = n;
    last_i = i;
  }
  return heard;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_TALKER_H_
