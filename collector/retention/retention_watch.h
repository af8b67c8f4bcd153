#ifndef CALLBRAID_COLLECTOR_RETENTION_RETENTION_WATCH_H_
#define CALLBRAID_COLLECTOR_RETENTION_RETENTION_WATCH_H_

#include "absl/status/status.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/query.pb.h"

namespace callbraid::collector {

// What there is to see of retention. Thread-safe, and answers at once.
class RetentionWatch {
 public:
  virtual ~RetentionWatch() = default;
  virtual v1::GetRetentionResponse Describe() const = 0;
  // FAILED_PRECONDITION: the media of `call`, if they are still there, are for
  // nobody, for such calls are not to be recorded.
  virtual absl::Status CheckRecorded(const v1::Call& call) const = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RETENTION_RETENTION_WATCH_H_
