#ifndef CALLBRAID_COLLECTOR_QUERY_CALL_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_CALL_SERVICE_H_

#include "callbraid/v1/query.grpc.pb.h"
#include "collector/access/access_control.h"
#include "collector/query/call_listeners.h"
#include "collector/query/call_orders.h"
#include "collector/query/watch_hub.h"
#include "collector/query/worker_pool.h"
#include "collector/retention/retention_watch.h"
#include "collector/store/store.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// callbraid.v1.CallService over the store.
//
// Reactions only queue: `lookups` runs what answers at once, `streams` what
// waits for its reader (so that slow readers cannot hold up lookups), `counts`
// what may read many calls. All
// arguments must outlive the server that this is registered with.
class CallService final : public v1::CallService::CallbackService {
 public:
  CallService(AccessControl& access, Store& store, WatchHub& hub,
              WorkerPool& lookups, WorkerPool& streams, WorkerPool& counts,
              CallListeners& listeners, const RetentionWatch& retention,
              const Clock& clock)
      : access_(access),
        store_(store),
        hub_(hub),
        lookups_(lookups),
        streams_(streams),
        counts_(counts),
        listeners_(listeners),
        retention_(retention),
        clock_(clock),
        orders_{store, access, hub, clock} {}

  grpc::ServerUnaryReactor* ListCalls(grpc::CallbackServerContext* context,
                                      const v1::ListCallsRequest* request,
                                      v1::ListCallsResponse* response) override;
  grpc::ServerUnaryReactor* GetCall(grpc::CallbackServerContext* context,
                                    const v1::GetCallRequest* request,
                                    v1::GetCallResponse* response) override;
  grpc::ServerUnaryReactor* CountCalls(
      grpc::CallbackServerContext* context,
      const v1::CountCallsRequest* request,
      v1::CountCallsResponse* response) override;
  grpc::ServerUnaryReactor* GetSignalling(
      grpc::CallbackServerContext* context,
      const v1::GetSignallingRequest* request,
      v1::GetSignallingResponse* response) override;
  grpc::ServerUnaryReactor* GetTimeline(
      grpc::CallbackServerContext* context,
      const v1::GetTimelineRequest* request,
      v1::GetTimelineResponse* response) override;
  grpc::ServerUnaryReactor* GetQuality(
      grpc::CallbackServerContext* context,
      const v1::GetQualityRequest* request,
      v1::GetQualityResponse* response) override;
  grpc::ServerUnaryReactor* AnnotateCall(
      grpc::CallbackServerContext* context,
      const v1::AnnotateCallRequest* request,
      v1::AnnotateCallResponse* response) override;
  grpc::ServerUnaryReactor* HoldCall(grpc::CallbackServerContext* context,
                                     const v1::HoldCallRequest* request,
                                     v1::HoldCallResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseCall(
      grpc::CallbackServerContext* context,
      const v1::ReleaseCallRequest* request,
      v1::ReleaseCallResponse* response) override;
  grpc::ServerUnaryReactor* DeleteCall(
      grpc::CallbackServerContext* context,
      const v1::DeleteCallRequest* request,
      v1::DeleteCallResponse* response) override;
  grpc::ServerUnaryReactor* GetRetention(
      grpc::CallbackServerContext* context,
      const v1::GetRetentionRequest* request,
      v1::GetRetentionResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchCallsResponse>* WatchCalls(
      grpc::CallbackServerContext* context,
      const v1::WatchCallsRequest* request) override;
  grpc::ServerWriteReactor<v1::GetAudioResponse>* GetAudio(
      grpc::CallbackServerContext* context,
      const v1::GetAudioRequest* request) override;
  grpc::ServerWriteReactor<v1::GetFaxResponse>* GetFax(
      grpc::CallbackServerContext* context,
      const v1::GetFaxRequest* request) override;
  grpc::ServerWriteReactor<v1::GetPacketsResponse>* GetPackets(
      grpc::CallbackServerContext* context,
      const v1::GetPacketsRequest* request) override;
  grpc::ServerWriteReactor<v1::ListenToCallResponse>* ListenToCall(
      grpc::CallbackServerContext* context,
      const v1::ListenToCallRequest* request) override;

 private:
  AccessControl& access_;
  Store& store_;
  WatchHub& hub_;
  WorkerPool& lookups_;
  WorkerPool& streams_;
  WorkerPool& counts_;
  CallListeners& listeners_;
  const RetentionWatch& retention_;
  const Clock& clock_;
  CallOrders orders_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_CALL_SERVICE_H_
