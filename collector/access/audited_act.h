#ifndef CALLBRAID_COLLECTOR_ACCESS_AUDITED_ACT_H_
#define CALLBRAID_COLLECTOR_ACCESS_AUDITED_ACT_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "collector/access/access_control.h"
#include "collector/access/caller.h"

namespace callbraid::collector {

// Something that is noted before anything of it is given away. One thread.
class AuditedAct {
 public:
  // References must outlive the act.
  AuditedAct(AccessControl& access, const Caller& caller, v1::AuditAct act,
             std::string target)
      : access_(access),
        caller_(caller),
        act_(act),
        target_(std::move(target)) {}

  // The whole id of what was asked for.
  void SetTarget(std::string target) { target_ = std::move(target); }

  // Why it is done; of an act of which nobody else tells.
  void SetDetail(std::string detail) { detail_ = std::move(detail); }

  // To be called before the first byte, or before it is done: OK when it is
  // noted, on disk. Later calls do nothing.
  absl::Status Begin() {
    if (begun_) return absl::OkStatus();
    const absl::Status noted = access_.NoteAct(caller_, act_, target_, detail_);
    begun_ = noted.ok();
    return noted;
  }

  // How it ended: passed on, and noted if it failed.
  absl::Status End(absl::Status status) {
    if (status.ok()) return status;
    // What was sent on a token that ended was broken off, not left.
    if (absl::Status ended = access_.Check(caller_); !ended.ok()) {
      status = std::move(ended);
    }
    access_.NoteFailure(caller_, act_, target_, status);
    return status;
  }

 private:
  AccessControl& access_;
  const Caller& caller_;
  const v1::AuditAct act_;
  std::string target_;
  std::string detail_;
  bool begun_ = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_AUDITED_ACT_H_
