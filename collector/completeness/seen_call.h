#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_SEEN_CALL_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_SEEN_CALL_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/completeness.pb.h"

namespace callbraid::collector {

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
  v1::Wholeness wholeness = v1::WHOLENESS_WHOLE;
  // Who called and who was called, by the call and each of its legs, as
  // PlainUser() has them; each pair once, at most kMaxParties.
  std::vector<std::pair<std::string, std::string>> parties;
};

inline constexpr size_t kMaxParties = 32;

SeenCall Summarise(const v1::Call& call, absl::Time now);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_SEEN_CALL_H_
