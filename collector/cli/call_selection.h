#ifndef CALLBRAID_COLLECTOR_CLI_CALL_SELECTION_H_
#define CALLBRAID_COLLECTOR_CLI_CALL_SELECTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/query.pb.h"
#include "collector/cli/session.h"
#include "common/config/flags.h"

namespace callbraid::cli {

// The calls that an order is about: named by their ids, or all of a number or a
// time.
class CallSelection {
 public:
  void AddFlags(Flags& flags);

  // Newest first, or in the order of `ids`. INVALID_ARGUMENT: neither, or both.
  // NOT_FOUND: one of the ids is no call's.
  absl::StatusOr<std::vector<v1::Call>> Find(
      Session& session, const std::vector<std::string>& ids) const;

 private:
  absl::StatusOr<std::vector<v1::Call>> List(Session& session) const;

  std::string number_;
  std::string from_;
  std::string to_;
};

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_CALL_SELECTION_H_
