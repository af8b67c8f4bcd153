#ifndef CALLBRAID_COLLECTOR_QUERY_RETENTION_WITHIN_H_
#define CALLBRAID_COLLECTOR_QUERY_RETENTION_WITHIN_H_

#include "callbraid/v1/query.pb.h"
#include "collector/store/scope.h"

namespace callbraid::collector {

// Of `all` what somebody with `scope` may know: of a rule the sites and numbers
// that it sees, no rule of which nothing is left, and nothing of the disk,
// which is everybody's.
v1::GetRetentionResponse RetentionWithin(const Scope& scope,
                                         v1::GetRetentionResponse all);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_RETENTION_WITHIN_H_
