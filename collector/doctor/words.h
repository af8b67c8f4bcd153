#ifndef CALLBRAID_COLLECTOR_DOCTOR_WORDS_H_
#define CALLBRAID_COLLECTOR_DOCTOR_WORDS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace callbraid::collector {

// Numbers as people read them.

// "1,234,567".
std::string Number(uint64_t number);
// "1 frame", "1,234 frames".
std::string Counted(uint64_t number, const std::string& noun);
// "1 of 3 calls is", "2 of 3 calls are": with the verb for one and for many.
std::string Part(uint64_t part, uint64_t whole, const std::string& noun,
                 const std::string& of_one, const std::string& of_many);
// "12.3"; 0 of nothing.
double PercentOf(uint64_t part, uint64_t whole);
// "12.3 %".
std::string PercentText(uint64_t part, uint64_t whole);
// "940 Mbit/s".
std::string Megabits(uint64_t bits_per_second);
// "2.4 s", "3 min 5 s", "2 h 10 min"; without a sign.
std::string Span(int64_t ns);
// "a", "a and b", "a, b and 3 more": at most `limit` are named.
std::string Listed(const std::vector<std::string>& items, size_t limit = 4);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_WORDS_H_
