#ifndef CALLBRAID_COLLECTOR_STORE_CLOCK_OFFSET_H_
#define CALLBRAID_COLLECTOR_STORE_CLOCK_OFFSET_H_

#include <cstdint>
#include <string_view>

#include "callbraid/store/v1/call_record.pb.h"

namespace callbraid::collector {

// What to add to `time_ns`, a raw time of `sensor`, to get to the clock of the
// call's first observation; 0 if the record does not know the sensor. Within
// 73 years, so that sums of it and a sane time cannot overflow.
int64_t OffsetAt(const store::v1::CallRecord& record, std::string_view sensor,
                 int64_t time_ns);

// By how much that may be off.
int64_t OffsetUncertaintyAt(const store::v1::CallRecord& record,
                            std::string_view sensor, int64_t time_ns);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_CLOCK_OFFSET_H_
