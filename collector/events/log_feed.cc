#include "collector/events/log_feed.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/absl_string.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

// Entries that one look takes in, wanted or not.
constexpr size_t kMaxRead = 1000;
// Entries passed over since the cursor was stored.
constexpr uint64_t kMaxUnstored = 1000;

std::string HexOf(const std::string& bytes) {
  const auto id = ObservationId::FromBytes(bytes);
  return id ? id->ToHex() : "";
}

// Tells what it is of from what others are.
std::string IdOf(const v1::Alert& alert) {
  const std::string of = absl::StrCat(
      static_cast<int>(alert.kind()), "\n", alert.site(), "\n", alert.sensor(),
      "\n", alert.capture_point(), "\n", alert.setting());
  return absl::StrCat(
      "alert-", absl::Hex(XXH3_64bits(of.data(), of.size()), absl::kZeroPad16));
}

FeedEvent EventOf(const LoggedEvent& logged) {
  FeedEvent event;
  event.sequence = logged.sequence;
  event.time_ns = logged.event.time_ns();
  event.kind = logged.event.kind();
  event.call_id = HexOf(logged.event.call_id());
  event.merged_into = HexOf(logged.event.merged_into());
  event.was_settled = logged.event.was_settled();
  // By content: after a power failure it may have another place in the log.
  event.id = absl::StrCat(event.call_id, ".", ToAbsl(Word(event.kind)), ".",
                          logged.event.revision());
  if (IsAlert(event.kind)) {
    event.alert = logged.event.alert();
    event.id = absl::StrCat(IdOf(event.alert), ".", ToAbsl(Word(event.kind)),
                            ".", event.alert.begin_time().seconds(), ".",
                            static_cast<int>(event.alert.severity()));
  }
  return event;
}

}  // namespace

LogFeed::LogFeed(FactStore& facts, EventLog& log, SinkMeter& meter,
                 Options options, const Clock& clock)
    : facts_(facts),
      log_(log),
      meter_(meter),
      name_(meter.state().name),
      options_(std::move(options)),
      clock_(clock) {}

absl::Status LogFeed::FindPlace() {
  ASSIGN_OR_RETURN(const auto cursor, log_.GetCursor(name_));
  if (cursor) {
    state_ = cursor->state();
    read_ = stored_ = cursor->sequence();
  } else {
    read_ = log_.LastEvent();
    RETURN_IF_ERROR(SetCursor(read_, /*sync=*/true));
  }
  MutexLock lock(mutex_);
  done_ = read_;
  return absl::OkStatus();
}

absl::Status LogFeed::SetCursor(uint64_t sequence, bool sync) {
  store::v1::EventCursor cursor;
  cursor.set_sequence(sequence);
  cursor.set_state(state_);
  RETURN_IF_ERROR(log_.SetCursor(name_, cursor, sync));
  stored_ = sequence;
  return absl::OkStatus();
}

bool LogFeed::Wants(const store::v1::CallEvent& event) const {
  // An entry that was damaged, or of a newer version.
  if (Word(event.kind()).empty()) return false;
  if (options_.kinds.empty() ? IsAlert(event.kind())
                             : options_.kinds.count(event.kind()) == 0) {
    return false;
  }
  return options_.sites.empty() ||
         std::find_first_of(event.sites().begin(), event.sites().end(),
                            options_.sites.begin(),
                            options_.sites.end()) != event.sites().end();
}

bool LogFeed::Sees(const v1::Call& call) const {
  if (options_.sites.empty()) return true;
  const std::vector<std::string> sites = SitesOf(call);
  return std::find_first_of(sites.begin(), sites.end(), options_.sites.begin(),
                            options_.sites.end()) != sites.end();
}

// `first`: the next entry that there is.
void LogFeed::NoteGap(uint64_t first) {
  const uint64_t missed = first - read_ - 1;
  if (missed == 0) return;
  meter_.Add(&SinkState::expired, missed);
  spdlog::warn(
      "events: {} was away for too long: {} events are no longer kept for it "
      "(events.keep_hours, events.keep_events)",
      name_, missed);
}

absl::StatusOr<std::vector<FeedEvent>> LogFeed::Next(size_t limit) {
  std::vector<FeedEvent> events;
  if (limit == 0 || log_.LastEvent() <= read_) return events;
  ASSIGN_OR_RETURN(const std::vector<LoggedEvent> logged,
                   log_.ReadEvents(read_, kMaxRead));
  for (const LoggedEvent& entry : logged) {
    if (events.size() == limit) break;
    NoteGap(entry.sequence);
    read_ = entry.sequence;
    if (Wants(entry.event)) events.push_back(EventOf(entry));
  }
  bool idle = false;
  {
    MutexLock lock(mutex_);
    for (const FeedEvent& event : events) {
      given_.push_back({event.sequence, event.time_ns});
    }
    idle = given_.empty();
    if (idle) done_ = read_;
  }
  if (idle && read_ - stored_ > kMaxUnstored) {
    RETURN_IF_ERROR(SetCursor(read_, /*sync=*/false));
  }
  return events;
}

absl::StatusOr<v1::CallEvent> LogFeed::Load(const FeedEvent& event) {
  v1::CallEvent full;
  full.set_id(event.id);
  full.set_kind(event.kind);
  *full.mutable_time() = TimeUtil::NanosecondsToTimestamp(event.time_ns);
  full.set_call_id(event.call_id);
  if (event.kind == v1::CALL_EVENT_KIND_REMOVED) return full;
  if (IsAlert(event.kind)) {
    *full.mutable_alert() = event.alert;
    return full;
  }
  auto record = facts_.GetCall(event.call_id, Scope::All());
  // It may be at other sites now, or part of one that is.
  if (record.ok() && !Sees(record->call())) {
    record = absl::NotFoundError("not of the sites of this sink");
  }
  if (event.kind == v1::CALL_EVENT_KIND_MERGED &&
      absl::IsNotFound(record.status())) {
    full.set_kind(v1::CALL_EVENT_KIND_REMOVED);
    return full;
  }
  if (absl::IsDataLoss(record.status())) {
    // It will not mend, and who waits for it waits for ever.
    return absl::NotFoundError(record.status().message());
  }
  RETURN_IF_ERROR(record.status());
  full.set_merged_into(event.merged_into);
  *full.mutable_call() = std::move(*record->mutable_call());
  return full;
}

absl::Status LogFeed::Done(uint64_t sequence) {
  uint64_t done = 0;
  {
    MutexLock lock(mutex_);
    while (!given_.empty() && given_.front().sequence <= sequence) {
      given_.pop_front();
    }
    // What lies between two that were wanted was passed over.
    done_ = given_.empty() ? read_ : std::max(done_, sequence);
    done = done_;
  }
  return SetCursor(done, /*sync=*/false);
}

absl::Status LogFeed::Done(uint64_t sequence, const std::string& state) {
  state_ = state;
  RETURN_IF_ERROR(SetCursor(std::max(sequence, stored_), /*sync=*/true));
  MutexLock lock(mutex_);
  while (!given_.empty() && given_.front().sequence <= sequence) {
    given_.pop_front();
  }
  done_ = std::max(done_, sequence);
  return absl::OkStatus();
}

SinkState LogFeed::State() const {
  SinkState state = meter_.state();
  const uint64_t last = log_.LastEvent();
  MutexLock lock(mutex_);
  state.waiting = last > done_ ? last - done_ : 0;
  if (!given_.empty()) {
    state.oldest_ns =
        std::max<int64_t>(clock_.WallNs() - given_.front().time_ns, 1);
  }
  return state;
}

}  // namespace callbraid::collector
