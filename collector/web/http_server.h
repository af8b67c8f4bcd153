#ifndef CALLBRAID_COLLECTOR_WEB_HTTP_SERVER_H_
#define CALLBRAID_COLLECTOR_WEB_HTTP_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "collector/web/http_message.h"
#include "common/base/mutex.h"

struct MHD_Daemon;

namespace callbraid::collector {

class WebCertificate;

// A request and the place for its response. Shared with whoever will answer it.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual const HttpRequest& request() const = 0;
  // Once; from any thread, also after the client has gone. Who never responds
  // holds up Stop().
  virtual void Respond(HttpResponse response) = 0;
};

struct HttpLimits {
  // Open at once, of all clients and of one address.
  unsigned connections = 4096;
  unsigned connections_per_address = 256;
  // Of all headers.
  size_t head_bytes = 16 << 10;
  // Of the body of a request of which the head is there.
  std::function<size_t(const HttpRequest&)> body_bytes;
  // Of all bodies together that may be longer than this each.
  size_t large_body_bytes = 256 << 10;
  size_t large_bodies_bytes = 64 << 20;
  // Until a request is whole, without a byte of it; and after it.
  absl::Duration patience = absl::Seconds(10);
  absl::Duration idle = absl::Seconds(60);
};

// HTTP/1.1 and TLS (libmicrohttpd): takes requests, sends responses, knows
// nothing of what they are about.
//
// Its threads ("MHD-worker") only move bytes and call the handler, which must
// not wait.
class HttpServer {
 public:
  using Handler = std::function<void(std::shared_ptr<HttpExchange>)>;

  // `listen` is "HOST:PORT", port 0 for any. `certificate`, which may be null
  // (plaintext), must outlive the server. `headers` are of every response.
  // FAILED_PRECONDITION: it cannot be
  // listened on, in words.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const std::string& listen, WebCertificate* certificate,
      const HttpLimits& limits, HttpHeaders headers, Handler handler);
  // As Stop().
  ~HttpServer();

  // "HOST:PORT" with the real port.
  const std::string& address() const { return address_; }

  // Takes no more requests, waits until the handler has answered those that it
  // has, and cuts all connections. Once.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Exchange;
  // What libmicrohttpd calls.
  struct Callbacks;

  HttpServer(const HttpLimits& limits, HttpHeaders headers, Handler handler)
      : limits_(limits),
        headers_(std::move(headers)),
        handler_(std::move(handler)) {}
  absl::Status Bind(const std::string& listen);
  absl::Status Serve(WebCertificate* certificate);

  // What is wrong with the head of a request; OK by its status 0.
  HttpResponse Refuse(const HttpRequest& request) const;
  // Room for a body of so many bytes at most. False: there is none for now.
  bool Reserve(size_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void GiveBack(size_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  // False: the server stops, and takes no more.
  bool Await() ABSL_LOCKS_EXCLUDED(mutex_);
  void Answered() ABSL_LOCKS_EXCLUDED(mutex_);
  void Opened(const std::shared_ptr<BodySource>& stream)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Closed(const std::shared_ptr<BodySource>& stream)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const HttpLimits limits_;
  const HttpHeaders headers_;
  const Handler handler_;
  std::string address_;
  int socket_ = -1;
  MHD_Daemon* daemon_ = nullptr;

  Mutex mutex_;
  CondVar all_answered_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Requests that the handler has, and their connections suspended meanwhile.
  size_t awaited_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of large bodies.
  size_t reserved_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::shared_ptr<BodySource>> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_HTTP_SERVER_H_
