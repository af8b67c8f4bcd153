#include "collector/events/server_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace callbraid::collector {
namespace {

// More than sockets take in without a reader.
constexpr size_t kMany = size_t{64} << 20;

// A TCP server on a port of its own.
class Listener {
 public:
  Listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    name_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~Listener() { close(socket_); }

  const std::string& name() const { return name_; }
  int Accept() const { return accept(socket_, nullptr, nullptr); }

 private:
  const int socket_;
  std::string name_;
};

TEST(ServerSocket, AServerThatTakesALittleAtATimeIsNotWaitedForForEver) {
  const Listener listener;
  fakes::FakeClock clock;
  ServerSocket socket(listener.name(), ServerSocket::Transport::kTcp, clock);
  std::thread reader([&] {
    const int connection = listener.Accept();
    std::vector<char> bytes(size_t{64} << 10);
    // A second for each bit, until the sender hangs up.
    while (recv(connection, bytes.data(), bytes.size(), 0) > 0) {
      clock.Advance(1'000'000'000);
    }
    close(connection);
  });
  const int64_t start_ns = clock.MonotonicNs();
  EXPECT_FALSE(socket.Send(std::string(kMany, 'x')).ok());
  EXPECT_GE(clock.MonotonicNs() - start_ns, 10'000'000'000);
  reader.join();
}

TEST(ServerSocket, IsInterruptedWhileItSends) {
  const Listener listener;
  // It stands still: there is no end by time.
  const fakes::FakeClock clock;
  ServerSocket socket(listener.name(), ServerSocket::Transport::kTcp, clock);
  int connection = -1;
  std::thread reader([&] {
    connection = listener.Accept();
    char byte = 0;
    EXPECT_EQ(recv(connection, &byte, 1, 0), 1);
    // Nothing more is read, and nobody hangs up.
    socket.Interrupt();
  });
  EXPECT_FALSE(socket.Send(std::string(kMany, 'x')).ok());
  reader.join();
  close(connection);
  EXPECT_FALSE(socket.Send("x").ok());
}

}  // namespace
}  // namespace callbraid::collector
