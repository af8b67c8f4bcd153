#ifndef CALLBRAID_COLLECTOR_QUERY_CALL_ORDERS_H_
#define CALLBRAID_COLLECTOR_QUERY_CALL_ORDERS_H_

#include "absl/status/status.h"
#include "callbraid/v1/query.pb.h"
#include "collector/access/access_control.h"
#include "collector/access/caller.h"
#include "collector/query/watch_hub.h"
#include "collector/store/store.h"
#include "common/base/clock.h"

// What admins order about calls. Each is noted in the audit log, with its
// reason, before it is done; one that then fails is noted again.

namespace callbraid::collector {

struct CallOrders {
  Store& store;
  AccessControl& access;
  // Told of it.
  WatchHub& hub;
  const Clock& clock;

  absl::Status Hold(const v1::HoldCallRequest& request, const Caller& caller,
                    v1::HoldCallResponse& response);
  absl::Status Release(const v1::ReleaseCallRequest& request,
                       const Caller& caller, v1::ReleaseCallResponse& response);
  absl::Status Delete(const v1::DeleteCallRequest& request,
                      const Caller& caller, v1::DeleteCallResponse& response);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_CALL_ORDERS_H_
