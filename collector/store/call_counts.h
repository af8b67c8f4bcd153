#ifndef CALLBRAID_COLLECTOR_STORE_CALL_COUNTS_H_
#define CALLBRAID_COLLECTOR_STORE_CALL_COUNTS_H_

#include <cstdint>
#include <string>

#include "callbraid/store/v1/call_counts.pb.h"
#include "callbraid/v1/call.pb.h"

// How calls are counted, for all implementations of FactStore::VisitCounts.
// What is in here changes only together with kSchemaVersion (keys.h), by which
// all calls are counted anew.

namespace callbraid::collector {

// Calls are counted by quarters of an hour: there is no zone any more whose
// clock differs from UTC by anything else than whole ones, so hours and days of
// all zones are made of them.
inline constexpr int64_t kQuarterNs = 900'000'000'000;
// The last one that begins at or before `time_ns`.
int64_t QuarterOf(int64_t time_ns);

// Which row a call counts in. A value.
struct CallCountKey {
  // A QuarterOf().
  int64_t start_ns = 0;
  // That saw it first; empty if the sensor says none.
  std::string site;

  bool operator==(const CallCountKey&) const = default;
  auto operator<=>(const CallCountKey&) const = default;
};
CallCountKey CountedAs(const v1::Call& call);

// What it adds to that row. By what was seen of it alone: neither by what
// people wrote nor by what is known only on reading (CALL_FLAG_MEDIA_DELETED).
store::v1::CallCounts CountsOf(const v1::Call& call);

// `times`: -1 takes it off.
void AddCounts(const store::v1::CallCounts& counts, int times,
               store::v1::CallCounts& sum);
bool IsEmpty(const store::v1::CallCounts& counts);

// In tenths of a MOS from 1 on: the last is 4.9 to 5.
inline constexpr int kMosSteps = 40;

// Whether anybody answered, as far as was seen.
bool WasAnswered(const v1::Call& call);
// By the first leg or stream; "" if the sensor says none.
std::string FirstSite(const v1::Call& call);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_CALL_COUNTS_H_
