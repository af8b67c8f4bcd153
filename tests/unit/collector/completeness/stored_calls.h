#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_COMPLETENESS_STORED_CALLS_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_COMPLETENESS_STORED_CALLS_H_

#include <cstdint>
#include <string>

#include "collector/store/observation_id.h"
#include "collector/store/proto_time.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {

// 2026-11-27 09:00:00 UTC.
inline constexpr int64_t kNineS = 1'795'770'000;

// Stores an answered call of a minute that begins `second` after nine, whole
// but for its flags.
inline v1::Call StoreCall(MemoryStore& store, const std::string& name,
                          int second, const std::string& caller,
                          const std::string& callee,
                          const std::string& site = "berlin",
                          std::vector<v1::CallFlag> flags = {}) {
  CallChange change;
  store::v1::CallRecord& record = change.records.emplace_back();
  v1::Call& call = *record.mutable_call();
  const ObservationId id = ObservationId::Of(name);
  record.add_members(std::string(id.bytes()));
  call.set_id(id.ToHex());
  call.set_caller(caller);
  call.set_callee(callee);
  call.set_caller_uri("sip:" + caller + "@10.0.0.1");
  call.set_callee_uri("sip:" + callee + "@10.0.0.1");
  call.set_state(v1::CALL_STATE_COMPLETED);
  call.mutable_start_time()->set_seconds(kNineS + second);
  call.mutable_answer_time()->set_seconds(kNineS + second);
  call.mutable_end_time()->set_seconds(kNineS + second + 60);
  for (const v1::CallFlag flag : flags) call.add_flags(flag);
  v1::Stream& stream = *call.add_streams();
  stream.set_packets(3000);
  *stream.mutable_start_time() = call.start_time();
  *stream.mutable_end_time() = call.end_time();
  call.add_legs()->add_observations()->set_site(site);
  EXPECT_TRUE(store.facts().ApplyCalls(change).ok());
  return call;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_COMPLETENESS_STORED_CALLS_H_
