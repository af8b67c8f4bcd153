#include "collector/query/call_news.h"

#include <algorithm>
#include <map>
#include <utility>

#include "collector/store/observation_id.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// What scopes go by, by the id of the call.
struct Before {
  std::map<std::string, std::vector<store::v1::CallIndexEntry>> of_calls;
  std::map<std::string, std::vector<store::v1::CallIndexEntry>> of_deleted;
};

absl::Status AddNews(FactStore& facts, const std::string& id, Before& before,
                     std::map<std::string, bool>& known,
                     std::vector<CallNews>& all) {
  if (!known.emplace(id, true).second) return absl::OkStatus();
  CallNews news;
  news.id = id;
  news.before = std::move(before.of_calls[id]);
  news.deleted = std::move(before.of_deleted[id]);
  auto record = facts.GetCall(id, Scope::All());
  if (record.ok()) {
    news.call = std::make_shared<v1::Call>(std::move(*record->mutable_call()));
    if (news.call->id() != id) {
      // The one that took it in first.
      RETURN_IF_ERROR(AddNews(facts, news.call->id(), before, known, all));
    }
  } else if (!absl::IsNotFound(record.status())) {
    return record.status();
  }
  all.push_back(std::move(news));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<CallNews>> ReadNews(
    FactStore& facts, const std::vector<std::string>& ids,
    const std::vector<LoggedEvent>& events) {
  std::vector<std::string> wanted = ids;
  Before before;
  for (const LoggedEvent& logged : events) {
    // Of no call.
    if (logged.event.has_alert()) continue;
    const auto id = ObservationId::FromBytes(logged.event.call_id());
    if (!id) return absl::DataLossError("an entry of the log is damaged");
    wanted.push_back(id->ToHex());
    if (logged.event.has_before()) {
      auto& all =
          logged.event.parties_hidden() ? before.of_deleted : before.of_calls;
      all[wanted.back()].push_back(logged.event.before());
    }
  }
  std::map<std::string, bool> known;
  std::vector<CallNews> all;
  for (const std::string& id : wanted) {
    RETURN_IF_ERROR(AddNews(facts, id, before, known, all));
  }
  return all;
}

void Tell(const CallNews& news, const Scope& scope,
          std::vector<v1::WatchCallsResponse>& responses) {
  const bool own = news.call != nullptr && news.call->id() == news.id;
  const bool sees = news.call != nullptr && scope.Sees(*news.call);
  if (own && sees) {
    v1::WatchCallsResponse& told = responses.emplace_back();
    told.set_change(v1::WatchCallsResponse::CHANGE_UPDATED);
    *told.mutable_call() = *news.call;
    return;
  }
  const bool saw =
      scope.all() ||
      std::any_of(
          news.before.begin(), news.before.end(),
          [&scope](const auto& before) { return scope.MaySee(before); }) ||
      std::any_of(
          news.deleted.begin(), news.deleted.end(),
          [&scope](const auto& before) { return scope.SeesSitesOf(before); });
  if (!saw) return;
  v1::WatchCallsResponse& told = responses.emplace_back();
  told.mutable_call()->set_id(news.id);
  told.set_change(v1::WatchCallsResponse::CHANGE_REMOVED);
  if (sees) {
    told.set_change(v1::WatchCallsResponse::CHANGE_MERGED);
    told.set_merged_into(news.call->id());
  }
}

}  // namespace callbraid::collector
