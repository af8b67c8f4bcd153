#ifndef CALLBRAID_COLLECTOR_ACCESS_USER_BOOK_H_
#define CALLBRAID_COLLECTOR_ACCESS_USER_BOOK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/user_record.pb.h"
#include "callbraid/v1/access.pb.h"
#include "collector/access/audit_log.h"
#include "collector/access/caller.h"
#include "collector/store/access_store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// All users who log in by passwords, in memory and in the store; and who is
// logged in, in memory alone. Thread-safe.
class UserBook {
 public:
  static constexpr size_t kMaxUsers = 1000;

  // References must outlive the book.
  UserBook(AccessStore& store, AuditLog& audit, const Clock& clock)
      : store_(store), audit_(audit), clock_(clock) {}

  // Before anything else.
  absl::Status Load();

  // For reactions: never waits. As TokenBook::Find(), of what LogIn() gave;
  // what ended is known on, until there is no room for it.
  std::shared_ptr<Grant> Find(const std::string& hash) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The rest touches the disk, and passwords take some 100 ms. As AccessService
  // and LoginService say; who may try how often is not decided here.
  // UNAVAILABLE of a change: it cannot be written, but logins that it ends are
  // ended.
  absl::StatusOr<v1::SetUserResponse> Set(const v1::SetUserRequest& request,
                                          const Caller& by);
  absl::Status Remove(const std::string& name, const Caller& by);
  v1::ListUsersResponse List() const ABSL_LOCKS_EXCLUDED(mutex_);
  bool Has(const std::string& name) const ABSL_LOCKS_EXCLUDED(mutex_);
  // `by`: who tries, with the name.
  absl::StatusOr<v1::LogInResponse> LogIn(const v1::LogInRequest& request,
                                          const Caller& by);
  // Ends the login of `by`, if that is one.
  void LogOut(const Caller& by) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status ChangePassword(const v1::ChangePasswordRequest& request,
                              const Caller& by);

 private:
  struct Login {
    std::string user;
    std::shared_ptr<Grant> grant;
  };

  // Empty if there is none.
  store::v1::UserRecord RecordOf(const std::string& name) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The same, but with a password that nobody has if the user is barred.
  store::v1::UserRecord RecordToLogIn(const std::string& name) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Writes `record` and what is to be noted; who is logged in as that user no
  // longer is, but for `but`.
  absl::Status Write(store::v1::UserRecord record, v1::AuditEntry note,
                     const Grant* but)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndLogins(const std::string& user, const Grant* but)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // For one more. Beyond the most of one user its oldest ends; beyond the most
  // of all one is forgotten, if it can be one that ended.
  void MakeRoom(const std::string& user) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  AccessStore& store_;
  AuditLog& audit_;
  const Clock& clock_;
  // Held over changes, which touch the disk. Before mutex_.
  Mutex write_mutex_;
  mutable Mutex mutex_;
  // By name.
  std::map<std::string, store::v1::UserRecord> users_ ABSL_GUARDED_BY(mutex_);
  // Users that are to be removed, which could not be written: nobody logs in as
  // one of them.
  std::set<std::string> barred_ ABSL_GUARDED_BY(mutex_);
  // By the hash of the secret.
  std::unordered_map<std::string, Login> logins_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_USER_BOOK_H_
