#ifndef CALLBRAID_TESTS_FAKES_DELETE_CALL_H_
#define CALLBRAID_TESTS_FAKES_DELETE_CALL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "collector/store/store.h"
#include "common/base/status_macros.h"

namespace callbraid::fakes {

// Both steps of a deletion.
inline absl::StatusOr<collector::DeletedCall> DeleteCall(
    collector::Store& store, const std::string& id,
    const collector::Scope& scope, int64_t now_ns) {
  ASSIGN_OR_RETURN(const std::unique_ptr<collector::CallDeletion> deletion,
                   store.PrepareDeletion(id, scope, now_ns));
  RETURN_IF_ERROR(deletion->Write());
  return deletion->what();
}

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_DELETE_CALL_H_
