#ifndef CALLBRAID_COLLECTOR_QUERY_CALL_NEWS_H_
#define CALLBRAID_COLLECTOR_QUERY_CALL_NEWS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/query.pb.h"
#include "collector/store/event_log.h"
#include "collector/store/scope.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// What there is to tell those who watch about one call that something happened
// to, whoever they are.
struct CallNews {
  std::string id;
  // What is found by the id now: the call, or the one that it is part of. Null:
  // nothing.
  std::shared_ptr<const v1::Call> call;
  // Who could see it before, by what scopes go by; only where that may not be
  // who can now.
  std::vector<store::v1::CallIndexEntry> before;
  // The same of one that was deleted on order: sites alone.
  std::vector<store::v1::CallIndexEntry> deleted;
};

// Of the calls with these ids, and of those that entries of the log are about,
// each once; a call before those that became part of it. DATA_LOSS: an entry is
// damaged, and nobody knows what it was about. Others are the store's.
absl::StatusOr<std::vector<CallNews>> ReadNews(
    FactStore& facts, const std::vector<std::string>& ids,
    const std::vector<LoggedEvent>& events);

// Adds what somebody with `scope` is told of it: one response or none. Who
// could never see the call is told nothing.
void Tell(const CallNews& news, const Scope& scope,
          std::vector<v1::WatchCallsResponse>& responses);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_CALL_NEWS_H_
