#include "collector/query/watch_hub.h"

#include <algorithm>
#include <utility>

namespace callbraid::collector {
namespace {

constexpr size_t kMaxWatchers = 1000;
constexpr size_t kMaxTold = 2000;

absl::Status TooSlow() {
  return absl::ResourceExhaustedError(
      "changes came faster than they were read; watch again");
}

}  // namespace

void WatchHub::Told::Add(const std::string& id) {
  if (!ids_.insert(id).second) return;
  order_.push_back(id);
  if (order_.size() <= kMaxTold) return;
  ids_.erase(order_.front());
  order_.pop_front();
}

void WatchHub::Told::Remove(const std::string& id) {
  if (ids_.erase(id) == 0) return;
  order_.erase(std::find(order_.begin(), order_.end(), id));
}

WatchHub::Writer::Message WatchHub::ForWatcher(Entry& entry,
                                               const Writer::Message& change) {
  if (entry.scope.all()) return change;
  const std::string& id = change->call().id();
  if (change->change() == v1::WatchCallsResponse::CHANGE_UPDATED) {
    if (entry.scope.Sees(change->call())) {
      entry.told.Add(id);
      return change;
    }
  }
  // What it was never told of it does not hear the end of either.
  if (!entry.told.Has(id)) return nullptr;
  entry.told.Remove(id);
  if (change->change() == v1::WatchCallsResponse::CHANGE_MERGED &&
      entry.told.Has(change->merged_into())) {
    return change;
  }
  // Merged into one that it does not know, or may not see any more. If it may
  // see that one, news of it comes next.
  auto removed = std::make_shared<v1::WatchCallsResponse>();
  removed->set_change(v1::WatchCallsResponse::CHANGE_REMOVED);
  removed->mutable_call()->set_id(id);
  return removed;
}

void WatchHub::Attach(uint64_t id, std::shared_ptr<void> session) {
  MutexLock lock(mutex_);
  const auto entry = watchers_.find(id);
  if (entry != watchers_.end()) entry->second.session = std::move(session);
}

absl::StatusOr<WatchHub::Watcher> WatchHub::Add(bool held, const Scope& scope) {
  MutexLock lock(mutex_);
  if (closed_) return absl::UnavailableError("the collector stops");
  if (watchers_.size() >= kMaxWatchers) {
    return absl::ResourceExhaustedError("too many watchers; try again");
  }
  const uint64_t id = next_id_++;
  auto writer = Writer::Create(capacity_, [this, id] {
    Remove(id, absl::CancelledError("the watcher left"));
  });
  watchers_[id] = {writer, scope, held};
  return Watcher{id, std::move(writer)};
}

void WatchHub::Release(uint64_t id, const Revisions& told) {
  std::shared_ptr<Writer> slow;
  {
    MutexLock lock(mutex_);
    const auto entry = watchers_.find(id);
    if (entry == watchers_.end()) return;
    entry->second.held = false;
    if (!entry->second.scope.all()) {
      for (const auto& [call, revision] : told) entry->second.told.Add(call);
    }
    for (auto& change : std::exchange(entry->second.waiting, {})) {
      const auto known = told.find(change->call().id());
      if (change->change() == v1::WatchCallsResponse::CHANGE_UPDATED &&
          known != told.end() && change->call().revision() <= known->second) {
        continue;
      }
      change = ForWatcher(entry->second, change);
      if (change == nullptr) continue;
      if (!entry->second.writer->Offer(std::move(change))) {
        slow = std::move(entry->second.writer);
        watchers_.erase(entry);
        break;
      }
    }
  }
  if (slow != nullptr) slow->Abort(TooSlow());
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
  std::unordered_map<uint64_t, Entry> watchers;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    watchers.swap(watchers_);
  }
  for (auto& [id, entry] : watchers) {
    entry.writer->Abort(absl::UnavailableError("the collector stops"));
  }
}

bool WatchHub::Idle() const {
  MutexLock lock(mutex_);
  return watchers_.empty();
}

void WatchHub::OnCallUpdated(const v1::Call& call) {
  if (Idle()) return;
  auto change = std::make_shared<v1::WatchCallsResponse>();
  change->set_change(v1::WatchCallsResponse::CHANGE_UPDATED);
  *change->mutable_call() = call;
  Publish(change);
}

void WatchHub::OnCallMerged(const std::string& id, const std::string& into) {
  auto change = std::make_shared<v1::WatchCallsResponse>();
  change->set_change(v1::WatchCallsResponse::CHANGE_MERGED);
  change->mutable_call()->set_id(id);
  change->set_merged_into(into);
  Publish(change);
}

void WatchHub::OnCallRemoved(const std::string& id) {
  auto change = std::make_shared<v1::WatchCallsResponse>();
  change->set_change(v1::WatchCallsResponse::CHANGE_REMOVED);
  change->mutable_call()->set_id(id);
  Publish(change);
}

void WatchHub::Publish(const Writer::Message& change) {
  std::vector<std::shared_ptr<Writer>> slow;
  {
    MutexLock lock(mutex_);
    for (auto it = watchers_.begin(); it != watchers_.end();) {
      Entry& entry = it->second;
      bool taken = true;
      if (entry.held) {
        // Half, so that Release() finds room for all of it.
        taken = entry.waiting.size() < capacity_ / 2;
        if (taken) entry.waiting.push_back(change);
      } else {
        const Writer::Message heard = ForWatcher(entry, change);
        taken = heard == nullptr || entry.writer->Offer(heard);
      }
      if (taken) {
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
