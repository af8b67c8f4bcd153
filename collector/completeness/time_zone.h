#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_TIME_ZONE_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_TIME_ZONE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace callbraid::collector {

// The zone that somebody names: "Europe/Berlin", "Fixed/UTC+02:00:00" in whole
// minutes, "" for UTC. INVALID_ARGUMENT, in one line that begins with
// "time_zone: ".
absl::StatusOr<absl::TimeZone> FindTimeZone(const std::string& name);

// A time that a request may name, in `field`; else `otherwise`.
// INVALID_ARGUMENT if it is none of 1970 to 2255.
absl::StatusOr<absl::Time> TimeOf(bool is_set,
                                  const google::protobuf::Timestamp& time,
                                  absl::Time otherwise, const char* field);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_TIME_ZONE_H_
