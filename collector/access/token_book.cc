#include "collector/access/token_book.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/access/roles.h"
#include "collector/access/token_secret.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kHourNs = 3'600'000'000'000;
constexpr int64_t kForgetAfterNs = 30 * 24 * kHourNs;
// A guest that ended. What it was shown is in the audit log, but what still
// asks by its link is to be told so, and not to be taken for a guess.
constexpr int64_t kForgetGuestAfterNs = 24 * kHourNs;
constexpr int64_t kShareForNs = 7 * 24 * kHourNs;
constexpr int64_t kShareAtMostNs = 30 * 24 * kHourNs;

int64_t Ns(const google::protobuf::Timestamp& time) {
  return TimeUtil::TimestampToNanoseconds(time);
}

int64_t EndNs(const v1::Token& token) {
  const int64_t expire_ns = Ns(token.expire_time());
  return token.has_revoke_time() ? std::min(expire_ns, Ns(token.revoke_time()))
                                 : expire_ns;
}

int64_t ForgetNs(const v1::Token& token) {
  return token.role() == v1::ROLE_GUEST
             ? EndNs(token) + kForgetGuestAfterNs
             : Ns(token.expire_time()) + kForgetAfterNs;
}

v1::AuditEntry CreationNote(const v1::Token& token, const Caller& by) {
  v1::AuditEntry note =
      EntryOf(by, v1::AUDIT_ACT_CREATE_TOKEN, token.id(), absl::OkStatus());
  note.set_detail(absl::StrCat(token.name(), ", ", Word(token.role())));
  return note;
}

}  // namespace

absl::StatusOr<TokenBook::Entry> TokenBook::EntryOf(
    store::v1::TokenRecord record) {
  const v1::Token& token = record.token();
  ASSIGN_OR_RETURN(Scope scope, Scope::Parse(token.scope()));
  auto grant =
      std::make_shared<Grant>(token, std::move(scope), Ns(token.expire_time()));
  grant->last_use_ns = Ns(token.last_use_time());
  return Entry{std::move(record), std::move(grant)};
}

absl::Status TokenBook::Load() {
  ASSIGN_OR_RETURN(std::vector<store::v1::TokenRecord> records,
                   store_.ListTokens());
  MutexLock lock(mutex_);
  for (store::v1::TokenRecord& record : records) {
    auto entry = EntryOf(std::move(record));
    if (!entry.ok()) {
      return absl::DataLossError(
          absl::StrCat("a stored token: ", entry.status().message()));
    }
    entries_[entry->record.hash()] = *std::move(entry);
  }
  return absl::OkStatus();
}

std::shared_ptr<Grant> TokenBook::Find(const std::string& hash) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(hash);
  return found == entries_.end() ? nullptr : found->second.grant;
}

void TokenBook::Used(Grant& grant, const std::string& address) const {
  grant.last_use_ns = clock_.WallNs() / kHourNs * kHourNs;
  grant.last_address = std::hash<std::string>()(address);
}

absl::StatusOr<v1::CreateTokenResponse> TokenBook::Create(
    const v1::CreateTokenRequest& request, const Caller& by) {
  if (request.role() == v1::ROLE_GUEST) {
    return absl::InvalidArgumentError("role: guests are made by ShareCall");
  }
  v1::CreateTokenResponse response;
  response.set_secret(NewTokenSecret());
  ASSIGN_OR_RETURN(
      store::v1::TokenRecord record,
      NewTokenRecord(request, response.secret(), by.name, clock_.WallNs()));
  *response.mutable_token() = record.token();
  RETURN_IF_ERROR(Add(std::move(record), CreationNote(response.token(), by)));
  return response;
}

absl::StatusOr<v1::ShareCallResponse> TokenBook::Share(
    const v1::ShareCallRequest& request, const std::string& call_id,
    const Caller& by) {
  const int64_t now_ns = clock_.WallNs();
  v1::CreateTokenRequest guest;
  guest.set_name(request.name().empty() ? "guest" : request.name());
  guest.set_role(v1::ROLE_GUEST);
  *guest.mutable_scope() = by.scope.Of(call_id).ToProto();
  *guest.mutable_expire_time() =
      request.has_expire_time()
          ? request.expire_time()
          : TimeUtil::NanosecondsToTimestamp(now_ns + kShareForNs);
  v1::ShareCallResponse response;
  response.set_secret(NewTokenSecret());
  ASSIGN_OR_RETURN(store::v1::TokenRecord record,
                   NewTokenRecord(guest, response.secret(), by.name, now_ns));
  if (Ns(guest.expire_time()) > now_ns + kShareAtMostNs) {
    return absl::InvalidArgumentError(
        "expire_time: a call is shared for 30 days at most");
  }
  *response.mutable_token() = record.token();
  response.set_path(
      absl::StrCat("/calls/", call_id, "#share=", response.secret()));
  v1::AuditEntry note = collector::EntryOf(by, v1::AUDIT_ACT_SHARE_CALL,
                                           call_id, absl::OkStatus());
  note.set_detail(absl::StrCat("with ", guest.name(), " until ",
                               TimeUtil::ToString(guest.expire_time()),
                               ", token ", response.token().id()));
  RETURN_IF_ERROR(Add(std::move(record), std::move(note)));
  return response;
}

absl::Status TokenBook::Adopt(const store::v1::TokenRecord& record) {
  RETURN_IF_ERROR(CheckTokenRecord(record, clock_.WallNs()));
  Caller folder;
  folder.credential = v1::CREDENTIAL_DATA_FOLDER;
  return Add(record, CreationNote(record.token(), folder));
}

absl::Status TokenBook::Add(store::v1::TokenRecord record,
                            v1::AuditEntry note) {
  ASSIGN_OR_RETURN(Entry entry, EntryOf(std::move(record)));
  MutexLock write_lock(write_mutex_);
  AccessChange change;
  {
    MutexLock lock(mutex_);
    // One that was revoked does not come back by its file.
    if (entries_.count(entry.record.hash()) > 0) {
      return absl::AlreadyExistsError("this token is known already");
    }
    RETURN_IF_ERROR(MakeRoom(*entry.grant, change));
  }
  change.tokens.push_back(entry.record);
  RETURN_IF_ERROR(audit_.Append(std::move(note), change));
  MutexLock lock(mutex_);
  for (const std::string& hash : change.removed_tokens) entries_.erase(hash);
  entries_[entry.record.hash()] = std::move(entry);
  return absl::OkStatus();
}

absl::Status TokenBook::MakeRoom(const Grant& added,
                                 AccessChange& change) const {
  size_t guests = 0;
  const v1::Token* first = nullptr;  // To end, of the guests that have ended.
  std::string hash_of_first;
  for (const auto& [hash, entry] : entries_) {
    if (entry.grant->role != v1::ROLE_GUEST) continue;
    ++guests;
    if (entry.grant->Check(clock_.WallNs()).ok()) continue;
    const v1::Token& ended = entry.record.token();
    if (first != nullptr && EndNs(*first) <= EndNs(ended)) continue;
    first = &ended;
    hash_of_first = hash;
  }
  const bool too_many_guests =
      added.role == v1::ROLE_GUEST && guests >= kMaxTokens / 2;
  if (!too_many_guests && entries_.size() < kMaxTokens) return absl::OkStatus();
  if (first != nullptr) {
    change.removed_tokens.push_back(hash_of_first);
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      too_many_guests
          ? absl::StrCat(kMaxTokens / 2,
                         " calls are shared; revoke tokens of guests, or wait "
                         "until some end")
          : absl::StrCat("there are ", kMaxTokens,
                         " tokens; expired ones are forgotten after 30 days"));
}

absl::StatusOr<v1::Token> TokenBook::Revoke(const std::string& id,
                                            const Caller& by) {
  MutexLock write_lock(write_mutex_);
  for (Entry& entry : Entries()) {
    v1::Token& token = *entry.record.mutable_token();
    if (token.id() != id) continue;
    if (token.has_revoke_time()) return token;
    *token.mutable_revoke_time() =
        TimeUtil::NanosecondsToTimestamp(clock_.WallNs());
    v1::AuditEntry note = collector::EntryOf(by, v1::AUDIT_ACT_REVOKE_TOKEN, id,
                                             absl::OkStatus());
    note.set_detail(token.name());
    AccessChange change;
    change.tokens.push_back(entry.record);
    // At once, also when it cannot be written.
    entry.grant->revoked = true;
    const absl::Status written =
        audit_.Append(std::move(note), std::move(change));
    if (!written.ok()) {
      return absl::UnavailableError(absl::StrCat(
          "the token is refused from now on, but that cannot be written, and "
          "after a restart it would not be; revoke it again when this is "
          "cured: ",
          written.message()));
    }
    MutexLock lock(mutex_);
    entries_[entry.record.hash()].record = entry.record;
    return token;
  }
  return absl::NotFoundError(
      absl::StrCat("no token has the id '", id.substr(0, 40), "'"));
}

std::vector<TokenBook::Entry> TokenBook::Entries() const {
  std::vector<Entry> entries;
  MutexLock lock(mutex_);
  for (const auto& [hash, entry] : entries_) {
    entries.push_back(entry);
    const int64_t last_use_ns = entry.grant->last_use_ns;
    if (last_use_ns == 0) continue;
    *entries.back().record.mutable_token()->mutable_last_use_time() =
        TimeUtil::NanosecondsToTimestamp(last_use_ns);
  }
  return entries;
}

v1::ListTokensResponse TokenBook::List() const {
  std::vector<Entry> entries = Entries();
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const auto key = [](const Entry& entry) {
      return std::make_tuple(Ns(entry.record.token().create_time()),
                             entry.record.token().id());
    };
    return key(a) < key(b);
  });
  v1::ListTokensResponse response;
  for (Entry& entry : entries) {
    *response.add_tokens() = std::move(*entry.record.mutable_token());
  }
  return response;
}

absl::Status TokenBook::Maintain() {
  MutexLock write_lock(write_mutex_);
  AccessChange change;
  for (const Entry& entry : Entries()) {
    if (clock_.WallNs() > ForgetNs(entry.record.token())) {
      change.removed_tokens.push_back(entry.record.hash());
      continue;
    }
    MutexLock lock(mutex_);
    v1::Token& stored = *entries_[entry.record.hash()].record.mutable_token();
    if (stored.last_use_time() == entry.record.token().last_use_time())
      continue;
    *stored.mutable_last_use_time() = entry.record.token().last_use_time();
    change.tokens.push_back(entry.record);
  }
  if (change.tokens.empty() && change.removed_tokens.empty()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(store_.WriteAccess(change));
  MutexLock lock(mutex_);
  for (const std::string& hash : change.removed_tokens) entries_.erase(hash);
  return absl::OkStatus();
}

}  // namespace callbraid::collector
