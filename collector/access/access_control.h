#ifndef CALLBRAID_COLLECTOR_ACCESS_ACCESS_CONTROL_H_
#define CALLBRAID_COLLECTOR_ACCESS_ACCESS_CONTROL_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/config.pb.h"
#include "collector/access/attempt_limiter.h"
#include "collector/access/audit_log.h"
#include "collector/access/caller.h"
#include "collector/access/page_seal.h"
#include "collector/access/peer.h"
#include "collector/access/sessions.h"
#include "collector/access/token_book.h"
#include "collector/access/user_book.h"
#include "collector/store/access_store.h"
#include "common/base/bounded_queue.h"
#include "common/base/clock.h"
#include "common/base/thread.h"

namespace callbraid::collector {

// The door of the query side: every request is admitted here, or refused.
//
// Thread-safe. Its own thread, "access", notes who was refused, takes up tokens
// from the data folder, ends streams whose token expires, and keeps the audit
// log within its bounds.
class AccessControl {
 public:
  // `config` as from Complete(). With `insecure`, whoever sends no token may do
  // everything; certificates there are none. `data` is the folder of the store;
  // "": nothing is taken up from it. References must outlive this.
  AccessControl(const v1::AccessConfig& config, bool insecure, std::string data,
                AccessStore& store, const Clock& clock);
  // As Stop().
  ~AccessControl();

  // Before anything else.
  absl::Status Load();
  void Start();
  // Notes what is still to be noted, and ends the thread. Once.
  void Stop();

  // Who asks for `method`, if it may. For reactions: never waits, never touches
  // the disk. `request` is the type of what was sent; `target` the id in it.
  // RESOURCE_EXHAUSTED of a guest who reads media more than 30 times a minute:
  // a link must not take the threads that everyone reads by.
  absl::StatusOr<Caller> Admit(const Peer& peer,
                               const google::protobuf::Descriptor& request,
                               const std::string& target);

  // That what `caller` was to be given failed: noted, if it does not come too
  // often.
  void NoteFailure(const Caller& caller, v1::AuditAct act,
                   const std::string& target, const absl::Status& status);

  // Notes that `caller` is given `target`, or does something to it, with
  // `detail` (why; valid UTF-8): OK when that is on disk.
  // RESOURCE_EXHAUSTED beyond 600 acts a minute of one name, so that nobody can
  // push the rest out of the log by listening.
  absl::Status NoteAct(const Caller& caller, v1::AuditAct act,
                       const std::string& target,
                       const std::string& detail = "");

  // UNAUTHENTICATED if what `caller` came with is good no more.
  absl::Status Check(const Caller& caller) const;

  // For the API. Revoke ends the streams that run on the token.
  absl::StatusOr<v1::Token> Revoke(const std::string& id, const Caller& by);
  absl::StatusOr<v1::SetUserResponse> SetUser(const v1::SetUserRequest& request,
                                              const Caller& by);
  absl::Status RemoveUser(const std::string& name, const Caller& by);
  absl::Status ChangePassword(const v1::ChangePasswordRequest& request,
                              const Caller& by);
  void LogOut(const Caller& by);
  // RESOURCE_EXHAUSTED: too many wrong passwords or tokens came from there. For
  // reactions.
  absl::Status MayTry(const std::string& address);
  // Of whoever can connect.
  absl::StatusOr<v1::LogInResponse> LogIn(const v1::LogInRequest& request,
                                          const Peer& peer);
  // Notes that `request` came to nothing, as NoteFailure() does; LogIn() has
  // done so. For reactions.
  void NoteNoLogIn(const v1::LogInRequest& request, const Peer& peer,
                   const absl::Status& status);
  const UserBook& users() const { return users_; }
  TokenBook& tokens() { return tokens_; }
  AuditLog& audit() { return audit_; }
  Sessions& sessions() { return sessions_; }
  const PageSeal& pages() const { return pages_; }
  // Of tokens that outlive the process: its key is in the store.
  const PageSeal& kept_seal() const { return kept_seal_; }

  // Whether nobody may ask anything.
  bool Barred() const;

  // One round of the thread: waits for `timeout`, or until there is something
  // to note. False when it is stopped. Public for tests.
  bool RunOnce(absl::Duration timeout);

 private:
  struct Client {
    v1::Role role = v1::ROLE_UNSPECIFIED;
    Scope scope = Scope::All();
  };

  // Fills in who it is. What the caller is so far, for the note, if it is
  // refused.
  absl::Status Identify(const Peer& peer, Caller& caller);
  absl::Status ByToken(const Peer& peer, Caller& caller);
  absl::Status LoadSeal();
  absl::Status ByCertificate(const Peer& peer, Caller& caller);
  void NoteSkipped();
  // One more try of a password for `name`, if there is one left.
  absl::Status TakeTry(const std::string& name);
  // As the methods above, which note what comes of it.
  absl::Status TryChangePassword(const v1::ChangePasswordRequest& request,
                                 const Caller& by);
  absl::StatusOr<v1::LogInResponse> TryLogIn(const v1::LogInRequest& request,
                                             const Peer& peer);

  const bool insecure_;
  // From which role on it is told which keys were pressed; none: nobody.
  const std::optional<v1::Role> keys_from_;
  const std::string data_;
  const Clock& clock_;
  AccessStore& store_;
  std::map<std::string, Client> clients_;
  AuditLog audit_;
  TokenBook tokens_;
  UserBook users_;
  Sessions sessions_;
  const PageSeal pages_;
  // Set by Load().
  PageSeal kept_seal_;
  // By the caller's name.
  AttemptLimiter acts_;
  // What guests read of media, by the id of the token.
  AttemptLimiter guest_reads_;
  // Bad tokens and refusals, by address; and refusals of all together.
  AttemptLimiter bad_tokens_;
  // Passwords that were tried, by name.
  AttemptLimiter tries_;
  AttemptLimiter notes_;
  AttemptLimiter all_notes_;
  BoundedQueue<v1::AuditEntry> to_note_;
  std::atomic<uint64_t> skipped_ = 0;
  // Of the thread alone: monotonic.
  int64_t minute_ns_ = 0;
  Thread thread_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_ACCESS_CONTROL_H_
