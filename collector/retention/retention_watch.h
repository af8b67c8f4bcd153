#ifndef CALLBRAID_COLLECTOR_RETENTION_RETENTION_WATCH_H_
#define CALLBRAID_COLLECTOR_RETENTION_RETENTION_WATCH_H_

#include "callbraid/v1/query.pb.h"

namespace callbraid::collector {

// What there is to see of retention. Thread-safe, and answers at once.
class RetentionWatch {
 public:
  virtual ~RetentionWatch() = default;
  virtual v1::GetRetentionResponse Describe() const = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RETENTION_RETENTION_WATCH_H_
