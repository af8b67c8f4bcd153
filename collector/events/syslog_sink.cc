#include "collector/events/syslog_sink.h"

#include <unistd.h>

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr char kLocal[] = "local";
constexpr char kLocalPath[] = "/dev/log";

ServerSocket::Transport TransportOf(const v1::SyslogConfig& config) {
  if (config.server() == kLocal) return ServerSocket::Transport::kUnixDatagram;
  return config.transport() == "tcp" ? ServerSocket::Transport::kTcp
                                     : ServerSocket::Transport::kUdp;
}

}  // namespace

SyslogSink::SyslogSink(const v1::SyslogConfig& config, EventFeed& feed,
                       SinkMeter& meter, const Clock& clock)
    : OneByOneSink(feed, meter),
      counted_(TransportOf(config) == ServerSocket::Transport::kTcp),
      socket_(config.server() == kLocal ? kLocalPath : config.server(),
              TransportOf(config), clock) {
  std::array<char, 256> host = {};
  if (gethostname(host.data(), host.size() - 1) == 0) {
    origin_.host = host.data();
  }
  origin_.facility = config.facility();
  origin_.pid = getpid();
}

absl::Status SyslogSink::Deliver(const FeedEvent& event) {
  ASSIGN_OR_RETURN(const v1::CallEvent full, feed().Load(event));
  const std::string message = SyslogMessage(origin_, full);
  return socket_.Send(counted_ ? absl::StrCat(message.size(), " ", message)
                               : message);
}

}  // namespace callbraid::collector
