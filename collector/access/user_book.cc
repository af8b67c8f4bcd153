#include "collector/access/user_book.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "collector/access/password.h"
#include "collector/access/roles.h"
#include "collector/access/token_secret.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kHourNs = 3'600'000'000'000;
constexpr int64_t kLoginNs = 24 * kHourNs;
constexpr size_t kMaxLogins = 10'000;
constexpr size_t kMaxLoginsOfUser = 50;

// "all", or "berlin, +4930* and 98 more": as much as fits into a line of the
// log.
std::string Sees(const v1::Scope& scope) {
  constexpr size_t kMaxBytes = 256;
  std::vector<std::string> parts(scope.sites().begin(), scope.sites().end());
  parts.insert(parts.end(), scope.numbers().begin(), scope.numbers().end());
  if (parts.empty()) return "all";
  std::string text = parts.front();
  for (size_t i = 1; i < parts.size(); ++i) {
    if (text.size() + parts[i].size() > kMaxBytes) {
      return absl::StrCat(text, " and ", parts.size() - i, " more");
    }
    absl::StrAppend(&text, ", ", parts[i]);
  }
  return text;
}

absl::Status Wrong() {
  return absl::UnauthenticatedError("no user has that name and that password");
}

}  // namespace

absl::Status UserBook::Load() {
  ASSIGN_OR_RETURN(std::vector<store::v1::UserRecord> records,
                   store_.ListUsers());
  MutexLock lock(mutex_);
  for (store::v1::UserRecord& record : records) {
    const std::string name = record.user().name();
    users_[name] = std::move(record);
  }
  return absl::OkStatus();
}

std::shared_ptr<Grant> UserBook::Find(const std::string& hash) const {
  MutexLock lock(mutex_);
  const auto found = logins_.find(hash);
  return found == logins_.end() ? nullptr : found->second.grant;
}

store::v1::UserRecord UserBook::RecordOf(const std::string& name) const {
  MutexLock lock(mutex_);
  const auto found = users_.find(name);
  return found == users_.end() ? store::v1::UserRecord() : found->second;
}

store::v1::UserRecord UserBook::RecordToLogIn(const std::string& name) const {
  store::v1::UserRecord record = RecordOf(name);
  MutexLock lock(mutex_);
  if (barred_.count(name) > 0) record.clear_key();
  return record;
}

absl::StatusOr<v1::SetUserResponse> UserBook::Set(
    const v1::SetUserRequest& request, const Caller& by) {
  const std::string& name = request.user().name();
  v1::Token rights;
  rights.set_name(name);
  rights.set_role(request.user().role());
  *rights.mutable_scope() = request.user().scope();
  RETURN_IF_ERROR(CheckRights(rights));
  if (request.user().role() == v1::ROLE_GUEST) {
    return absl::InvalidArgumentError("role: guests are made by ShareCall");
  }
  MutexLock write_lock(write_mutex_);
  store::v1::UserRecord record = RecordOf(name);
  const bool is_new = record.user().name().empty();
  v1::User& user = *record.mutable_user();
  user.set_name(name);
  user.set_role(request.user().role());
  *user.mutable_scope() = request.user().scope();
  const auto now = TimeUtil::NanosecondsToTimestamp(clock_.WallNs());
  if (is_new) {
    MutexLock lock(mutex_);
    if (users_.size() >= kMaxUsers) {
      return absl::ResourceExhaustedError(
          absl::StrCat("there are ", kMaxUsers, " users"));
    }
    *user.mutable_create_time() = now;
  }
  if (is_new || !request.password().empty()) {
    RETURN_IF_ERROR(CheckPassword(request.password(), name));
    SetPassword(request.password(), record);
    *user.mutable_password_time() = now;
  }
  v1::SetUserResponse response;
  *response.mutable_user() = user;
  v1::AuditEntry note =
      EntryOf(by, v1::AUDIT_ACT_SET_USER, name, absl::OkStatus());
  note.set_detail(absl::StrCat(
      Word(user.role()), request.password().empty() ? "" : ", password set",
      ", sees ", Sees(user.scope())));
  RETURN_IF_ERROR(Write(std::move(record), std::move(note), nullptr));
  return response;
}

absl::Status UserBook::Write(store::v1::UserRecord record, v1::AuditEntry note,
                             const Grant* but) {
  const std::string name = record.user().name();
  AccessChange change;
  change.users.push_back(record);
  {
    // At once, also when it cannot be written.
    MutexLock lock(mutex_);
    EndLogins(name, but);
  }
  const absl::Status written =
      audit_.Append(std::move(note), std::move(change));
  if (!written.ok()) {
    return absl::UnavailableError(absl::StrCat(
        "who was logged in as this user no longer is, but the change cannot be "
        "written and does not hold; make it again when this is cured: ",
        written.message()));
  }
  MutexLock lock(mutex_);
  // Who logged in meanwhile has what the user had before.
  EndLogins(name, but);
  users_[name] = std::move(record);
  barred_.erase(name);
  return absl::OkStatus();
}

absl::Status UserBook::Remove(const std::string& name, const Caller& by) {
  MutexLock write_lock(write_mutex_);
  if (RecordOf(name).user().name().empty()) {
    return absl::NotFoundError(
        absl::StrCat("no user has the name '", name.substr(0, 64), "'"));
  }
  AccessChange change;
  change.removed_users.push_back(name);
  {
    // At once, also when it cannot be written.
    MutexLock lock(mutex_);
    barred_.insert(name);
    EndLogins(name, nullptr);
  }
  const absl::Status written = audit_.Append(
      EntryOf(by, v1::AUDIT_ACT_REMOVE_USER, name, absl::OkStatus()),
      std::move(change));
  if (!written.ok()) {
    return absl::UnavailableError(absl::StrCat(
        "nobody can log in as this user from now on, but that cannot be "
        "written, and after a restart it would not hold; remove it again when "
        "this is cured: ",
        written.message()));
  }
  MutexLock lock(mutex_);
  users_.erase(name);
  barred_.erase(name);
  return absl::OkStatus();
}

v1::ListUsersResponse UserBook::List() const {
  v1::ListUsersResponse response;
  MutexLock lock(mutex_);
  for (const auto& [name, record] : users_) {
    *response.add_users() = record.user();
  }
  return response;
}

bool UserBook::Has(const std::string& name) const {
  MutexLock lock(mutex_);
  return users_.count(name) > 0;
}

absl::StatusOr<v1::LogInResponse> UserBook::LogIn(
    const v1::LogInRequest& request, const Caller& by) {
  const store::v1::UserRecord record = RecordToLogIn(request.name());
  if (!IsPassword(request.password(), record)) return Wrong();
  const int64_t now_ns = clock_.WallNs();
  v1::Token token;
  v1::LogInResponse response;
  response.set_secret(NewTokenSecret());
  const std::string hash = HashOfToken(response.secret());
  token.set_id(absl::BytesToHexString(hash.substr(0, 8)));
  token.set_name(record.user().name());
  *response.mutable_expire_time() =
      TimeUtil::NanosecondsToTimestamp(now_ns + kLoginNs);
  Caller known = by;
  known.name = record.user().name();
  RETURN_IF_ERROR(audit_.Append(
      EntryOf(known, v1::AUDIT_ACT_LOG_IN, known.name, absl::OkStatus())));
  MutexLock lock(mutex_);
  const auto now = users_.find(record.user().name());
  // Removed, or changed, while the password was looked at.
  if (now == users_.end() || now->second.key() != record.key() ||
      barred_.count(token.name()) > 0) {
    return Wrong();
  }
  token.set_role(now->second.user().role());
  ASSIGN_OR_RETURN(Scope scope, Scope::Parse(now->second.user().scope()));
  MakeRoom(record.user().name());
  now->second.mutable_user()->mutable_last_login_time()->set_seconds(
      now_ns / kHourNs * 3600);
  logins_[hash] = {
      record.user().name(),
      std::make_shared<Grant>(token, std::move(scope), now_ns + kLoginNs)};
  return response;
}

void UserBook::LogOut(const Caller& by) {
  MutexLock lock(mutex_);
  for (auto& [hash, login] : logins_) {
    if (login.grant == by.grant) login.grant->revoked = true;
  }
}

absl::Status UserBook::ChangePassword(const v1::ChangePasswordRequest& request,
                                      const Caller& by) {
  std::string name;
  {
    MutexLock lock(mutex_);
    for (const auto& [hash, login] : logins_) {
      if (login.grant == by.grant && !login.grant->revoked) name = login.user;
    }
  }
  if (name.empty()) {
    return absl::FailedPreconditionError(
        "you did not log in by a password; there is none to change");
  }
  MutexLock write_lock(write_mutex_);
  store::v1::UserRecord record = RecordOf(name);
  if (!IsPassword(request.old_password(), record)) {
    // Not UNAUTHENTICATED: who asks is known, and stays logged in.
    return absl::PermissionDeniedError("old_password: is another one");
  }
  RETURN_IF_ERROR(CheckPassword(request.new_password(), name));
  SetPassword(request.new_password(), record);
  *record.mutable_user()->mutable_password_time() =
      TimeUtil::NanosecondsToTimestamp(clock_.WallNs());
  return Write(
      std::move(record),
      EntryOf(by, v1::AUDIT_ACT_CHANGE_PASSWORD, name, absl::OkStatus()),
      by.grant.get());
}

void UserBook::EndLogins(const std::string& user, const Grant* but) {
  for (auto& [hash, login] : logins_) {
    if (login.user == user && login.grant.get() != but) {
      login.grant->revoked = true;
    }
  }
}

void UserBook::MakeRoom(const std::string& user) {
  const int64_t now_ns = clock_.WallNs();
  const auto none = logins_.end();
  auto oldest = none;
  auto oldest_ended = none;
  auto oldest_of_user = none;
  size_t of_user = 0;
  const auto keep_older = [none](auto at, auto& older) {
    if (older == none ||
        at->second.grant->expire_ns < older->second.grant->expire_ns) {
      older = at;
    }
  };
  for (auto at = logins_.begin(); at != none; ++at) {
    const bool ended = !at->second.grant->Check(now_ns).ok();
    keep_older(at, ended ? oldest_ended : oldest);
    if (ended || at->second.user != user) continue;
    keep_older(at, oldest_of_user);
    ++of_user;
  }
  if (of_user >= kMaxLoginsOfUser) {
    oldest_of_user->second.grant->revoked = true;
    if (oldest_ended == none) oldest_ended = oldest_of_user;
  }
  if (logins_.size() < kMaxLogins) return;
  const auto forgotten = oldest_ended == none ? oldest : oldest_ended;
  forgotten->second.grant->revoked = true;
  logins_.erase(forgotten);
}

}  // namespace callbraid::collector
