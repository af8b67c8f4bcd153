#ifndef CALLBRAID_COLLECTOR_EVENTS_SERVER_SOCKET_H_
#define CALLBRAID_COLLECTOR_EVENTS_SERVER_SOCKET_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace callbraid::collector {

// A socket to a server that does not answer: it tells what was handed to the
// network, not what arrived. One thread; each call waits 10 s at most.
class ServerSocket {
 public:
  enum class Transport { kUdp, kTcp, kUnixDatagram };

  // `server`: HOST:PORT; a path of kUnixDatagram. It is resolved at each
  // connection.
  ServerSocket(std::string server, Transport transport);
  ~ServerSocket() { Close(); }
  ServerSocket(const ServerSocket&) = delete;
  ServerSocket& operator=(const ServerSocket&) = delete;

  // Connects first, if there is no connection. After an error there is none:
  // what was sent before may not have arrived.
  absl::Status Send(std::string_view bytes);

 private:
  absl::Status Connect();
  absl::Status ConnectUnix();
  absl::Status ConnectInet();
  // Whether the other side closed the connection meanwhile.
  bool HungUp() const;
  void Close();

  const std::string server_;
  const Transport transport_;
  int socket_ = -1;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_SERVER_SOCKET_H_
