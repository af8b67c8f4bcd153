#include "collector/query/watch_hub.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/query/call_news.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxWatchers = 1000;
// So that no caller takes the others' places.
constexpr int64_t kMaxWatchersOfOne = 50;
// Calls that changed while a watcher is held.
constexpr size_t kMaxWaiting = 20'000;
// Entries of the log that are read at once.
constexpr size_t kMaxRead = 1000;

absl::Status TooSlow() {
  return absl::ResourceExhaustedError(
      "changes came faster than they were read; watch again");
}

uint64_t KeyOf(const Scope& scope) { return scope.all() ? 0 : scope.Hash(); }

}  // namespace

void WatchHub::Attach(uint64_t id, std::shared_ptr<void> session) {
  MutexLock lock(mutex_);
  const auto entry = watchers_.find(id);
  if (entry != watchers_.end()) entry->second.session = std::move(session);
}

absl::Status WatchHub::CheckRoom(const std::string& who) const {
  const auto is_of_who = [&who](const auto& watcher) {
    return watcher.second.who == who;
  };
  if (!who.empty() && std::count_if(watchers_.begin(), watchers_.end(),
                                    is_of_who) >= kMaxWatchersOfOne) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "this token, login or certificate watches calls ", kMaxWatchersOfOne,
        " times already, which is as often as one may; end another watch "
        "first"));
  }
  if (watchers_.size() >= kMaxWatchers) {
    return absl::ResourceExhaustedError(
        absl::StrCat("calls are watched ", kMaxWatchers,
                     " times already, by all callers together; try again"));
  }
  return absl::OkStatus();
}

absl::StatusOr<WatchHub::Watcher> WatchHub::Add(Mode mode, const Scope& scope,
                                                const std::string& who) {
  MutexLock lock(mutex_);
  if (closed_) return absl::UnavailableError("the collector stops");
  RETURN_IF_ERROR(CheckRoom(who));
  if (!told_) told_ = log_.LastEvent();
  const uint64_t id = next_id_++;
  auto writer = Writer::Create(capacity_, [this, id] {
    Remove(id, absl::CancelledError("the watcher left"));
  });
  watchers_[id] = {writer, scope, mode, who};
  return Watcher{id, std::move(writer), *told_};
}

void WatchHub::Hold(uint64_t id) {
  MutexLock lock(mutex_);
  const auto entry = watchers_.find(id);
  if (entry != watchers_.end()) entry->second.mode = Mode::kHeld;
}

std::vector<WatchHub::Writer::Message> WatchHub::Drain(uint64_t id) {
  std::vector<Writer::Message> drained;
  MutexLock lock(mutex_);
  const auto entry = watchers_.find(id);
  if (entry == watchers_.end()) return drained;
  for (auto& [place, message] : entry->second.waiting) {
    drained.push_back(std::move(message));
  }
  entry->second.waiting.clear();
  entry->second.place_of.clear();
  if (drained.empty()) entry->second.mode = Mode::kLive;
  return drained;
}

void WatchHub::Remove(uint64_t id, const absl::Status& status) {
  std::shared_ptr<Writer> writer;
  {
    MutexLock lock(mutex_);
    const auto entry = watchers_.find(id);
    if (entry == watchers_.end()) return;
    writer = std::move(entry->second.writer);
    watchers_.erase(entry);
  }
  writer->Abort(status);
}

void WatchHub::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  EndAll(absl::UnavailableError("the collector stops"));
}

void WatchHub::EndAll(const absl::Status& status) {
  std::unordered_map<uint64_t, Entry> watchers;
  {
    MutexLock lock(mutex_);
    watchers.swap(watchers_);
  }
  for (auto& [id, entry] : watchers) entry.writer->Abort(status);
}

void WatchHub::Note(const std::string& id) {
  MutexLock lock(mutex_);
  if (!watchers_.empty()) noted_.push_back(id);
}

void WatchHub::OnTurnBegins() {
  turn_.Lock();
  MutexLock lock(mutex_);
  if (!told_) told_ = log_.LastEvent();
}

void WatchHub::OnTurnEnds() {
  const Turn turn = TakeTurn();
  if (!turn.scopes.empty()) {
    const auto messages = MessagesOf(turn);
    if (messages.ok()) {
      Publish(*messages);
    } else {
      // Nobody goes on as if there had been nothing.
      spdlog::warn("those who watch calls must watch again: {}",
                   std::string(messages.status().message()));
      EndAll(absl::IsDataLoss(messages.status()) ? NoLongerKnown()
                                                 : messages.status());
    }
  }
  {
    MutexLock lock(mutex_);
    told_ = turn.last;
  }
  turn_.Unlock();
}

WatchHub::Turn WatchHub::TakeTurn() {
  Turn turn;
  turn.last = log_.LastEvent();
  MutexLock lock(mutex_);
  turn.noted.swap(noted_);
  turn.from = told_.value_or(turn.last);
  for (const auto& [id, entry] : watchers_) {
    if (entry.mode == Mode::kSilent) continue;
    turn.scopes.emplace(KeyOf(entry.scope), entry.scope);
  }
  return turn;
}

absl::StatusOr<WatchHub::ByScope<WatchHub::Messages>> WatchHub::MessagesOf(
    const Turn& turn) {
  std::vector<LoggedEvent> events;
  for (uint64_t at = turn.from; at < turn.last; at = events.back().sequence) {
    ASSIGN_OR_RETURN(std::vector<LoggedEvent> some,
                     log_.ReadEvents(at, kMaxRead));
    if (some.empty()) return absl::DataLossError("entries of the log are gone");
    events.insert(events.end(), some.begin(), some.end());
  }
  ASSIGN_OR_RETURN(const std::vector<CallNews> all,
                   ReadNews(facts_, turn.noted, events));
  // Until all of the turn was told, one goes on from where it began.
  if (position_.sequence != turn.from) {
    ASSIGN_OR_RETURN(position_, tokens_.At(turn.from));
  }
  const LogPosition before = position_;
  if (!events.empty()) position_ = PositionOf(events.back());
  ByScope<Messages> messages;
  for (const auto& [key, scope] : turn.scopes) {
    std::vector<v1::WatchCallsResponse> responses;
    for (const CallNews& news : all) Tell(news, scope, responses);
    if (responses.empty()) continue;
    const std::string token = tokens_.Seal(before, scope);
    for (v1::WatchCallsResponse& response : responses) {
      response.set_resume_token(token);
    }
    responses.back().set_resume_token(tokens_.Seal(position_, scope));
    for (v1::WatchCallsResponse& response : responses) {
      messages[key].push_back(
          std::make_shared<v1::WatchCallsResponse>(std::move(response)));
    }
  }
  return messages;
}

// False: it does not read fast enough.
bool WatchHub::Take(Entry& entry, const Messages& messages) {
  for (const Writer::Message& message : messages) {
    if (entry.mode == Mode::kLive) {
      if (!entry.writer->Offer(message)) return false;
      continue;
    }
    uint64_t& place = entry.place_of[message->call().id()];
    if (place != 0) entry.waiting.erase(place);
    place = next_place_++;
    entry.waiting[place] = message;
    if (entry.waiting.size() > kMaxWaiting) return false;
  }
  return true;
}

void WatchHub::Publish(const ByScope<Messages>& messages) {
  std::vector<std::shared_ptr<Writer>> slow;
  {
    MutexLock lock(mutex_);
    for (auto it = watchers_.begin(); it != watchers_.end();) {
      Entry& entry = it->second;
      const auto for_it = messages.find(KeyOf(entry.scope));
      if (entry.mode == Mode::kSilent || for_it == messages.end() ||
          Take(entry, for_it->second)) {
        ++it;
      } else {
        slow.push_back(std::move(entry.writer));
        it = watchers_.erase(it);
      }
    }
  }
  for (const auto& writer : slow) writer->Abort(TooSlow());
}

}  // namespace callbraid::collector
