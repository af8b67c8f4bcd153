#include "collector/store/without_deleted.h"

#include <algorithm>

namespace callbraid::collector {

std::optional<CommitGroup> WithoutDeleted(const CommitGroup& group,
                                          const RecentDeletions& deletions) {
  if (group.deletions == deletions.number()) return std::nullopt;
  const auto deleted = deletions.Since(group.deletions);
  // As many as are not remembered are not deleted while a group is folded.
  if (!deleted || deleted->empty()) return std::nullopt;
  CommitGroup rest = group;
  const auto drop = [&deleted](auto& records, auto id_of) {
    records.erase(std::remove_if(records.begin(), records.end(),
                                 [&](const auto& record) {
                                   return deleted->contains(id_of(record));
                                 }),
                  records.end());
  };
  drop(rest.frames, [](const auto& frame) { return frame.observation; });
  drop(rest.observations, [](const auto& upsert) { return upsert.id; });
  drop(rest.reports, [](const auto& report) { return report.id; });
  return rest;
}

}  // namespace callbraid::collector
