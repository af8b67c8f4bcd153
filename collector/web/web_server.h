#ifndef CALLBRAID_COLLECTOR_WEB_WEB_SERVER_H_
#define CALLBRAID_COLLECTOR_WEB_WEB_SERVER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "collector/alerts/alert_watch.h"
#include "collector/events/event_sinks.h"
#include "collector/retention/retention.h"
#include "collector/web/downloads.h"
#include "collector/web/events.h"
#include "collector/web/http_server.h"
#include "collector/web/login_sessions.h"
#include "collector/web/rpc_channel.h"
#include "collector/web/ui_files.h"
#include "collector/web/web_certificate.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// The web server: the UI, and every RPC that people may call as JSON (Connect
// protocol), as events, or as a file. docs/web.md has its paths. It decides
// nothing itself: it asks the collector's services as any client does, with the
// token that the request shows or its login stands for.
//
// Its thread, "web", sends heartbeats. Handlers run on HttpServer's threads and
// never wait.
class WebServer {
 public:
  // `config` as from Complete(), with web.listen. References must outlive it.
  // Errors are one line for people.
  static absl::StatusOr<std::unique_ptr<WebServer>> Start(
      const v1::CollectorConfig& config,
      const std::shared_ptr<grpc::Channel>& services, const EventSinks& sinks,
      const Retention& retention, AlertWatch& alerts, const Clock& clock);
  // As Stop().
  ~WebServer();

  // "https://HOST:PORT" with the real port.
  const std::string& url() const { return url_; }

  // Before the services are shut down: no more is asked of them.
  void Refuse() { channel_.Close(); }
  // After that: ends every stream and connection. Once.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using ExchangePtr = std::shared_ptr<HttpExchange>;

  WebServer(const v1::CollectorConfig& config,
            const std::shared_ptr<grpc::Channel>& services,
            const EventSinks& sinks, const Retention& retention,
            AlertWatch& alerts, const Clock& clock);
  absl::Status Listen(const v1::CollectorConfig& config);

  void Handle(const ExchangePtr& exchange);
  void Rpc(const ExchangePtr& exchange);
  void StreamEvents(const ExchangePtr& exchange, const std::string& path);
  void CallFile(const ExchangePtr& exchange);
  void Session(const ExchangePtr& exchange);
  void LogIn(const ExchangePtr& exchange);
  void LogInBy(const std::string& token, const ExchangePtr& exchange);
  void TellWho(const ExchangePtr& exchange);
  void Health(const ExchangePtr& exchange);
  void Metrics(const ExchangePtr& exchange);
  // To whom `credentials` are, who sees the whole collector or some of it.
  void TellMetrics(const ExchangePtr& exchange,
                   const RpcCredentials& credentials, bool whole);
  RpcCredentials CredentialsOf(const HttpRequest& request);
  std::string AddressOf(const HttpRequest& request) const;
  size_t BodyLimit(const HttpRequest& request) const;
  std::string CookieOf(const HttpRequest& request) const;
  // "Set-Cookie"; of "" the cookie is taken back.
  std::pair<std::string, std::string> CookieHeader(
      const std::string& secret) const;
  HttpResponse WithCookie(const std::string& secret) const;

  const Clock& clock_;
  // For the metrics alone.
  const EventSinks& sinks_;
  const Retention& retention_;
  AlertWatch& alerts_;
  // Anyone may do everything.
  const bool open_;
  const bool has_tls_;
  // A proxy on this machine says who asks.
  const bool behind_proxy_;
  const absl::Duration session_idle_;
  RpcChannel channel_;
  Events events_;
  Downloads downloads_;
  LoginSessions sessions_;
  const std::string openapi_;
  UiFiles ui_;
  std::unique_ptr<WebCertificate> certificate_;
  std::string url_;
  std::unique_ptr<HttpServer> http_;

  Mutex mutex_;
  CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Thread thread_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_WEB_SERVER_H_
