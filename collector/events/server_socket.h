#ifndef CALLBRAID_COLLECTOR_EVENTS_SERVER_SOCKET_H_
#define CALLBRAID_COLLECTOR_EVENTS_SERVER_SOCKET_H_

#include <netdb.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// A socket to a server that does not answer: it tells what was handed to the
// network, not what arrived. One thread, but for Interrupt().
class ServerSocket {
 public:
  enum class Transport { kUdp, kTcp, kUnixDatagram };

  // `server`: HOST:PORT; a path of kUnixDatagram. It is resolved at each
  // connection. `clock` must outlive the socket.
  ServerSocket(std::string server, Transport transport, const Clock& clock);
  ~ServerSocket() { Close(); }
  ServerSocket(const ServerSocket&) = delete;
  ServerSocket& operator=(const ServerSocket&) = delete;

  // Connects first, if there is no connection. After an error there is none:
  // what was sent before may not have arrived. Takes 10 s at most, all in all,
  // besides resolving a name.
  absl::Status Send(std::string_view bytes);
  // Send() fails within 100 ms, now and from now on; where it resolves a name,
  // which cannot be ended, when that is over. From any thread.
  void Interrupt() { interrupted_ = true; }

 private:
  absl::Status Connect();
  absl::Status ConnectUnix();
  absl::Status ConnectInet();
  // 0, or an errno.
  int ConnectTo(const addrinfo& address, int64_t until_ns);
  int WaitUntilWritable(int64_t until_ns) const;
  // Whether the other side closed the connection meanwhile.
  bool HungUp() const;
  void Close();

  const std::string server_;
  const Transport transport_;
  const Clock& clock_;
  std::atomic<bool> interrupted_ = false;
  int socket_ = -1;
  // Of the Send() that is under way; monotonic.
  int64_t deadline_ns_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_SERVER_SOCKET_H_
