#ifndef CALLBRAID_COLLECTOR_STORE_PROTO_TIME_H_
#define CALLBRAID_COLLECTOR_STORE_PROTO_TIME_H_

#include <cstdint>

#include "google/protobuf/timestamp.pb.h"

namespace callbraid::collector {

// Times before 1970 become 1970.
inline google::protobuf::Timestamp ToTimestamp(int64_t time_ns) {
  constexpr int64_t kSecond = 1'000'000'000;
  google::protobuf::Timestamp timestamp;
  if (time_ns < 0) return timestamp;
  timestamp.set_seconds(time_ns / kSecond);
  timestamp.set_nanos(static_cast<int32_t>(time_ns % kSecond));
  return timestamp;
}

inline int64_t ToNs(const google::protobuf::Timestamp& timestamp) {
  constexpr int64_t kSecond = 1'000'000'000;
  return timestamp.seconds() * kSecond + timestamp.nanos();
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_PROTO_TIME_H_
