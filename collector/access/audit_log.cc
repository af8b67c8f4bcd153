#include "collector/access/audit_log.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr uint64_t kNewest = std::numeric_limits<uint64_t>::max();
constexpr uint32_t kDefaultPage = 100;
constexpr uint32_t kMaxPage = 1000;
// Entries that one request looks at.
constexpr size_t kMaxScanned = 50'000;
constexpr uint64_t kMaxCut = 10'000;
constexpr int64_t kHourNs = 3'600'000'000'000;
// What comes from outside is cut to this.
constexpr size_t kMaxTextBytes = 128;

std::string Bounded(std::string text) {
  text.resize(std::min(text.size(), kMaxTextBytes));
  // A field of text must be UTF-8: here everything else is '?'.
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte > '~') c = '?';
  }
  return text;
}

int64_t TimeNs(const v1::AuditEntry& entry) {
  return TimeUtil::TimestampToNanoseconds(entry.time());
}

bool Matches(const v1::ListAuditRequest& request, const v1::AuditEntry& entry) {
  return (!request.has_from() || entry.time() >= request.from()) &&
         (!request.has_before() || entry.time() < request.before()) &&
         (request.user().empty() || entry.user() == request.user()) &&
         (request.target().empty() || entry.target() == request.target());
}

}  // namespace

v1::AuditEntry EntryOf(const Caller& caller, v1::AuditAct act,
                       const std::string& target, const absl::Status& status) {
  v1::AuditEntry entry;
  entry.set_act(act);
  entry.set_credential(caller.credential);
  entry.set_user(Bounded(caller.name));
  if (caller.grant != nullptr) entry.set_token_id(caller.grant->id);
  entry.set_address(Bounded(caller.address));
  entry.set_method(caller.method);
  entry.set_target(Bounded(target));
  entry.set_status(static_cast<uint32_t>(status.code()));
  entry.set_detail(Bounded({status.message().data(), status.message().size()}));
  return entry;
}

AuditLog::AuditLog(const v1::AccessConfig& config, AccessStore& store,
                   const Clock& clock)
    : max_entries_(config.audit_entries()),
      max_age_ns_(absl::ToInt64Nanoseconds(absl::Hours(24)) *
                  config.audit_days()),
      store_(store),
      clock_(clock) {}

absl::Status AuditLog::Load() {
  MutexLock lock(mutex_);
  const auto find = [this](uint64_t from, bool newest_first, uint64_t& found) {
    return store_.ReadAudit(from, newest_first, [&found](v1::AuditEntry entry) {
      found = entry.sequence();
      return false;
    });
  };
  uint64_t newest = 0;
  RETURN_IF_ERROR(find(0, false, oldest_));
  RETURN_IF_ERROR(find(kNewest, true, newest));
  next_ = newest + 1;
  return absl::OkStatus();
}

absl::Status AuditLog::Append(v1::AuditEntry entry, AccessChange with) {
  MutexLock lock(mutex_);
  return Write(std::move(entry), std::move(with));
}

absl::Status AuditLog::Write(v1::AuditEntry entry, AccessChange with) {
  entry.set_sequence(next_);
  *entry.mutable_time() = TimeUtil::NanosecondsToTimestamp(clock_.WallNs());
  with.entries.push_back(std::move(entry));
  if (const absl::Status status = store_.WriteAccess(with); !status.ok()) {
    return absl::UnavailableError(
        absl::StrCat("the audit log cannot be written: ", status.message()));
  }
  ++next_;
  return absl::OkStatus();
}

absl::StatusOr<v1::ListAuditResponse> AuditLog::List(
    const v1::ListAuditRequest& request) const {
  for (const auto* time : {&request.from(), &request.before()}) {
    if (time->seconds() < 0 || time->seconds() > 253'402'300'799 ||
        time->nanos() < 0 || time->nanos() > 999'999'999) {
      return absl::InvalidArgumentError("from, before: not a valid time");
    }
  }
  uint64_t from = kNewest;
  if (!request.page_token().empty() &&
      !absl::SimpleAtoi(request.page_token(), &from)) {
    return absl::InvalidArgumentError("page_token: not one of ours");
  }
  const size_t page_size = request.page_size() == 0
                               ? kDefaultPage
                               : std::min(request.page_size(), kMaxPage);
  v1::ListAuditResponse response;
  {
    MutexLock lock(mutex_);
    response.set_cut(oldest_ - 1);
  }
  size_t scanned = 0;
  RETURN_IF_ERROR(store_.ReadAudit(from, true, [&](v1::AuditEntry entry) {
    const bool match = Matches(request, entry);
    if (scanned++ == kMaxScanned ||
        (match && static_cast<size_t>(response.entries_size()) == page_size)) {
      response.set_next_page_token(absl::StrCat(entry.sequence()));
      return false;
    }
    if (match) *response.add_entries() = std::move(entry);
    return true;
  }));
  return response;
}

absl::Status AuditLog::Cut() {
  MutexLock lock(mutex_);
  // In steps of a hundredth, and of an hour: notes of it stay few.
  const uint64_t step = std::clamp<uint64_t>(max_entries_ / 100, 1, kMaxCut);
  // The analysis of locks does not follow into a lambda.
  const uint64_t oldest = oldest_;
  const uint64_t held = next_ - oldest;
  const uint64_t keep_from =
      held >= max_entries_ + step ? next_ - max_entries_ : oldest;
  const int64_t too_old_ns = clock_.WallNs() - max_age_ns_;
  bool due = keep_from > oldest;
  std::optional<v1::AuditEntry> last;
  RETURN_IF_ERROR(store_.ReadAudit(oldest, false, [&](v1::AuditEntry entry) {
    if (!last && TimeNs(entry) < too_old_ns - kHourNs) due = true;
    if (!due ||
        (entry.sequence() >= keep_from && TimeNs(entry) >= too_old_ns)) {
      return false;
    }
    last = std::move(entry);
    return last->sequence() - oldest + 1 < kMaxCut;
  }));
  if (!last) return absl::OkStatus();
  v1::AuditEntry note;
  note.set_act(v1::AUDIT_ACT_CUT);
  note.set_credential(v1::CREDENTIAL_COLLECTOR);
  note.set_detail(absl::StrCat(last->sequence() - oldest_ + 1,
                               " entries, up to number ", last->sequence(),
                               " of ", TimeUtil::ToString(last->time())));
  AccessChange change;
  change.cut_before = last->sequence() + 1;
  RETURN_IF_ERROR(Write(note, std::move(change)));
  spdlog::info("audit log: cut {}", note.detail());
  oldest_ = last->sequence() + 1;
  return absl::OkStatus();
}

}  // namespace callbraid::collector
