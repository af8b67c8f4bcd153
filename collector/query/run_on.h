#ifndef CALLBRAID_COLLECTOR_QUERY_RUN_ON_H_
#define CALLBRAID_COLLECTOR_QUERY_RUN_ON_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "collector/query/response_writer.h"
#include "collector/query/worker_pool.h"
#include "common/rpc/credentials.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// Answers a unary call with what `work` returns when `pool` has run it.
inline grpc::ServerUnaryReactor* RunOn(WorkerPool& pool,
                                       grpc::CallbackServerContext* context,
                                       std::function<absl::Status()> work) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Status queued =
      pool.Submit([context, reactor, work = std::move(work)] {
        // Nobody waits for the answer any more: spare the disk.
        reactor->Finish(context->IsCancelled() ? grpc::Status::CANCELLED
                                               : ToGrpc(work()));
      });
  if (!queued.ok()) reactor->Finish(ToGrpc(queued));
  return reactor;
}

// Runs `work`, which writes to `writer`, and ends the call with its status.
template <typename Response>
grpc::ServerWriteReactor<Response>* StreamOn(
    WorkerPool& pool, std::shared_ptr<ResponseWriter<Response>> writer,
    std::function<absl::Status()> work) {
  auto* const reactor = writer.get();
  const absl::Status queued = pool.Submit([writer, work = std::move(work)] {
    writer->Close(writer->cancelled() ? absl::CancelledError() : work());
  });
  if (!queued.ok()) writer->Close(queued);
  return reactor;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_RUN_ON_H_
