#include "collector/listen_failure.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"

namespace callbraid::collector {
namespace {

// errno of an attempt to bind; 0 if it worked.
int TryToBind(const addrinfo& address) {
  const int socket_fd =
      socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return errno;
  // As gRPC does: a connection of a former process that lingers is no obstacle.
  const int on = 1;
  setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const int error = bind(socket_fd, address.ai_addr, address.ai_addrlen) != 0 ||
                            listen(socket_fd, 1) != 0
                        ? errno
                        : 0;
  close(socket_fd);
  return error;
}

std::string WhatToDo(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another program listens there; stop it or choose another port";
    case EADDRNOTAVAIL:
      return "no interface of this machine has this address; 0.0.0.0 listens "
             "on all";
    case EACCES:
      return "ports below 1024 are not for this user; choose a higher one";
    default:
      return std::strerror(error);
  }
}

}  // namespace

absl::Status ExplainListenFailure(const std::string& listen) {
  const std::string what = absl::StrCat("cannot listen on ", listen, ": ");
  const size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int resolved = getaddrinfo(
      host.c_str(), listen.substr(colon + 1).c_str(), &hints, &found);
  if (resolved != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(what, gai_strerror(resolved),
                     "; write an address of this machine, or 0.0.0.0"));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(
      found, &freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr;
       address = address->ai_next) {
    if (const int error = TryToBind(*address); error != 0) {
      return absl::FailedPreconditionError(absl::StrCat(what, WhatToDo(error)));
    }
  }
  return absl::FailedPreconditionError(
      absl::StrCat(what, "it was taken a moment ago; try again"));
}

}  // namespace callbraid::collector
