#ifndef CALLBRAID_COLLECTOR_EVENTS_SYSLOG_SINK_H_
#define CALLBRAID_COLLECTOR_EVENTS_SYSLOG_SINK_H_

#include "callbraid/v1/config.pb.h"
#include "collector/events/one_by_one_sink.h"
#include "collector/events/server_socket.h"
#include "collector/events/syslog_message.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// Sends a message for each event to a syslog server (RFC 5426, RFC 6587), or to
// that of this machine. One thread, but for Interrupt().
class SyslogSink final : public OneByOneSink {
 public:
  // `config` as from CompleteEvents(). References must outlive it.
  SyslogSink(const v1::SyslogConfig& config, EventFeed& feed, SinkMeter& meter,
             const Clock& clock);

  void Interrupt() override {
    OneByOneSink::Interrupt();
    socket_.Interrupt();
  }

 private:
  absl::Status Deliver(const FeedEvent& event) override;

  const bool counted_;
  SyslogOrigin origin_;
  ServerSocket socket_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_SYSLOG_SINK_H_
