#include "collector/web/web_server.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "callbraid/v1/access.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/store/scope.h"
#include "collector/web/api_method.h"
#include "collector/web/connect_error.h"
#include "collector/web/live_sound.h"
#include "collector/web/metrics.h"
#include "collector/web/openapi.h"
#include "collector/web/request_guard.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/net/endpoint.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace callbraid::collector {
namespace {

constexpr absl::Duration kBeat = absl::Seconds(15);
constexpr absl::Duration kTimeout = absl::Seconds(60);
constexpr size_t kLoginBytes = 4 << 10;
// Of whoever shows nothing, and of whoever shows something.
constexpr size_t kStrangersBytes = 16 << 10;
constexpr size_t kBodyBytes = 256 << 10;
// Of a file of call detail records (3 MiB) in base64, with what is beside it.
constexpr size_t kUploadBytes = (4 << 20) + (64 << 10);
constexpr rlim_t kKeptFiles = 768;
constexpr char kDefaultUi[] = "/usr/share/callbraid/ui";

constexpr char kApi[] = "/callbraid.v1.";
constexpr char kEvents[] = "/events";
constexpr char kCalls[] = "/calls/";
constexpr char kSession[] = "/session";
constexpr char kHealth[] = "/healthz";
constexpr char kOpenApi[] = "/openapi.json";
constexpr char kMetrics[] = "/metrics";
constexpr char kLogOut[] = "/callbraid.v1.AccessService/LogOut";
constexpr char kLogIn[] = "/callbraid.v1.LoginService/LogIn";
constexpr char kWhoAmI[] = "/callbraid.v1.AccessService/WhoAmI";
constexpr char kListSensors[] = "/callbraid.v1.SensorService/ListSensors";
constexpr char kReconcile[] =
    "/callbraid.v1.CompletenessService/ReconcileCalls";
constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
// grpc.health.v1.HealthCheckResponse with SERVING.
constexpr char kServing[] = "\x08\x01";

HttpResponse Text(int status, std::string words) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"},
                      {"Cache-Control", "no-store"}};
  response.body = std::move(words);
  return response;
}

HttpResponse MethodNotAllowed(const char* allowed) {
  HttpResponse response = Text(405, absl::StrCat("use ", allowed, "\n"));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

bool StartsWith(const std::string& path, const char* prefix) {
  return absl::StartsWith(path, prefix);
}

// Who somebody is, for the UI.
std::string WhoJson(const v1::WhoAmIResponse& who, bool open) {
  const auto list = [](const auto& texts) {
    return absl::StrCat(
        "[",
        absl::StrJoin(texts, ",",
                      [](std::string* out, const std::string& text) {
                        absl::StrAppend(out, JsonString(text));
                      }),
        "]");
  };
  return absl::StrCat(
      R"({"name":)", JsonString(who.name()), R"(,"role":")",
      v1::Role_Name(who.role()), R"(","sites":)", list(who.scope().sites()),
      R"(,"numbers":)", list(who.scope().numbers()), R"(,"calls":)",
      list(who.scope().calls()), R"(,"password":)",
      who.credential() == v1::CREDENTIAL_PASSWORD ? "true" : "false",
      R"(,"open":)", open ? "true" : "false", "}");
}

// What is in the body of a login; all is empty if it is none.
struct Credentials {
  std::string token;
  std::string name;
  std::string password;
};

Credentials CredentialsIn(const std::string& body) {
  google::protobuf::Struct json;
  if (!google::protobuf::util::JsonStringToMessage(body, &json).ok()) return {};
  const auto text = [&json](const char* name) {
    const auto field = json.fields().find(name);
    return field == json.fields().end() ? "" : field->second.string_value();
  };
  return {text("token"), text("name"), text("password")};
}

// Descriptors are the sensors' and the store's first: at most half of what
// there are, for a connection may come with a file.
unsigned Affordable(unsigned connections) {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return connections;
  const rlim_t spare =
      files.rlim_cur > kKeptFiles ? files.rlim_cur - kKeptFiles : 0;
  const auto affordable = static_cast<unsigned>(
      std::min<rlim_t>(connections, std::max<rlim_t>(spare / 2, 16)));
  if (affordable < connections) {
    spdlog::warn(
        "web: {} connections at most, not {}: this process may have only {} "
        "open files (ulimit -n, LimitNOFILE)",
        affordable, connections, files.rlim_cur);
  }
  return affordable;
}

// Any id of a call, or the beginning of one.
bool LooksLikeId(const std::string& id) {
  return id.size() >= 8 && id.size() <= 32 &&
         id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool NeedsTls(const v1::CollectorConfig& config) {
  return !config.insecure() && !config.web().insecure();
}

}  // namespace

WebServer::WebServer(const v1::CollectorConfig& config,
                     const std::shared_ptr<grpc::Channel>& services,
                     const EventSinks& sinks, const Retention& retention,
                     AlertWatch& alerts, const Clock& clock)
    : clock_(clock),
      sinks_(sinks),
      retention_(retention),
      alerts_(alerts),
      open_(config.insecure()),
      has_tls_(NeedsTls(config)),
      behind_proxy_(config.web().insecure() && !config.insecure()),
      session_idle_(absl::Hours(config.web().session_hours())),
      channel_(services),
      events_(channel_),
      downloads_(channel_, config.data(), clock),
      sessions_(session_idle_, clock),
      openapi_(OpenApi(CALLBRAID_VERSION)) {}

WebServer::~WebServer() { Stop(); }

absl::StatusOr<std::unique_ptr<WebServer>> WebServer::Start(
    const v1::CollectorConfig& config,
    const std::shared_ptr<grpc::Channel>& services, const EventSinks& sinks,
    const Retention& retention, AlertWatch& alerts, const Clock& clock) {
  std::unique_ptr<WebServer> server(
      new WebServer(config, services, sinks, retention, alerts, clock));
  RETURN_IF_ERROR(server->Listen(config));
  return server;
}

absl::Status WebServer::Listen(const v1::CollectorConfig& config) {
  const v1::WebConfig& web = config.web();
  if (auto ui = UiFiles::Load(web.ui().empty() ? kDefaultUi : web.ui());
      ui.ok()) {
    ui_ = *std::move(ui);
  } else if (!web.ui().empty()) {
    return ui.status();
  }
  if (has_tls_) {
    const bool own = !web.cert().empty();
    ASSIGN_OR_RETURN(
        certificate_,
        WebCertificate::Load(own ? web.cert() : config.tls().cert(),
                             own ? web.key() : config.tls().key(), clock_));
  }
  HttpLimits limits;
  limits.connections = Affordable(web.max_connections());
  limits.connections_per_address =
      behind_proxy_ ? limits.connections : web.max_connections_per_address();
  limits.body_bytes = [this](const HttpRequest& request) {
    return BodyLimit(request);
  };
  auto http = HttpServer::Start(
      web.listen(), certificate_.get(), limits, SecurityHeaders(),
      [this](const ExchangePtr& exchange) { Handle(exchange); });
  if (!http.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", web.listen(),
                     " (web.listen): ", std::string(http.status().message())));
  }
  http_ = *std::move(http);
  url_ = absl::StrCat(has_tls_ ? "https://" : "http://", http_->address());
  thread_ = Thread("web", [this] {
    MutexLock lock(mutex_);
    while (!stopping_) {
      if (stop_.WaitFor(mutex_, kBeat)) continue;
      events_.Beat();
      downloads_.Beat();
    }
  });
  return absl::OkStatus();
}

void WebServer::Stop() {
  if (http_ == nullptr) return;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    stop_.NotifyAll();
  }
  thread_.Join();
  http_->Stop();
  http_.reset();
}

void WebServer::Handle(const ExchangePtr& exchange) {
  const HttpRequest& request = exchange->request();
  absl::Status allowed = CheckOrigin(request);
  if (allowed.ok() && open_) allowed = CheckHost(request);
  const std::string& path = request.path;
  if (path == kHealth) return Health(exchange);
  if (!allowed.ok()) return exchange->Respond(ErrorResponse(allowed));
  if (StartsWith(path, kApi)) return Rpc(exchange);
  if (StartsWith(path, "/events/")) {
    return StreamEvents(exchange, path.substr(sizeof(kEvents) - 1));
  }
  if (path == kSession) return Session(exchange);
  if (path == kMetrics) return Metrics(exchange);
  if (path == kOpenApi) return exchange->Respond(JsonResponse(openapi_));
  if (StartsWith(path, kCalls) &&
      (path.ends_with("/audio") || path.ends_with("/fax") ||
       path.ends_with("/packets") || path.ends_with("/listen"))) {
    return CallFile(exchange);
  }
  exchange->Respond(request.method == "GET" ? ui_.Answer(request)
                                            : MethodNotAllowed("GET"));
}

void WebServer::Rpc(const ExchangePtr& exchange) {
  const HttpRequest& request = exchange->request();
  const ApiMethod* const method = ApiMethod::Find(request.path);
  if (method == nullptr) {
    HttpResponse response = ErrorResponse(
        absl::UnimplementedError("there is no such method; docs/web.md"));
    response.status = 404;
    return exchange->Respond(std::move(response));
  }
  if (request.method != "POST") {
    return exchange->Respond(MethodNotAllowed("POST"));
  }
  if (method->server_streaming()) {
    return exchange->Respond(ErrorResponse(absl::UnimplementedError(
        absl::StrCat("this method streams: GET /events", method->path(),
                     "?request=JSON"))));
  }
  const auto message = method->RequestFromJson(request.body);
  if (!message.ok()) return exchange->Respond(ErrorResponse(message.status()));
  channel_.Unary(
      method->path(), *message, CredentialsOf(request), kTimeout,
      [exchange, method](const grpc::Status& status, const std::string& bytes) {
        if (!status.ok()) return exchange->Respond(ErrorResponse(status));
        auto json = method->ResponseToJson(bytes);
        exchange->Respond(json.ok() ? JsonResponse(*std::move(json))
                                    : ErrorResponse(json.status()));
      });
}

void WebServer::StreamEvents(const ExchangePtr& exchange,
                             const std::string& path) {
  const HttpRequest& request = exchange->request();
  const ApiMethod* const method = ApiMethod::Find(path);
  if (method == nullptr || !method->server_streaming()) {
    return exchange->Respond(Text(404, "no method of this name streams\n"));
  }
  if (request.method != "GET") {
    return exchange->Respond(MethodNotAllowed("GET"));
  }
  const auto message = method->RequestFromJson(request.Query("request"));
  if (!message.ok()) return exchange->Respond(ErrorResponse(message.status()));
  const std::string& last_id = request.Header("last-event-id");
  events_.Serve(exchange, *method,
                last_id.empty() ? *message : method->Resumed(*message, last_id),
                CredentialsOf(request));
}

void WebServer::CallFile(const ExchangePtr& exchange) {
  const HttpRequest& request = exchange->request();
  if (request.method != "GET") {
    return exchange->Respond(MethodNotAllowed("GET"));
  }
  const size_t slash = request.path.rfind('/');
  const std::string call =
      request.path.substr(sizeof(kCalls) - 1, slash - (sizeof(kCalls) - 1));
  if (!LooksLikeId(call)) {
    return exchange->Respond(ErrorResponse(absl::InvalidArgumentError(
        "this is no id of a call: 8 to 32 hexadecimal digits")));
  }
  const std::string file = request.path.substr(slash);
  if (file == "/audio") {
    downloads_.Audio(exchange, call, CredentialsOf(request));
  } else if (file == "/fax") {
    downloads_.Fax(exchange, call, CredentialsOf(request));
  } else if (file == "/listen") {
    ServeLiveSound(channel_, exchange, call, CredentialsOf(request));
  } else {
    downloads_.Packets(exchange, call, CredentialsOf(request));
  }
}

void WebServer::Session(const ExchangePtr& exchange) {
  const std::string& method = exchange->request().method;
  if (method == "POST") return LogIn(exchange);
  if (method == "GET") return TellWho(exchange);
  if (method != "DELETE") {
    return exchange->Respond(MethodNotAllowed("GET, POST, DELETE"));
  }
  const RpcCredentials credentials = CredentialsOf(exchange->request());
  sessions_.Close(CookieOf(exchange->request()));
  if (credentials.authorization.empty()) {
    return exchange->Respond(WithCookie(""));
  }
  // What runs on a login ends with it; a token is good elsewhere, too.
  channel_.Unary(kLogOut, "", credentials, kTimeout,
                 [this, exchange](const grpc::Status&, const std::string&) {
                   exchange->Respond(WithCookie(""));
                 });
}

void WebServer::LogIn(const ExchangePtr& exchange) {
  const Credentials sent = CredentialsIn(exchange->request().body);
  if (!sent.token.empty()) return LogInBy(sent.token, exchange);
  if (sent.name.empty() || sent.password.empty()) {
    return exchange->Respond(ErrorResponse(absl::InvalidArgumentError(
        R"(a login is {"name": "...", "password": "..."} or {"token": "cbt_..."})")));
  }
  v1::LogInRequest request;
  request.set_name(sent.name);
  request.set_password(sent.password);
  channel_.Unary(
      kLogIn, request.SerializeAsString(), {AddressOf(exchange->request()), ""},
      kTimeout,
      [this, exchange](const grpc::Status& status, const std::string& bytes) {
        v1::LogInResponse response;
        if (!status.ok() || !response.ParseFromString(bytes)) {
          return exchange->Respond(ErrorResponse(status));
        }
        exchange->Respond(WithCookie(sessions_.Open(response.secret())));
      });
}

// The token is tried before it gets a session.
void WebServer::LogInBy(const std::string& token, const ExchangePtr& exchange) {
  channel_.Unary(
      kWhoAmI, "",
      {AddressOf(exchange->request()), absl::StrCat("Bearer ", token)},
      kTimeout,
      [this, exchange, token](const grpc::Status& status, const std::string&) {
        if (!status.ok()) {
          return exchange->Respond(ErrorResponse(status));
        }
        exchange->Respond(WithCookie(sessions_.Open(token)));
      });
}

void WebServer::TellWho(const ExchangePtr& exchange) {
  const RpcCredentials credentials = CredentialsOf(exchange->request());
  channel_.Unary(
      kWhoAmI, "", credentials, kTimeout,
      [this, exchange, open = open_ && credentials.authorization.empty()](
          const grpc::Status& status, const std::string& bytes) {
        v1::WhoAmIResponse who;
        if (!status.ok() || !who.ParseFromString(bytes)) {
          return exchange->Respond(ErrorResponse(status));
        }
        HttpResponse response = JsonResponse(WhoJson(who, open));
        // It was used: the browser must keep it as long as we do.
        const std::string secret = CookieOf(exchange->request());
        if (!secret.empty() && !sessions_.TokenOf(secret).empty()) {
          response.headers.push_back(CookieHeader(secret));
        }
        exchange->Respond(std::move(response));
      });
}

void WebServer::Health(const ExchangePtr& exchange) {
  channel_.Unary(
      kHealthCheck, "", {}, kTimeout,
      [exchange](const grpc::Status& status, const std::string& bytes) {
        const bool serving = status.ok() && bytes == kServing;
        exchange->Respond(
            Text(serving ? 200 : 503, serving ? "serving\n" : "not serving\n"));
      });
}

void WebServer::Metrics(const ExchangePtr& exchange) {
  const RpcCredentials credentials = CredentialsOf(exchange->request());
  channel_.Unary(kWhoAmI, "", credentials, kTimeout,
                 [this, exchange, credentials](const grpc::Status& status,
                                               const std::string& bytes) {
                   v1::WhoAmIResponse who;
                   if (!status.ok() || !who.ParseFromString(bytes)) {
                     return exchange->Respond(ErrorResponse(status));
                   }
                   const auto scope = Scope::Parse(who.scope());
                   TellMetrics(exchange, credentials,
                               scope.ok() && scope->all());
                 });
}

void WebServer::TellMetrics(const ExchangePtr& exchange,
                            const RpcCredentials& credentials, bool whole) {
  channel_.Unary(kListSensors, "", credentials, kTimeout,
                 [this, exchange, whole](const grpc::Status& status,
                                         const std::string& bytes) {
                   v1::ListSensorsResponse sensors;
                   if (!status.ok() || !sensors.ParseFromString(bytes)) {
                     return exchange->Respond(ErrorResponse(status));
                   }
                   std::optional<WholeState> state;
                   if (whole) {
                     state = WholeState{sinks_.States(), retention_.State(),
                                        alerts_.Open()};
                   }
                   HttpResponse response =
                       Text(200, MetricsText(sensors, state));
                   response.headers.front().second = kMetricsType;
                   exchange->Respond(std::move(response));
                 });
}

RpcCredentials WebServer::CredentialsOf(const HttpRequest& request) {
  RpcCredentials credentials{AddressOf(request),
                             request.Header("authorization")};
  // A token that is sent decides, as everywhere.
  if (!credentials.authorization.empty()) return credentials;
  const std::string token = sessions_.TokenOf(CookieOf(request));
  if (!token.empty()) credentials.authorization = "Bearer " + token;
  return credentials;
}

// Behind a proxy, who it says it passes on: the last one that it names. What
// stands before that the client may have made up.
std::string WebServer::AddressOf(const HttpRequest& request) const {
  const bool of_this_machine =
      request.address == "127.0.0.1" || request.address == "::1";
  if (!behind_proxy_ || !of_this_machine) return request.address;
  const std::string& named = request.Header("x-forwarded-for");
  const std::string last = named.substr(named.rfind(',') + 1);
  const auto client =
      IpAddress::Parse(std::string(absl::StripAsciiWhitespace(last)));
  return client ? client->ToString() : request.address;
}

size_t WebServer::BodyLimit(const HttpRequest& request) const {
  if (request.path == kSession) return kLoginBytes;
  const bool shows_something = open_ || !CookieOf(request).empty() ||
                               !request.Header("authorization").empty();
  if (!shows_something) return kStrangersBytes;
  return request.path == kReconcile ? kUploadBytes : kBodyBytes;
}

// With a prefix that makes browsers refuse one that another host has set. Also
// behind a proxy, which has TLS. What runs openly has no logins.
std::string WebServer::CookieOf(const HttpRequest& request) const {
  const auto cookie =
      request.cookies.find(open_ ? "callbraid" : "__Host-callbraid");
  return cookie == request.cookies.end() ? "" : cookie->second;
}

std::pair<std::string, std::string> WebServer::CookieHeader(
    const std::string& secret) const {
  const int64_t max_age_s =
      secret.empty() ? 0 : absl::ToInt64Seconds(session_idle_);
  return {"Set-Cookie",
          absl::StrCat(open_ ? "callbraid=" : "__Host-callbraid=", secret,
                       "; Path=/; Max-Age=", max_age_s,
                       "; HttpOnly; SameSite=Strict", open_ ? "" : "; Secure")};
}

HttpResponse WebServer::WithCookie(const std::string& secret) const {
  HttpResponse response;
  response.status = 204;
  response.headers = {{"Cache-Control", "no-store"}, CookieHeader(secret)};
  return response;
}

}  // namespace callbraid::collector
