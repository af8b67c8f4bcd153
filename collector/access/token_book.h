#ifndef CALLBRAID_COLLECTOR_ACCESS_TOKEN_BOOK_H_
#define CALLBRAID_COLLECTOR_ACCESS_TOKEN_BOOK_H_

#include <memory>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/token_record.pb.h"
#include "callbraid/v1/access.pb.h"
#include "collector/access/audit_log.h"
#include "collector/access/caller.h"
#include "collector/store/access_store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// All API tokens: in memory to be found, in the store to be kept. Thread-safe.
class TokenBook {
 public:
  static constexpr size_t kMaxTokens = 1000;

  // References must outlive the book.
  TokenBook(AccessStore& store, AuditLog& audit, const Clock& clock)
      : store_(store), audit_(audit), clock_(clock) {}

  // Before anything else.
  absl::Status Load();

  // For reactions: never touches the disk. Null if there is none, whether or
  // not it is still good: Grant::Check() tells.
  std::shared_ptr<Grant> Find(const std::string& hash) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // That `grant` was used from `address` now.
  void Used(Grant& grant, const std::string& address) const;

  // The rest touches the disk.
  //
  // With a note in the audit log. As AccessService says.
  absl::StatusOr<v1::CreateTokenResponse> Create(
      const v1::CreateTokenRequest& request, const Caller& by);
  // Of a guest who is shown the call with that whole id, which `by` sees.
  absl::StatusOr<v1::ShareCallResponse> Share(
      const v1::ShareCallRequest& request, const std::string& call_id,
      const Caller& by);
  absl::StatusOr<v1::Token> Revoke(const std::string& id, const Caller& by);
  // A token that somebody made in the data folder. ALREADY_EXISTS,
  // INVALID_ARGUMENT: it is none.
  absl::Status Adopt(const store::v1::TokenRecord& record);
  v1::ListTokensResponse List() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Writes when tokens were last used, and forgets those that ended long ago.
  absl::Status Maintain();

 private:
  struct Entry {
    store::v1::TokenRecord record;
    std::shared_ptr<Grant> grant;
  };

  static absl::StatusOr<Entry> EntryOf(store::v1::TokenRecord record);
  // `note`: what is written into the audit log.
  absl::Status Add(store::v1::TokenRecord record, v1::AuditEntry note)
      ABSL_LOCKS_EXCLUDED(write_mutex_, mutex_);
  // Whether there is a place for `added`; for which a guest that ended is
  // forgotten by `change`, if there must be one.
  absl::Status MakeRoom(const Grant& added, AccessChange& change) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // All, with their last use.
  std::vector<Entry> Entries() const ABSL_LOCKS_EXCLUDED(mutex_);

  AccessStore& store_;
  AuditLog& audit_;
  const Clock& clock_;
  // Held over changes, which touch the disk. Before mutex_.
  Mutex write_mutex_;
  mutable Mutex mutex_;
  // By hash.
  std::unordered_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_TOKEN_BOOK_H_
