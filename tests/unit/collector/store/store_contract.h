#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_STORE_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_STORE_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/store/event_log.h"
#include "collector/store/store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// What the contract suites of the three store interfaces share. A test of an
// implementation includes the suites and instantiates them with its StoreKind.

namespace callbraid::collector {

// A store and whatever it lies on.
class StoreHolder {
 public:
  virtual ~StoreHolder() = default;
  virtual Store& store() = 0;
  virtual EventLog& events() = 0;
};

struct StoreKind {
  const char* name;
  std::function<std::unique_ptr<StoreHolder>()> make;
};

inline std::string NameOfKind(const testing::TestParamInfo<StoreKind>& kind) {
  return kind.param.name;
}

class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override { holder_ = GetParam().make(); }

  Store& store() { return holder_->store(); }
  EventLog& log() { return holder_->events(); }
  FactStore& facts() { return store().facts(); }
  MediaStore& media() { return store().media(); }
  CoordinationStore& coordination() { return store().coordination(); }

  void MustCommit(const CommitGroup& group) {
    const absl::Status status = store().Commit(group);
    ASSERT_TRUE(status.ok()) << status;
  }
  void MustApply(const CallChange& change) {
    const absl::Status status = facts().ApplyCalls(change);
    ASSERT_TRUE(status.ok()) << status;
  }

 private:
  std::unique_ptr<StoreHolder> holder_;
};

inline ObservationId IdOf(int number) {
  return ObservationId::Of(std::to_string(number));
}

inline ObservationUpsert DialogUpsert(const ObservationId& id,
                                      int64_t first_ns = 0) {
  ObservationUpsert upsert;
  upsert.id = id;
  upsert.first_time_ns = first_ns;
  store::v1::Observation& observation = upsert.observation.emplace();
  observation.set_id(std::string(id.bytes()));
  observation.set_sensor("s1");
  observation.set_capture_point("eth0");
  observation.set_first_time_ns(first_ns);
  observation.set_last_time_ns(first_ns);
  observation.mutable_dialog()->set_call_id("call");
  return upsert;
}

inline ObservationUpsert RtpUpsert(const ObservationId& id, int64_t last_ns) {
  ObservationUpsert upsert;
  upsert.id = id;
  store::v1::Observation& observation = upsert.observation.emplace();
  observation.set_id(std::string(id.bytes()));
  observation.set_sensor("s1");
  observation.set_capture_point("eth0");
  observation.mutable_rtp()->set_ssrc(7);
  upsert.tally.emplace().set_last_time_ns(last_ns);
  return upsert;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_STORE_CONTRACT_H_
