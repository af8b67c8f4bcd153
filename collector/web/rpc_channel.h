#ifndef CALLBRAID_COLLECTOR_WEB_RPC_CHANNEL_H_
#define CALLBRAID_COLLECTOR_WEB_RPC_CHANNEL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// For whom an RPC is made.
struct RpcCredentials {
  // Of the client of the web server.
  std::string address;
  // Value of "authorization"; "" without.
  std::string authorization;
};

struct RpcStreamEvents {
  // Each message, serialized. False: read no more until Continue().
  std::function<bool(const std::string&)> on_message;
  // Once, after the last message.
  std::function<void(const grpc::Status&)> on_done;
};

// A server-streaming RPC. Shared; it lives until it is done.
class RpcStream {
 public:
  virtual ~RpcStream() = default;
  // Once, before anything else.
  virtual void Start(RpcStreamEvents events) = 0;
  // Reads on after on_message said to wait.
  virtual void Continue() = 0;
  // Ends it; on_done still comes.
  virtual void Cancel() = 0;
};

// RPCs by name, with serialized messages, on a channel to the services of this
// process: what the web server offers it offers by these alone, so whoever asks
// passes the same door as anyone who comes by gRPC.
//
// Thread-safe. Callbacks run on gRPC's threads, or where the RPC was started,
// and must not wait.
class RpcChannel {
 public:
  using OnResponse =
      std::function<void(const grpc::Status&, const std::string&)>;

  explicit RpcChannel(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(channel) {}

  // `method` is "/callbraid.v1.CallService/GetCall".
  void Unary(const std::string& method, const std::string& request,
             const RpcCredentials& credentials, absl::Duration timeout,
             OnResponse on_response);
  std::shared_ptr<RpcStream> ServerStream(const std::string& method,
                                          const std::string& request,
                                          const RpcCredentials& credentials);

  // RPCs that are started from now on are UNAVAILABLE. To be called before the
  // services are shut down, which an RPC that begins then does not survive.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Stream;
  // Starts an RPC, unless it is too late for that.
  bool Start(const std::function<void()>& start) ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::GenericStub stub_;
  Mutex mutex_;
  CondVar none_starts_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  size_t starting_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_RPC_CHANNEL_H_
