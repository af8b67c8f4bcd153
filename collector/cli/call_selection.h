#ifndef CALLBRAID_COLLECTOR_CLI_CALL_SELECTION_H_
#define CALLBRAID_COLLECTOR_CLI_CALL_SELECTION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/query.pb.h"
#include "collector/cli/session.h"
#include "common/config/flags.h"
#include "google/protobuf/duration.pb.h"

namespace callbraid::cli {

// What calls must be like, all of it: flags of whatever lists, shows or follows
// calls.
class CallConditions {
 public:
  // Of what each call tells by itself.
  void AddFlags(Flags& flags);
  // And of what takes the collector to find out.
  void AddSearchFlags(Flags& flags);

  // To be asked for, with whatever else is asked for.
  v1::ListCallsRequest Request() const;
  // None was given.
  bool empty() const;
  // Whether what AddFlags() has is true of `call`, which is whole.
  bool HoldFor(const v1::Call& call) const;

 private:
  absl::Status AddStates(const std::string& value);
  absl::Status AddNotes(const std::string& value);
  void AddLengthFlag(
      Flags& flags, const char* name, const char* help,
      google::protobuf::Duration* (v1::ListCallsRequest::*field)());
  void AddMosFlag(Flags& flags, const char* name, const char* help,
                  void (v1::ListCallsRequest::*set)(double));
  bool MosHolds(const v1::Call& call) const;

  v1::ListCallsRequest request_;
  bool on_hold_ = false;
};

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
