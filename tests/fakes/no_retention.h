#ifndef CALLBRAID_TESTS_FAKES_NO_RETENTION_H_
#define CALLBRAID_TESTS_FAKES_NO_RETENTION_H_

#include "collector/retention/retention_watch.h"

namespace callbraid::collector {

// Everything is kept for ever.
class NoRetention final : public RetentionWatch {
 public:
  v1::GetRetentionResponse Describe() const override { return {}; }
  absl::Status CheckRecorded(const v1::Call&) const override {
    return absl::OkStatus();
  }
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_FAKES_NO_RETENTION_H_
