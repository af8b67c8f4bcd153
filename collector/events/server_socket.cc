#include "collector/events/server_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kTimeoutNs = 10'000'000'000;
constexpr int kSliceMs = 100;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

absl::Status Failed(const std::string& server, const std::string& why) {
  return absl::UnavailableError(absl::StrCat(server, ": ", why));
}

}  // namespace

ServerSocket::ServerSocket(std::string server, Transport transport,
                           const Clock& clock)
    : server_(std::move(server)), transport_(transport), clock_(clock) {}

int ServerSocket::WaitUntilWritable(int64_t until_ns) const {
  pollfd wanted = {socket_, POLLOUT, 0};
  while (!interrupted_) {
    if (clock_.MonotonicNs() >= until_ns) return ETIMEDOUT;
    if (poll(&wanted, 1, kSliceMs) == 1) return 0;
  }
  return ECANCELED;
}

int ServerSocket::ConnectTo(const addrinfo& address, int64_t until_ns) {
  if (connect(socket_, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (const int failed = WaitUntilWritable(until_ns)) return failed;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

void ServerSocket::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

absl::Status ServerSocket::Connect() {
  return transport_ == Transport::kUnixDatagram ? ConnectUnix() : ConnectInet();
}

absl::Status ServerSocket::ConnectUnix() {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (server_.size() >= sizeof(address.sun_path)) {
    return Failed(server_, "the path is too long");
  }
  std::copy(server_.begin(), server_.end(), address.sun_path);
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ >= 0 &&
      connect(socket_, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0) {
    return absl::OkStatus();
  }
  const int error = errno;
  Close();
  return Failed(server_, std::strerror(error));
}

absl::Status ServerSocket::ConnectInet() {
  const size_t colon = server_.rfind(':');
  std::string host = server_.substr(0, colon);
  if (host.size() > 1 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  const int type = transport_ == Transport::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo hints = {};
  hints.ai_socktype = type;
  addrinfo* found = nullptr;
  const int unknown =
      getaddrinfo(host.c_str(), server_.c_str() + colon + 1, &hints, &found);
  if (unknown != 0) return Failed(server_, gai_strerror(unknown));
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  int error = EHOSTUNREACH;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    socket_ = socket(at->ai_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ < 0) {
      error = errno;
      continue;
    }
    // One that is silent leaves time for those behind it.
    const int64_t left_ns = deadline_ns_ - clock_.MonotonicNs();
    error = ConnectTo(*at, at->ai_next == nullptr ? deadline_ns_
                                                  : deadline_ns_ - left_ns / 2);
    if (error == 0) return absl::OkStatus();
    Close();
  }
  return Failed(server_, std::strerror(error));
}

bool ServerSocket::HungUp() const {
  if (transport_ != Transport::kTcp) return false;
  pollfd wanted = {socket_, POLLIN | POLLRDHUP, 0};
  return poll(&wanted, 1, 0) == 1 &&
         (wanted.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

absl::Status ServerSocket::Send(std::string_view bytes) {
  if (interrupted_) return Failed(server_, std::strerror(ECANCELED));
  deadline_ns_ = clock_.MonotonicNs() + kTimeoutNs;
  if (socket_ >= 0 && HungUp()) Close();
  if (socket_ < 0) RETURN_IF_ERROR(Connect());
  while (!bytes.empty()) {
    const ssize_t sent =
        send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    int error = errno;
    if (error == EAGAIN) {
      error = WaitUntilWritable(deadline_ns_);
      if (error == 0) continue;
    }
    Close();
    return Failed(server_, std::strerror(error));
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
