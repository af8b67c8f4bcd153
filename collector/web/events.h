#ifndef CALLBRAID_COLLECTOR_WEB_EVENTS_H_
#define CALLBRAID_COLLECTOR_WEB_EVENTS_H_

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "collector/web/api_method.h"
#include "collector/web/body_stream.h"
#include "collector/web/http_server.h"
#include "collector/web/rpc_channel.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Server-streaming RPCs as server-sent events (HTML, section 9.2): each message
// is an event with its JSON, the end is the event "end" with a Connect error,
// or
// {}. The id of an event is the token by which the stream is resumed.
// Thread-safe.
class Events {
 public:
  explicit Events(RpcChannel& channel) : channel_(channel) {}

  // `method` streams; `request` is serialized.
  void Serve(const std::shared_ptr<HttpExchange>& exchange,
             const ApiMethod& method, const std::string& request,
             const RpcCredentials& credentials) ABSL_LOCKS_EXCLUDED(mutex_);

  // Sends every reader a comment, so that those who left are noticed, and
  // proxies keep the connection. Every 15 seconds.
  void Beat() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  RpcChannel& channel_;
  Mutex mutex_;
  std::vector<std::weak_ptr<BodyStream>> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_EVENTS_H_
