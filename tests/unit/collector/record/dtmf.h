#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_DTMF_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_DTMF_H_

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

// Keys as tones (ITU-T Q.23), by the standard's frequencies.
namespace callbraid::collector {

inline void AddTone(std::vector<int16_t>& pcm, size_t begin, size_t count,
                    double hz, double amplitude, double rate = 8000) {
  for (size_t i = begin; i < begin + count && i < pcm.size(); ++i) {
    const double x =
        amplitude * std::sin(2 * std::numbers::pi * hz *
                             static_cast<double>(i - begin) / rate);
    pcm[i] = static_cast<int16_t>(pcm[i] + x);
  }
}

inline void AddKey(std::vector<int16_t>& pcm, size_t begin, size_t count,
                   char key, double amplitude = 5000, double rate = 8000) {
  constexpr std::string_view kKeys = "123A456B789C*0#D";
  constexpr double kRows[] = {697, 770, 852, 941};
  constexpr double kColumns[] = {1209, 1336, 1477, 1633};
  const size_t place = kKeys.find(key);
  AddTone(pcm, begin, count, kRows[place / 4], amplitude, rate);
  AddTone(pcm, begin, count, kColumns[place % 4], amplitude, rate);
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_RECORD_DTMF_H_
