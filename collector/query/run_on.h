#ifndef CALLBRAID_COLLECTOR_QUERY_RUN_ON_H_
#define CALLBRAID_COLLECTOR_QUERY_RUN_ON_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/access/access_control.h"
#include "collector/query/response_writer.h"
#include "collector/query/worker_pool.h"
#include "common/rpc/credentials.h"
#include "grpcpp/grpcpp.h"

// How every handler of the query side begins. Who asks is found out first, and
// `work` gets the caller; there is no other way to come by one.

namespace callbraid::collector {

template <typename Request>
absl::StatusOr<Caller> Admit(AccessControl& access,
                             const grpc::CallbackServerContext& context,
                             const Request& request) {
  std::string target;
  if constexpr (requires { request.id(); }) target = request.id();
  return access.Admit(PeerOf(context), *Request::descriptor(), target);
}

// Answers a unary call with what `work` returns when `pool` has run it.
template <typename Request>
grpc::ServerUnaryReactor* RunOn(
    WorkerPool& pool, AccessControl& access,
    grpc::CallbackServerContext* context, const Request* request,
    std::function<absl::Status(const Caller&)> work) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  auto caller = Admit(access, *context, *request);
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  const absl::Status queued =
      pool.Submit([context, reactor, &access, caller = *std::move(caller),
                   work = std::move(work)] {
        // Nobody waits for the answer any more: spare the disk.
        if (context->IsCancelled())
          return reactor->Finish(grpc::Status::CANCELLED);
        const absl::Status good = access.Check(caller);
        reactor->Finish(ToGrpc(good.ok() ? work(caller) : good));
      });
  if (!queued.ok()) reactor->Finish(ToGrpc(queued));
  return reactor;
}

// Runs `work`, which writes at most `capacity` messages ahead of the reader,
// and ends the call with its status; or as soon as the caller's token ends.
template <typename Response, typename Request>
grpc::ServerWriteReactor<Response>* StreamOn(
    WorkerPool& pool, AccessControl& access,
    const grpc::CallbackServerContext& context, const Request& request,
    size_t capacity,
    std::function<absl::Status(const Caller&, ResponseWriter<Response>&)>
        work) {
  const auto writer = ResponseWriter<Response>::Create(capacity);
  auto* const reactor = writer.get();
  auto caller = Admit(access, context, request);
  if (!caller.ok()) {
    writer->Close(caller.status());
    return reactor;
  }
  auto session = access.sessions().Add(
      *caller, [held = std::weak_ptr<ResponseWriter<Response>>(writer)](
                   const absl::Status& status) {
        if (const auto open = held.lock()) open->Abort(status);
      });
  const absl::Status queued =
      pool.Submit([writer, &access, session = std::move(session),
                   caller = *std::move(caller), work = std::move(work)] {
        absl::Status status = access.Check(caller);
        if (writer->cancelled()) status = absl::CancelledError();
        writer->Close(status.ok() ? work(caller, *writer) : status);
      });
  if (!queued.ok()) writer->Close(queued);
  return reactor;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_RUN_ON_H_
