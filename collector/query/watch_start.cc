#include "collector/query/watch_start.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/query/call_news.h"
#include "collector/store/call_lookup.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Calls in progress are read in pages of this size.
constexpr uint32_t kPageSize = 1000;
// Entries of the log that are told of at once: with their calls, some
// megabytes.
constexpr size_t kMaxEvents = 200;

// What is told before the changes. One thread.
class Opening {
 public:
  Opening(FactStore& facts, WatchHub& hub, const WatchHub::Watcher& watcher,
          const Scope& scope)
      : facts_(facts), hub_(hub), watcher_(watcher), scope_(scope) {}

  // Tells of a call as it is.
  absl::Status Add(v1::Call call) {
    v1::WatchCallsResponse response;
    response.set_change(v1::WatchCallsResponse::CHANGE_UPDATED);
    *response.mutable_call() = std::move(call);
    return Add(std::move(response));
  }

  absl::Status Add(v1::WatchCallsResponse response) {
    // Which is the last is known when it was.
    RETURN_IF_ERROR(Flush());
    last_ = std::make_shared<v1::WatchCallsResponse>(std::move(response));
    return absl::OkStatus();
  }

  // All that happened up to `position` was told.
  absl::Status Mark(const LogPosition& position) {
    if (last_ == nullptr) return absl::OkStatus();
    last_->set_resume_token(hub_.tokens().Seal(position, scope_));
    return Flush();
  }

  // Tells of what happened since `position`, up to the entry `end`, and moves
  // it there.
  absl::Status AddEvents(uint64_t end, LogPosition& position);
  // Tells of all calls of which more is to come.
  absl::Status AddUnsettled();
  // Lets changes through.
  absl::Status End();

 private:
  absl::Status Flush() {
    if (last_ == nullptr) return absl::OkStatus();
    return watcher_.writer->Write(std::exchange(last_, nullptr));
  }

  FactStore& facts_;
  WatchHub& hub_;
  const WatchHub::Watcher& watcher_;
  const Scope& scope_;
  std::shared_ptr<v1::WatchCallsResponse> last_;
};

absl::Status Opening::AddEvents(uint64_t end, LogPosition& position) {
  while (position.sequence < end) {
    ASSIGN_OR_RETURN(const std::vector<LoggedEvent> events,
                     hub_.log().ReadEvents(position.sequence, kMaxEvents));
    if (events.empty() || events.front().sequence != position.sequence + 1) {
      return NoLongerKnown();
    }
    const auto all = ReadNews(facts_, {}, events);
    if (absl::IsDataLoss(all.status())) return NoLongerKnown();
    RETURN_IF_ERROR(all.status());
    std::vector<v1::WatchCallsResponse> responses;
    for (const CallNews& news : *all) Tell(news, scope_, responses);
    for (v1::WatchCallsResponse& response : responses) {
      RETURN_IF_ERROR(Add(std::move(response)));
    }
    position = PositionOf(events.back());
    RETURN_IF_ERROR(Mark(position));
  }
  return absl::OkStatus();
}

absl::Status Opening::AddUnsettled() {
  ASSIGN_OR_RETURN(const std::vector<ObservationId> unsettled,
                   facts_.Unsettled());
  std::set<ObservationId> known;
  for (const ObservationId& id : unsettled) {
    if (known.count(id) > 0) continue;
    auto record = facts_.GetCall(id.ToHex(), Scope::All());
    // It may make no call, or none yet.
    if (absl::IsNotFound(record.status())) continue;
    RETURN_IF_ERROR(record.status());
    for (const ObservationId& member : IdsOf(*record)) known.insert(member);
    if (record->settled() || !scope_.Sees(record->call())) continue;
    RETURN_IF_ERROR(Add(std::move(*record->mutable_call())));
  }
  return absl::OkStatus();
}

absl::Status Opening::End() {
  RETURN_IF_ERROR(Flush());
  while (true) {
    std::vector<WatchHub::Writer::Message> waiting = hub_.Drain(watcher_.id);
    if (waiting.empty()) return absl::OkStatus();
    for (WatchHub::Writer::Message& message : waiting) {
      RETURN_IF_ERROR(watcher_.writer->Write(std::move(message)));
    }
  }
}

}  // namespace

absl::Status StartFromCurrent(FactStore& facts, WatchHub& hub,
                              const WatchHub::Watcher& watcher,
                              const Scope& scope) {
  v1::ListCallsRequest request;
  request.set_page_size(kPageSize);
  for (const auto state :
       {v1::CALL_STATE_SETUP, v1::CALL_STATE_RINGING, v1::CALL_STATE_ACTIVE}) {
    request.add_states(state);
  }
  Opening opening(facts, hub, watcher, scope);
  do {
    ASSIGN_OR_RETURN(const CallPage page, facts.ListCalls(request, scope));
    for (const v1::Call& listed : page.calls) {
      auto record = facts.GetCall(listed.id(), scope);
      // It may just have become a part of another call.
      if (absl::IsNotFound(record.status())) continue;
      RETURN_IF_ERROR(record.status());
      RETURN_IF_ERROR(opening.Add(std::move(*record->mutable_call())));
    }
    request.set_page_token(page.next_page_token);
  } while (!request.page_token().empty());
  const auto position = hub.tokens().At(watcher.told);
  if (position.ok()) RETURN_IF_ERROR(opening.Mark(*position));
  return opening.End();
}

absl::Status StartFromPosition(FactStore& facts, WatchHub& hub,
                               const WatchHub::Watcher& watcher,
                               const Scope& scope,
                               const LogPosition& position) {
  RETURN_IF_ERROR(hub.tokens().Check(position));
  Opening opening(facts, hub, watcher, scope);
  LogPosition at = position;
  // What took long is made up for before anything has to wait.
  for (uint64_t end = hub.log().LastEvent(); end - at.sequence > kMaxEvents;
       end = hub.log().LastEvent()) {
    RETURN_IF_ERROR(opening.AddEvents(end, at));
  }
  hub.Hold(watcher.id);
  RETURN_IF_ERROR(opening.AddEvents(hub.log().LastEvent(), at));
  RETURN_IF_ERROR(opening.AddUnsettled());
  RETURN_IF_ERROR(opening.Mark(at));
  return opening.End();
}

}  // namespace callbraid::collector
