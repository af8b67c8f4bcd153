#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_SEEN_CALL_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_SEEN_CALL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "callbraid/v1/call.pb.h"

namespace callbraid::collector {

// Whether all of an answered call was recorded, and can be heard; the worst
// that is true of it.
enum class Wholeness {
  kWhole,
  kLossy,         // Sensors lost some of it.
  kBeganBefore,   // The capture began when it was under way.
  kUnknownCodec,  // Kept, but cannot be heard here.
  kEncrypted,     // Kept, but cannot be heard without a key.
  kOneWay,
  kNoMedia,
};
inline constexpr int kWholenesses = 7;

// What counts of a call where there are many.
struct SeenCall {
  std::string id;
  // Where it was seen first; "" if the sensor says none.
  std::string site;
  absl::Time start;
  absl::Time end;  // InfiniteFuture while it goes on.
  bool answered = false;
  bool has_signalling = true;
  // From the answer to the end, or until `now`.
  absl::Duration talk;
  // Of that, between the first and the last packet of any party's media.
  absl::Duration recorded;
  Wholeness wholeness = Wholeness::kWhole;
  // Who called and who was called, by the call and each of its legs, as
  // PlainUser() has them; each pair once.
  std::vector<std::pair<std::string, std::string>> parties;
};

SeenCall Summarise(const v1::Call& call, absl::Time now);

// "no media".
const char* Word(Wholeness wholeness);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_SEEN_CALL_H_
