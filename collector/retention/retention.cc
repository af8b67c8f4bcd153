#include "collector/retention/retention.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "collector/store/proto_time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kDayNs = 86'400 * kSecondNs;
constexpr uint64_t kGib = uint64_t{1} << 30;
constexpr absl::Duration kTick = absl::Seconds(10);
constexpr int64_t kAgeEveryNs = 3600 * kSecondNs;
// Orders come many at a time.
constexpr int64_t kPurgeEveryNs = 60 * kSecondNs;
// After room was made the disk must be seen to have it.
constexpr int64_t kRoomEveryNs = 60 * kSecondNs;
constexpr int64_t kReportEveryNs = 3600 * kSecondNs;
// Of the newest media none are dropped: their calls have just begun to be told.
constexpr int64_t kNewestNs = 600 * kSecondNs;
// Beyond what is missing: tables are dropped as a whole, and those at either
// end of what goes are not.
constexpr uint64_t kRoomBytes = uint64_t{128} << 20;
// Calls that are looked up at once, and after how many that the store was asked
// to delete it rests.
constexpr size_t kBatch = 500;
constexpr uint64_t kCallsBeforeRest = 20;
constexpr absl::Duration kRest = absl::Milliseconds(20);
// Sweeps a tick: a family of a million entries in an hour or two.
constexpr int kSweepsPerTick = 5;
// What sensors bring of a deleted call is dropped for so long.
constexpr int64_t kTombstoneNs = 366 * kDayNs;

std::string Gib(uint64_t bytes) {
  return absl::StrFormat(
      "%.1f GiB", static_cast<double>(bytes) / static_cast<double>(kGib));
}

std::string Utc(int64_t time_ns) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixNanos(time_ns),
                          absl::UTCTimeZone());
}

absl::Status Stopped() { return absl::CancelledError("the collector stops"); }

// Left to the next run, or gone meanwhile.
bool IsSkipped(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsFailedPrecondition(status) ||
         absl::IsDataLoss(status);
}

}  // namespace

Retention::Retention(const v1::RetentionConfig& config, RetentionStore& store,
                     FactStore& facts, EventLog& log, AuditLog& audit,
                     const Clock& clock)
    : config_(config),
      policy_(config),
      store_(store),
      audit_(audit),
      clock_(clock),
      unrecorded_(policy_, facts, log, store) {}

Retention::~Retention() { Stop(); }

void Retention::Start() {
  thread_ = Thread("retention", [this] { Run(); });
}

void Retention::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    stop_.NotifyAll();
  }
  store_.Interrupt();
  thread_.Join();
}

RetentionState Retention::State() const {
  MutexLock lock(mutex_);
  return state_;
}

v1::GetRetentionResponse Retention::Describe() const {
  const RetentionState state = State();
  v1::GetRetentionResponse response;
  *response.mutable_config() = config_;
  response.set_bytes(state.use.bytes);
  response.set_free_bytes(state.use.free_bytes);
  response.set_disk_bytes(state.use.total_bytes);
  if (state.use.oldest_media_ns) {
    *response.mutable_oldest_media_time() =
        ToTimestamp(*state.use.oldest_media_ns);
  }
  if (state.last_run_ns != 0) {
    *response.mutable_last_run_time() = ToTimestamp(state.last_run_ns);
  }
  response.set_is_full(state.is_full);
  return response;
}

absl::Status Retention::CheckRecorded(const v1::Call& call) const {
  if (!policy_.leaves_out() ||
      policy_.Of(IndexEntry(call)).recorded == Recorded::kAll) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "such calls are not recorded: a rule of the collector's retention says "
      "so");
}

bool Retention::Wait(absl::Duration time) {
  MutexLock lock(mutex_);
  if (!stopping_ && time > absl::ZeroDuration()) stop_.WaitFor(mutex_, time);
  return !stopping_;
}

void Retention::Run() {
  do {
    Report(RunByRoom());
    Report(RunUnrecorded());
    if (clock_.MonotonicNs() >= next_age_ns_) {
      const absl::Status done = RunByAge();
      Report(done);
      if (done.ok()) next_age_ns_ = clock_.MonotonicNs() + kAgeEveryNs;
    }
    Report(Sweep());
  } while (Wait(kTick));
  NoteUnrecorded().IgnoreError();
}

void Retention::Report(const absl::Status& status) {
  if (status.ok() || absl::IsUnavailable(status) || absl::IsAborted(status) ||
      !Wait(absl::ZeroDuration()) || clock_.MonotonicNs() < next_report_ns_) {
    return;
  }
  next_report_ns_ = clock_.MonotonicNs() + kReportEveryNs;
  spdlog::warn("retention: what is old stays for now: {}",
               std::string(status.message()));
}

absl::Status Retention::NoteMedia(int64_t before_ns, const std::string& why,
                                  const DiskUse& use) {
  std::string detail =
      absl::StrCat("media from before ", Utc(before_ns), ", ", why);
  if (const auto now = store_.Use(); now.ok()) {
    absl::StrAppend(&detail, ": ",
                    Gib(use.bytes - std::min(use.bytes, now->bytes)), "; ",
                    Gib(now->free_bytes), " are free");
  }
  return Note(std::move(detail));
}

absl::Status Retention::Note(std::string detail) {
  spdlog::info("retention: {}", detail);
  notes_.push_back(std::move(detail));
  return WriteNotes();
}

absl::Status Retention::WriteNotes() {
  while (!notes_.empty()) {
    v1::AuditEntry entry;
    entry.set_act(v1::AUDIT_ACT_EXPIRE);
    entry.set_credential(v1::CREDENTIAL_COLLECTOR);
    entry.set_detail(notes_.front());
    RETURN_IF_ERROR(audit_.Append(std::move(entry)));
    notes_.pop_front();
  }
  return absl::OkStatus();
}

int64_t Retention::Before(uint32_t days) const {
  return clock_.WallNs() - (int64_t{days} + 1) * kDayNs;
}

absl::Status Retention::RunByAge() {
  Expired expired;
  absl::Status status = NoteUnrecorded();
  if (status.ok()) status = DropOldMedia();
  if (status.ok()) status = ExpireCalls(expired);
  if (expired.calls > 0 || expired.media > 0) {
    const absl::Status noted = Note(
        absl::StrCat(expired.calls, " calls, and the media of ", expired.media,
                     " more, were older than they are to be kept"));
    if (status.ok()) status = noted;
  }
  MutexLock lock(mutex_);
  state_.expired_calls += expired.calls;
  if (status.ok()) state_.last_run_ns = clock_.WallNs();
  return status;
}

absl::Status Retention::DropOldMedia() {
  if (policy_.general().media == 0) return absl::OkStatus();
  const int64_t before_ns = Before(policy_.general().media);
  ASSIGN_OR_RETURN(const DiskUse use, store_.Use());
  if (!use.oldest_media_ns || *use.oldest_media_ns >= before_ns) {
    return absl::OkStatus();
  }
  bool dropped = false;
  const absl::Status status = DropMediaBefore(before_ns, dropped);
  // What is kept of that time is not news.
  if (!dropped) return status;
  const absl::Status noted = NoteMedia(
      before_ns, absl::StrCat(policy_.general().media, " days and a day"), use);
  return status.ok() ? noted : status;
}

absl::Status Retention::DropMediaBefore(int64_t before_ns, bool& dropped) {
  if (!policy_.has_rules()) {
    ASSIGN_OR_RETURN(dropped, store_.DropMedia(before_ns, clock_.WallNs()));
    return absl::OkStatus();
  }
  const auto keep = [this](const store::v1::CallIndexEntry& call) {
    const uint32_t days = policy_.Of(call).media;
    return days == 0 || days > policy_.general().media;
  };
  bool more = true;
  while (more && Wait(absl::ZeroDuration())) {
    ASSIGN_OR_RETURN(
        const bool any,
        store_.DropMediaBut(keep, before_ns, clock_.WallNs(), more));
    dropped = dropped || any;
  }
  return absl::OkStatus();
}

absl::Status Retention::ExpireOne(const CallPosition& position,
                                  const KeepDays& days, bool all,
                                  Expired& expired) {
  const int64_t now_ns = clock_.WallNs();
  absl::Status status;
  if (days.call != 0 && position.start_ns < Before(days.call)) {
    ++expired.asked;
    status = store_.ExpireCall(position.id, now_ns);
    if (status.ok()) ++expired.calls;
  } else if (policy_.has_rules() && days.media != 0 &&
             position.start_ns < Before(days.media) &&
             (all || position.start_ns >= Before(days.media + 2))) {
    ++expired.asked;
    const auto had_media = store_.ExpireMedia(position.id, now_ns);
    status = had_media.status();
    if (status.ok() && *had_media) ++expired.media;
  }
  return IsSkipped(status) ? absl::OkStatus() : status;
}

absl::Status Retention::ExpireCalls(Expired& expired) {
  // Without rules media go in one piece, before this.
  const uint32_t shortest = policy_.has_rules() && policy_.shortest().media != 0
                                ? policy_.shortest().media
                                : policy_.shortest().call;
  if (shortest == 0) return absl::OkStatus();
  const bool all = clock_.MonotonicNs() >= next_all_ns_;
  std::optional<CallPosition> place;
  bool more = true;
  while (more) {
    // Read first: nothing may be held while it rests.
    std::vector<std::pair<CallPosition, KeepDays>> batch;
    more = false;
    RETURN_IF_ERROR(
        store_.VisitCalls(place, Before(shortest),
                          [&](const CallPosition& position,
                              const store::v1::CallIndexEntry& entry) {
                            if (batch.size() == kBatch) {
                              place = position;
                              more = true;
                              return false;
                            }
                            batch.emplace_back(position, policy_.Of(entry));
                            return true;
                          }));
    for (const auto& [position, days] : batch) {
      const uint64_t before = expired.asked;
      RETURN_IF_ERROR(ExpireOne(position, days, all, expired));
      const bool tired =
          expired.asked > before && expired.asked % kCallsBeforeRest == 0;
      if (tired && !Wait(kRest)) return Stopped();
    }
    if (!Wait(absl::ZeroDuration())) return Stopped();
    // It may take hours, and the disk fills meanwhile.
    if (clock_.MonotonicNs() >= next_look_ns_) {
      Report(RunByRoom());
      Report(RunUnrecorded());
    }
  }
  if (all) next_all_ns_ = clock_.MonotonicNs() + kDayNs;
  return absl::OkStatus();
}

absl::Status Retention::RunUnrecorded() {
  if (!policy_.leaves_out()) return absl::OkStatus();
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more && Wait(absl::ZeroDuration())) {
    const uint64_t before = unrecorded_removed_;
    more = unrecorded_.Run(clock_.WallNs(), unrecorded_removed_);
    if (unrecorded_removed_ > before && !Wait(kRest)) break;
  }
  return more.status();
}

absl::Status Retention::NoteUnrecorded() {
  const uint64_t removed = std::exchange(unrecorded_removed_, 0);
  if (removed == 0) return absl::OkStatus();
  return Note(absl::StrCat("the media of ", removed,
                           " calls, which are not to be recorded"));
}

absl::Status Retention::RunByRoom() {
  // Room first, and in between: orders may take long.
  const absl::Status room = LookAtRoom();
  if (clock_.MonotonicNs() < next_purge_ns_) return room;
  const absl::Status purged = store_.Purge([this] {
    if (clock_.MonotonicNs() >= next_look_ns_) Report(LookAtRoom());
  });
  if (purged.ok()) next_purge_ns_ = clock_.MonotonicNs() + kPurgeEveryNs;
  return room.ok() ? purged : room;
}

absl::Status Retention::LookAtRoom() {
  next_look_ns_ = clock_.MonotonicNs() + absl::ToInt64Nanoseconds(kTick);
  Report(WriteNotes());
  ASSIGN_OR_RETURN(const DiskUse use, store_.Use());
  {
    MutexLock lock(mutex_);
    state_.use = use;
  }
  const uint64_t most = uint64_t{config_.max_gib()} * kGib;
  const uint64_t least_free = uint64_t{config_.min_free_gib()} * kGib;
  uint64_t missing = 0;
  if (most != 0 && use.bytes > most) missing = use.bytes - most;
  if (use.free_bytes < least_free) {
    missing = std::max(missing, least_free - use.free_bytes);
  }
  if (missing == 0) {
    SetFull(false, missing);
    return absl::OkStatus();
  }
  if (clock_.MonotonicNs() < next_room_ns_) return absl::OkStatus();
  next_room_ns_ = clock_.MonotonicNs() + kRoomEveryNs;
  const int64_t now_ns = clock_.WallNs();
  const absl::StatusOr<std::optional<int64_t>> before_ns =
      store_.DropOldest(missing + kRoomBytes, now_ns - kNewestNs, now_ns);
  // A disk that takes nothing any more, not even that something is deleted.
  SetFull(
      before_ns.ok() ? !*before_ns : absl::IsUnavailable(before_ns.status()),
      missing);
  if (!before_ns.ok() || !*before_ns) return before_ns.status();
  {
    MutexLock lock(mutex_);
    ++state_.drops_for_room;
  }
  return NoteMedia(**before_ns, "to make room", use);
}

void Retention::SetFull(bool is_full, uint64_t missing) {
  MutexLock lock(mutex_);
  if (is_full && !state_.is_full) {
    spdlog::error(
        "retention: {} too much, and nothing that may be deleted: the rest is "
        "on hold, in progress, or no media; or the disk is full, and takes no "
        "deletion either. Give it more room",
        Gib(missing));
  }
  state_.is_full = is_full;
}

absl::Status Retention::Sweep() {
  const int64_t before_ns = policy_.longest().call == 0
                                ? std::numeric_limits<int64_t>::min()
                                : Before(policy_.longest().call);
  if (clock_.MonotonicNs() < next_sweep_ns_) return absl::OkStatus();
  for (int i = 0; i < kSweepsPerTick; ++i) {
    RETURN_IF_ERROR(
        store_.Sweep(before_ns, clock_.WallNs() - kTombstoneNs, sweep_cursor_)
            .status());
    if (!sweep_cursor_.empty()) continue;
    next_sweep_ns_ = clock_.MonotonicNs() + kDayNs;
    break;
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
