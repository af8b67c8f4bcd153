#include <cstddef>
#include <cstdint>

#include "collector/doctor/reception.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  callbraid::collector::Reception reception;
  callbraid::collector::AddRtcp({data, size}, reception);
  callbraid::store::v1::RtpTally tally;
  tally.set_lowest_sequence(65'636);
  tally.set_highest_sequence(65'735);
  for (const uint32_t run : {40, 5, 55}) tally.add_runs(run);
  for (const auto& [ssrc, block] : reception.blocks) {
    if (callbraid::collector::MissedThough(tally, block) > 5) __builtin_trap();
  }
  return 0;
}
