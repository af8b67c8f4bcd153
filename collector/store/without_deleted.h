#ifndef CALLBRAID_COLLECTOR_STORE_WITHOUT_DELETED_H_
#define CALLBRAID_COLLECTOR_STORE_WITHOUT_DELETED_H_

#include <optional>

#include "collector/store/store.h"

namespace callbraid::collector {

// `group` without what belongs to observations that were deleted since it was
// begun; nullopt if there are none.
std::optional<CommitGroup> WithoutDeleted(const CommitGroup& group,
                                          const RecentDeletions& deletions);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_WITHOUT_DELETED_H_
