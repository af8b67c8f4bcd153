#include "collector/access/access_control.h"

#include <functional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/access/roles.h"
#include "collector/access/token_drop.h"
#include "collector/access/token_secret.h"
#include "common/base/absl_string.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxAddresses = 4096;
// Refusals that are noted, of one address and of all: some 130,000 a day at
// most, so that nobody can push everything else out of the log by being
// refused.
constexpr uint32_t kNotesPerMinute = 10;
constexpr uint32_t kAllNotesPerMinute = 90;
constexpr uint32_t kActsPerMinute = 600;
constexpr uint32_t kGuestReadsPerMinute = 30;
// Of one name, whoever tries: some 29,000 a day, which no password of ten
// characters that somebody thought of needs to fear.
constexpr uint32_t kTriesPerMinute = 20;
constexpr size_t kMaxNames = 4096;
constexpr size_t kMaxToNote = 256;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxPasswordBytes = 200;
constexpr int64_t kMinuteNs = 60'000'000'000;
constexpr char kLogIn[] = "callbraid.v1.LoginService.LogIn";

// The token of "Bearer TOKEN"; "" if it is anything else.
std::string_view TokenIn(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!absl::StartsWithIgnoreCase(ToAbsl(authorization), ToAbsl(kScheme))) {
    return {};
  }
  const std::string_view token = authorization.substr(kScheme.size());
  return LooksLikeToken(token) ? token : std::string_view();
}

std::optional<v1::Role> KeysFrom(const v1::AccessConfig& config) {
  if (config.pressed_keys_from().empty()) return v1::ROLE_VIEWER;
  return ParseRole(config.pressed_keys_from());
}

absl::Status TooManyTries() {
  return absl::ResourceExhaustedError(
      "too many wrong passwords came; try again in a minute");
}

}  // namespace

AccessControl::AccessControl(const v1::AccessConfig& config, bool insecure,
                             std::string data, AccessStore& store,
                             const Clock& clock)
    : insecure_(insecure),
      keys_from_(KeysFrom(config)),
      data_(std::move(data)),
      clock_(clock),
      store_(store),
      audit_(config, store, clock),
      tokens_(store, audit_, clock),
      users_(store, audit_, clock),
      acts_(kActsPerMinute, kMaxNames, clock),
      guest_reads_(kGuestReadsPerMinute, kMaxNames, clock),
      bad_tokens_(config.bad_tokens_per_minute(), kMaxAddresses, clock),
      tries_(kTriesPerMinute, kMaxNames, clock),
      notes_(kNotesPerMinute, kMaxAddresses, clock),
      all_notes_(kAllNotesPerMinute, 1, clock),
      to_note_(kMaxToNote) {
  for (const v1::AccessClient& client : config.clients()) {
    v1::Scope scope;
    *scope.mutable_sites() = client.sites();
    *scope.mutable_numbers() = client.numbers();
    const auto parsed = Scope::Parse(scope);
    const auto role = ParseRole(client.role());
    // Complete() has refused what is neither.
    if (parsed.ok() && role) clients_[client.name()] = {*role, *parsed};
  }
}

AccessControl::~AccessControl() { Stop(); }

absl::Status AccessControl::Load() {
  RETURN_IF_ERROR(audit_.Load());
  RETURN_IF_ERROR(tokens_.Load());
  RETURN_IF_ERROR(users_.Load());
  RETURN_IF_ERROR(LoadSeal());
  if (!data_.empty()) AdoptTokens(data_, tokens_);
  return absl::OkStatus();
}

absl::Status AccessControl::LoadSeal() {
  ASSIGN_OR_RETURN(const std::string key, store_.ReadSealKey());
  kept_seal_ = PageSeal(key);
  if (kept_seal_.key() == key) return absl::OkStatus();
  AccessChange change;
  change.seal_key = kept_seal_.key();
  return store_.WriteAccess(change);
}

void AccessControl::Start() {
  thread_ = Thread("access", [this] {
    while (RunOnce(absl::Seconds(1))) {
    }
  });
}

void AccessControl::Stop() {
  to_note_.Close();
  thread_.Join();
}

bool AccessControl::Barred() const {
  return !insecure_ && clients_.empty() && tokens_.List().tokens().empty() &&
         users_.List().users().empty();
}

absl::StatusOr<Caller> AccessControl::Admit(
    const Peer& peer, const google::protobuf::Descriptor& request,
    const std::string& target) {
  Caller caller;
  caller.address = peer.address;
  const auto right = RightFor(request);
  caller.method = right ? right->method : request.full_name();
  absl::Status status = Identify(peer, caller);
  if (status.ok() && !right) {
    status = absl::PermissionDeniedError("nobody may call this");
  }
  if (status.ok() && !Suffices(caller.role, right->least)) {
    status = absl::PermissionDeniedError(
        absl::StrCat(caller.method, " needs the role ", Word(right->least),
                     "; ", caller.name, " has the role ", Word(caller.role)));
  }
  if (status.ok() && right->reads_media && caller.role == v1::ROLE_GUEST &&
      !guest_reads_.Take(caller.grant->id)) {
    status = absl::ResourceExhaustedError(
        "more than 30 recordings, timelines and the like in a minute by one "
        "link; try again in a moment");
  }
  if (status.ok()) {
    caller.sees_pressed_keys = keys_from_ && Suffices(caller.role, *keys_from_);
    return caller;
  }
  NoteFailure(caller, v1::AUDIT_ACT_REFUSED, target, status);
  return status;
}

absl::Status AccessControl::Identify(const Peer& peer, Caller& caller) {
  // One that is sent decides: a token is less than a certificate, and who
  // passes a request on must not lend its own rights to it.
  if (!peer.authorization.empty()) return ByToken(peer, caller);
  if (!insecure_) return ByCertificate(peer, caller);
  caller.role = v1::ROLE_ADMIN;
  return absl::OkStatus();
}

absl::Status AccessControl::ByToken(const Peer& peer, Caller& caller) {
  const std::string key = LimitKey(peer.address);
  const std::string_view token = peer.authorization.size() == 1
                                     ? TokenIn(peer.authorization.front())
                                     : std::string_view();
  const std::string hash = token.empty() ? "" : HashOfToken(token);
  const std::shared_ptr<Grant> login = users_.Find(hash);
  const std::shared_ptr<Grant> grant =
      login != nullptr ? login : tokens_.Find(hash);
  // Who used this token from there before is not locked out by a neighbour.
  const bool known =
      grant != nullptr && grant->last_address == std::hash<std::string>()(key);
  // Nor is whoever has one that ended kept from hearing so: what still runs on
  // it must end.
  const absl::Status good =
      grant == nullptr ? absl::OkStatus() : grant->Check(clock_.WallNs());
  if (!known && good.ok() && bad_tokens_.Exhausted(key)) {
    return absl::ResourceExhaustedError(
        "too many bad tokens came from this address; try again in a minute");
  }
  absl::Status status;
  if (peer.authorization.size() > 1) {
    status = absl::UnauthenticatedError("there is more than one authorization");
  } else if (token.empty()) {
    status = absl::UnauthenticatedError(
        "the authorization is not 'Bearer TOKEN' with a token of a collector");
  } else if (grant == nullptr) {
    status = absl::UnauthenticatedError("this collector has no such token");
  } else {
    caller.grant = grant;
    // A guest has the name that somebody gave it, who may have one like it.
    caller.name = grant->role == v1::ROLE_GUEST
                      ? absl::StrCat("guest:", grant->name)
                      : grant->name;
    caller.credential =
        login != nullptr ? v1::CREDENTIAL_PASSWORD : v1::CREDENTIAL_TOKEN;
    status = good;
  }
  if (!status.ok()) {
    // One that was good once is no guess.
    if (grant == nullptr) bad_tokens_.Take(key);
    return status;
  }
  tokens_.Used(*grant, key);
  caller.role = grant->role;
  caller.scope = grant->scope;
  return absl::OkStatus();
}

absl::Status AccessControl::ByCertificate(const Peer& peer, Caller& caller) {
  if (peer.certificate.none()) {
    return absl::UnauthenticatedError(
        "who asks? Show a certificate that access.clients names, or send a "
        "token");
  }
  const auto is_client = [this](const std::string& name) {
    return clients_.count(name) > 0;
  };
  caller.name = UserOf(peer.certificate, is_client);
  const auto client = clients_.find(caller.name);
  if (caller.name.empty() || client == clients_.end()) {
    if (caller.name.empty() && !peer.certificate.common_names.empty()) {
      caller.name = peer.certificate.common_names.front();
    }
    return absl::PermissionDeniedError(
        absl::StrCat("the certificate of '", caller.name.substr(0, 64), "' ",
                     peer.certificate.sensors.empty()
                         ? "has no role here; access.clients does not name it"
                         : "is a sensor's, and gives no right to ask"));
  }
  caller.credential = v1::CREDENTIAL_CERTIFICATE;
  caller.certificate_end_s = peer.validity.to_s;
  caller.role = client->second.role;
  caller.scope = client->second.scope;
  return Check(caller);
}

void AccessControl::NoteFailure(const Caller& caller, v1::AuditAct act,
                                const std::string& target,
                                const absl::Status& status) {
  if (!notes_.Take(LimitKey(caller.address)) || !all_notes_.Take("") ||
      !to_note_.Push(EntryOf(caller, act, target, status))) {
    ++skipped_;
  }
}

absl::Status AccessControl::NoteAct(const Caller& caller, v1::AuditAct act,
                                    const std::string& target,
                                    const std::string& detail) {
  // Without names there is nobody whose limit it would be.
  const bool is_guest =
      caller.role == v1::ROLE_GUEST && caller.grant != nullptr;
  if (!insecure_ && !acts_.Take(is_guest ? caller.grant->id : caller.name)) {
    return absl::ResourceExhaustedError(
        "more than 600 recordings, exports and orders in a minute; try again "
        "in a moment");
  }
  v1::AuditEntry entry = EntryOf(caller, act, target, absl::OkStatus());
  if (!detail.empty()) entry.set_detail(detail);
  return audit_.Append(std::move(entry));
}

absl::Status AccessControl::Check(const Caller& caller) const {
  return caller.Check(clock_.WallNs());
}

absl::StatusOr<v1::Token> AccessControl::Revoke(const std::string& id,
                                                const Caller& by) {
  ASSIGN_OR_RETURN(v1::Token token, tokens_.Revoke(id, by));
  sessions_.EndDead(clock_.WallNs());
  return token;
}

absl::StatusOr<v1::SetUserResponse> AccessControl::SetUser(
    const v1::SetUserRequest& request, const Caller& by) {
  auto response = users_.Set(request, by);
  sessions_.EndDead(clock_.WallNs());
  return response;
}

absl::Status AccessControl::RemoveUser(const std::string& name,
                                       const Caller& by) {
  const absl::Status status = users_.Remove(name, by);
  sessions_.EndDead(clock_.WallNs());
  return status;
}

void AccessControl::LogOut(const Caller& by) {
  users_.LogOut(by);
  sessions_.EndDead(clock_.WallNs());
}

absl::Status AccessControl::MayTry(const std::string& address) {
  return bad_tokens_.Exhausted(LimitKey(address)) ? TooManyTries()
                                                  : absl::OkStatus();
}

absl::Status AccessControl::TakeTry(const std::string& name) {
  return tries_.Take(name) ? absl::OkStatus() : TooManyTries();
}

absl::Status AccessControl::ChangePassword(
    const v1::ChangePasswordRequest& request, const Caller& by) {
  const absl::Status status = TryChangePassword(request, by);
  const bool wrong = absl::IsPermissionDenied(status);
  if (wrong) bad_tokens_.Take(LimitKey(by.address));
  if (wrong || absl::IsResourceExhausted(status)) {
    NoteFailure(by, v1::AUDIT_ACT_CHANGE_PASSWORD, by.name, status);
  }
  sessions_.EndDead(clock_.WallNs());
  return status;
}

absl::Status AccessControl::TryChangePassword(
    const v1::ChangePasswordRequest& request, const Caller& by) {
  RETURN_IF_ERROR(MayTry(by.address));
  // Of others it ends before a password is looked at.
  if (by.credential == v1::CREDENTIAL_PASSWORD) {
    RETURN_IF_ERROR(TakeTry(by.name));
  }
  return users_.ChangePassword(request, by);
}

absl::StatusOr<v1::LogInResponse> AccessControl::LogIn(
    const v1::LogInRequest& request, const Peer& peer) {
  absl::StatusOr<v1::LogInResponse> response = TryLogIn(request, peer);
  if (absl::IsUnauthenticated(response.status())) {
    bad_tokens_.Take(LimitKey(peer.address));
  }
  if (!response.ok()) NoteNoLogIn(request, peer, response.status());
  return response;
}

absl::StatusOr<v1::LogInResponse> AccessControl::TryLogIn(
    const v1::LogInRequest& request, const Peer& peer) {
  RETURN_IF_ERROR(MayTry(peer.address));
  // Nobody has one that is longer, and what is tried is remembered.
  if (request.name().size() > kMaxNameBytes ||
      request.password().size() > kMaxPasswordBytes) {
    return absl::UnauthenticatedError(
        "no user has that name and that password");
  }
  RETURN_IF_ERROR(TakeTry(request.name()));
  Caller by;
  by.address = peer.address;
  by.method = kLogIn;
  by.credential = v1::CREDENTIAL_PASSWORD;
  return users_.LogIn(request, by);
}

void AccessControl::NoteNoLogIn(const v1::LogInRequest& request,
                                const Peer& peer, const absl::Status& status) {
  Caller by;
  by.address = peer.address;
  by.method = kLogIn;
  // What was typed where a name is expected may be a password.
  const bool is_name = users_.Has(request.name());
  NoteFailure(by, v1::AUDIT_ACT_LOG_IN, is_name ? request.name() : "", status);
}

void AccessControl::NoteSkipped() {
  const uint64_t skipped = skipped_.exchange(0);
  if (skipped == 0) return;
  v1::AuditEntry entry;
  entry.set_act(v1::AUDIT_ACT_REFUSED);
  entry.set_credential(v1::CREDENTIAL_COLLECTOR);
  entry.set_skipped(skipped);
  entry.set_detail("refused requests that were not noted one by one");
  if (!audit_.Append(std::move(entry)).ok()) skipped_ += skipped;
}

bool AccessControl::RunOnce(absl::Duration timeout) {
  if (auto entry = to_note_.Pop(timeout)) {
    // The disk is full: at least the number is kept.
    if (!audit_.Append(*std::move(entry)).ok()) ++skipped_;
  }
  const bool ends = to_note_.closed_and_empty();
  sessions_.EndDead(clock_.WallNs());
  if (!data_.empty()) AdoptTokens(data_, tokens_);
  if (ends || clock_.MonotonicNs() - minute_ns_ >= kMinuteNs) {
    minute_ns_ = clock_.MonotonicNs();
    NoteSkipped();
    for (const absl::Status& status : {tokens_.Maintain(), audit_.Cut()}) {
      if (!status.ok()) spdlog::warn("{}", std::string(status.message()));
    }
  }
  return !ends;
}

}  // namespace callbraid::collector
