#include "collector/web/http_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "collector/web/web_certificate.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/net/endpoint.h"
#include "microhttpd.h"

namespace callbraid::collector {
namespace {

constexpr unsigned kThreads = 2;
// A response is read from its stream in pieces of this size.
constexpr size_t kBlockBytes = 32 << 10;
// For the heads of request and response together, whose buffers double.
constexpr size_t kConnectionBytes = 64 << 10;
constexpr int kBacklog = 256;
constexpr char kTlsPriorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:"
    "+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305";

std::string AddressOf(const sockaddr* address) {
  std::span<const uint8_t> bytes;
  if (address != nullptr && address->sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    bytes = {reinterpret_cast<const uint8_t*>(&v4), sizeof(v4)};
  } else if (address != nullptr && address->sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    bytes = {reinterpret_cast<const uint8_t*>(&v6), sizeof(v6)};
  }
  const auto parsed = IpAddress::FromBytes(bytes);
  return parsed ? parsed->ToString() : "unknown";
}

int PortOf(int socket_fd) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  if (getsockname(socket_fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return 0;
  }
  return ntohs(bound.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
}

// A socket that listens on one of `addresses`; -1, and errno.
int Listening(const addrinfo* addresses) {
  for (const addrinfo* at = addresses; at != nullptr; at = at->ai_next) {
    const int socket_fd =
        socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_fd < 0) continue;
    const int on = 1;
    setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(socket_fd, at->ai_addr, at->ai_addrlen) == 0 &&
        listen(socket_fd, kBacklog) == 0) {
      return socket_fd;
    }
    const int error = errno;
    close(socket_fd);
    errno = error;
  }
  return -1;
}

// What a response is read from.
struct Reading {
  std::shared_ptr<BodySource> stream;
  MHD_Connection* connection;
};

ssize_t Read(void* cls, uint64_t, char* buffer, size_t size) {
  const auto& reading = *static_cast<Reading*>(cls);
  const long read = reading.stream->Read(reading.connection, buffer, size);
  if (read == BodySource::kEnded) return MHD_CONTENT_READER_END_OF_STREAM;
  if (read == BodySource::kBroken) return MHD_CONTENT_READER_END_WITH_ERROR;
  return read;
}

void EndReading(void* cls) {
  const std::unique_ptr<Reading> reading(static_cast<Reading*>(cls));
  reading->stream->Leave();
}

using SharedBody = std::shared_ptr<const std::string>;

void FreeBody(void* cls) { delete static_cast<SharedBody*>(cls); }

MHD_Response* ToMhd(HttpResponse& response, MHD_Connection* connection) {
  if (response.stream != nullptr) {
    auto reading =
        std::make_unique<Reading>(Reading{response.stream, connection});
    return MHD_create_response_from_callback(
        response.stream_bytes.value_or(MHD_SIZE_UNKNOWN), kBlockBytes, &Read,
        reading.release(), &EndReading);
  }
  auto body = std::make_unique<SharedBody>(
      response.shared_body != nullptr
          ? std::move(response.shared_body)
          : std::make_shared<const std::string>(std::move(response.body)));
  const SharedBody& shared = *body;
  // It is only read.
  return MHD_create_response_from_buffer_with_free_callback_cls(
      shared->size(), const_cast<char*>(shared->data()), &FreeBody,
      body.release());
}

MHD_Result Queue(HttpResponse response, const HttpHeaders& common,
                 MHD_Connection* connection) {
  MHD_Response* const made = ToMhd(response, connection);
  if (made == nullptr) return MHD_NO;
  HttpHeaders headers = std::move(response.headers);
  headers.insert(headers.end(), common.begin(), common.end());
  for (const auto& [name, value] : headers) {
    MHD_add_response_header(made, name.c_str(), value.c_str());
  }
  const MHD_Result queued = MHD_queue_response(
      connection, static_cast<unsigned>(response.status), made);
  MHD_destroy_response(made);
  return queued;
}

HttpResponse Refusal(int status, const char* words) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"},
                      {"Connection", "close"}};
  response.body = words;
  return response;
}

std::map<std::string, std::string> ValuesOf(MHD_Connection* connection,
                                            MHD_ValueKind kind,
                                            bool lower_case) {
  struct Filling {
    std::map<std::string, std::string> values;
    bool lower_case;
  } filling{{}, lower_case};
  MHD_get_connection_values(
      connection, kind,
      [](void* cls, MHD_ValueKind, const char* name, const char* value) {
        auto& fill = *static_cast<Filling*>(cls);
        std::string key = name;
        if (fill.lower_case) absl::AsciiStrToLower(&key);
        const std::string text = value == nullptr ? "" : value;
        const auto [at, is_new] = fill.values.try_emplace(key, text);
        if (!is_new && fill.lower_case)
          absl::StrAppend(&at->second, ", ", text);
        if (!is_new && !fill.lower_case) at->second = text;
        return MHD_YES;
      },
      &filling);
  return std::move(filling.values);
}

}  // namespace

class HttpServer::Exchange final
    : public HttpExchange,
      public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(HttpServer& server, MHD_Connection* connection)
      : server_(server), connection_(connection) {}

  const HttpRequest& request() const override { return request_; }

  void Respond(HttpResponse response) override ABSL_LOCKS_EXCLUDED(mutex_) {
    // The connection was suspended before the handler got this: it cannot end
    // before it is resumed, but may right after that.
    const auto self = shared_from_this();
    {
      MutexLock lock(mutex_);
      if (responded_) return;
      responded_ = true;
      if (response.stream != nullptr) server_.Opened(response.stream);
      response_ = std::move(response);
      MHD_resume_connection(connection_);
    }
    server_.Answered();
  }

  // What was responded, once.
  std::optional<HttpResponse> Take() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return std::exchange(response_, std::nullopt);
  }

  // Of the server's thread.
  HttpRequest& filling() { return request_; }
  bool dispatched = false;
  size_t body_limit = 0;
  size_t reserved = 0;
  std::shared_ptr<BodySource> stream;

 private:
  HttpServer& server_;
  MHD_Connection* const connection_;
  HttpRequest request_;
  Mutex mutex_;
  bool responded_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<HttpResponse> response_ ABSL_GUARDED_BY(mutex_);
};

struct HttpServer::Callbacks {
  using ExchangePtr = std::shared_ptr<Exchange>;

  // Called with the head of a request, then with each piece of its body, then
  // without one, and again whenever the connection is resumed.
  static MHD_Result OnRequest(void* cls, MHD_Connection* connection,
                              const char* url, const char* method, const char*,
                              const char* piece, size_t* piece_size,
                              void** state) {
    auto& server = *static_cast<HttpServer*>(cls);
    if (*state == nullptr) {
      return Begin(server, connection, url, method, state);
    }
    const ExchangePtr& exchange = *static_cast<ExchangePtr*>(*state);
    if (*piece_size > 0) {
      std::string& body = exchange->filling().body;
      // Whoever goes on after what it announced is not worth an answer.
      if (body.size() + *piece_size > exchange->body_limit) return MHD_NO;
      body.append(piece, *piece_size);
      *piece_size = 0;
      return MHD_YES;
    }
    if (exchange->dispatched) return Answer(server, exchange, connection);
    exchange->dispatched = true;
    MHD_set_connection_option(
        connection, MHD_CONNECTION_OPTION_TIMEOUT,
        static_cast<unsigned>(absl::ToInt64Seconds(server.limits_.idle)));
    if (!server.Await()) {
      return Queue(Refusal(503, "the collector stops\n"), server.headers_,
                   connection);
    }
    MHD_suspend_connection(connection);
    server.handler_(exchange);
    return MHD_YES;
  }

  static MHD_Result Begin(HttpServer& server, MHD_Connection* connection,
                          const char* url, const char* method, void** state) {
    auto exchange = std::make_shared<Exchange>(server, connection);
    HttpRequest& request = exchange->filling();
    request.method = std::strcmp(method, "HEAD") == 0 ? "GET" : method;
    request.path = url;
    request.headers = ValuesOf(connection, MHD_HEADER_KIND, true);
    request.cookies = ValuesOf(connection, MHD_COOKIE_KIND, false);
    request.query = ValuesOf(connection, MHD_GET_ARGUMENT_KIND, false);
    const MHD_ConnectionInfo* const client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    request.address =
        AddressOf(client == nullptr ? nullptr : client->client_addr);
    HttpResponse refusal = server.Refuse(request);
    exchange->body_limit = server.limits_.body_bytes(request);
    const size_t most = MostBytes(request, exchange->body_limit);
    if (refusal.status == 0 && most > server.limits_.large_body_bytes) {
      if (server.Reserve(most)) {
        exchange->reserved = most;
      } else {
        refusal = Refusal(503, "too many large requests at once; try again\n");
      }
    }
    *state = new ExchangePtr(std::move(exchange));
    if (refusal.status != 0) {
      return Queue(refusal, server.headers_, connection);
    }
    return MHD_YES;
  }

  // That the body may have.
  static size_t MostBytes(const HttpRequest& request, size_t limit) {
    uint64_t announced = 0;
    if (absl::SimpleAtoi(request.Header("content-length"), &announced)) {
      return std::min<uint64_t>(announced, limit);
    }
    return request.Header("transfer-encoding").empty() ? 0 : limit;
  }

  static MHD_Result Answer(HttpServer& server, const ExchangePtr& exchange,
                           MHD_Connection* connection) {
    std::optional<HttpResponse> response = exchange->Take();
    // Resumed, as it seems, by nobody.
    if (!response) return MHD_YES;
    exchange->stream = response->stream;
    return Queue(*std::move(response), server.headers_, connection);
  }

  static void OnCompleted(void* cls, MHD_Connection*, void** state,
                          MHD_RequestTerminationCode) {
    const std::unique_ptr<ExchangePtr> exchange(
        static_cast<ExchangePtr*>(std::exchange(*state, nullptr)));
    if (exchange == nullptr) return;
    static_cast<HttpServer*>(cls)->GiveBack((*exchange)->reserved);
    // A response that was never queued, because the client was gone.
    std::optional<HttpResponse> unsent = (*exchange)->Take();
    auto& stream =
        unsent && unsent->stream ? unsent->stream : (*exchange)->stream;
    if (stream != nullptr) static_cast<HttpServer*>(cls)->Closed(stream);
  }

  // What clients do wrong is none of the operator's business.
  static void Log(void*, const char* format, va_list arguments) {
    std::string line(256, '\0');
    const int length =
        std::vsnprintf(line.data(), line.size(), format, arguments);
    if (length <= 0) return;
    line.resize(std::min<size_t>(line.size() - 1, length));
    absl::StripTrailingAsciiWhitespace(&line);
    spdlog::debug("http: {}", line);
  }
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const std::string& listen, WebCertificate* certificate,
    const HttpLimits& limits, HttpHeaders headers, Handler handler) {
  std::unique_ptr<HttpServer> server(
      new HttpServer(limits, std::move(headers), std::move(handler)));
  RETURN_IF_ERROR(server->Bind(listen));
  RETURN_IF_ERROR(server->Serve(certificate));
  return server;
}

HttpServer::~HttpServer() {
  Stop();
  if (socket_ >= 0) close(socket_);
}

absl::Status HttpServer::Bind(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(
          host.c_str(), listen.substr(colon + 1).c_str(), &hints, &found);
      error != 0) {
    return absl::FailedPreconditionError(gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(
      found, &freeaddrinfo);
  socket_ = Listening(found);
  if (socket_ < 0) return absl::FailedPreconditionError(std::strerror(errno));
  address_ = absl::StrCat(listen.substr(0, colon), ":", PortOf(socket_));
  return absl::OkStatus();
}

absl::Status HttpServer::Serve(WebCertificate* certificate) {
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                   MHD_USE_ERROR_LOG;
  std::vector<MHD_OptionItem> options;
  const auto add = [&](MHD_OPTION option, auto value, void* pointer) {
    options.push_back({option, static_cast<intptr_t>(value), pointer});
  };
  add(MHD_OPTION_LISTEN_SOCKET, socket_, nullptr);
  add(MHD_OPTION_THREAD_POOL_SIZE, kThreads, nullptr);
  add(MHD_OPTION_CONNECTION_LIMIT, limits_.connections, nullptr);
  add(MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits_.connections_per_address,
      nullptr);
  add(MHD_OPTION_CONNECTION_TIMEOUT, absl::ToInt64Seconds(limits_.patience),
      nullptr);
  add(MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, nullptr);
  add(MHD_OPTION_STRICT_FOR_CLIENT, 1, nullptr);
  add(MHD_OPTION_NOTIFY_COMPLETED,
      reinterpret_cast<intptr_t>(&Callbacks::OnCompleted), this);
  if (certificate != nullptr) {
    flags |= MHD_USE_TLS;
    add(MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
        reinterpret_cast<void*>(certificate->ServeOn(PortOf(socket_))));
    add(MHD_OPTION_HTTPS_PRIORITIES, 0, const_cast<char*>(kTlsPriorities));
  }
  add(MHD_OPTION_END, 0, nullptr);
  // The logger first, so that it gets what the other options are blamed for.
  daemon_ =
      MHD_start_daemon(flags, 0, nullptr, nullptr, &Callbacks::OnRequest, this,
                       MHD_OPTION_EXTERNAL_LOGGER, &Callbacks::Log, nullptr,
                       MHD_OPTION_ARRAY, options.data(), MHD_OPTION_END);
  if (daemon_ == nullptr) {
    return absl::FailedPreconditionError("the HTTP server did not start");
  }
  // The daemon closes it.
  socket_ = -1;
  return absl::OkStatus();
}

void HttpServer::Stop() {
  if (daemon_ == nullptr) return;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    for (const auto& stream : streams_) stream->Break();
    while (awaited_ > 0) all_answered_.Wait(mutex_);
  }
  MHD_stop_daemon(std::exchange(daemon_, nullptr));
}

// What others on the way might read in another way is not read at all (RFC
// 9112, section 11.2).
HttpResponse HttpServer::Refuse(const HttpRequest& request) const {
  HttpResponse fine;
  fine.status = 0;
  size_t head = 0;
  for (const auto& [name, value] : request.headers) {
    head += name.size() + value.size() + 4;
    if (absl::EndsWith(name, " ")) return Refusal(400, "a header is odd\n");
  }
  if (head > limits_.head_bytes) return Refusal(431, "the head is too large\n");
  if (request.path.empty() || request.path.front() != '/') {
    return Refusal(400, "the path is odd\n");
  }
  const std::string& coding = request.Header("transfer-encoding");
  const std::string& announced = request.Header("content-length");
  if (!coding.empty()) {
    if (!absl::EqualsIgnoreCase(coding, "chunked") || !announced.empty()) {
      return Refusal(400, "the length of the body is not clear\n");
    }
    return fine;
  }
  uint64_t length = 0;
  if (announced.empty()) return fine;
  if (announced.find_first_not_of("0123456789") != std::string::npos) {
    return Refusal(400, "the length of the body is not clear\n");
  }
  if (!absl::SimpleAtoi(announced, &length) ||
      length > limits_.body_bytes(request)) {
    return Refusal(413, "the body is too large\n");
  }
  return fine;
}

bool HttpServer::Reserve(size_t bytes) {
  MutexLock lock(mutex_);
  if (reserved_bytes_ + bytes > limits_.large_bodies_bytes) return false;
  reserved_bytes_ += bytes;
  return true;
}

void HttpServer::GiveBack(size_t bytes) {
  if (bytes == 0) return;
  MutexLock lock(mutex_);
  reserved_bytes_ -= bytes;
}

bool HttpServer::Await() {
  MutexLock lock(mutex_);
  if (stopping_) return false;
  ++awaited_;
  return true;
}

void HttpServer::Answered() {
  MutexLock lock(mutex_);
  if (--awaited_ == 0) all_answered_.NotifyAll();
}

void HttpServer::Opened(const std::shared_ptr<BodySource>& stream) {
  MutexLock lock(mutex_);
  if (stopping_) stream->Break();
  streams_.insert(stream);
}

void HttpServer::Closed(const std::shared_ptr<BodySource>& stream) {
  {
    MutexLock lock(mutex_);
    streams_.erase(stream);
  }
  stream->Leave();
}

}  // namespace callbraid::collector
