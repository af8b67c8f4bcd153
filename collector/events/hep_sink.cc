#include "collector/events/hep_sink.h"

#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {

HepSink::HepSink(const v1::HepConfig& config, EventFeed& feed, SinkMeter& meter,
                 std::unique_ptr<CallPackets> packets, const Clock& clock)
    : OneByOneSink(feed, meter),
      capture_id_(config.capture_id()),
      packets_(std::move(packets)),
      socket_(config.server(),
              config.transport() == "tcp" ? ServerSocket::Transport::kTcp
                                          : ServerSocket::Transport::kUdp,
              clock) {}

absl::Status HepSink::Deliver(const FeedEvent& event) {
  // Whether the sink may still see it.
  RETURN_IF_ERROR(feed().Load(event).status());
  absl::Status sent;
  const auto send = [&](const HepPacket& read) {
    HepPacket packet = read;
    packet.capture_id = capture_id_;
    sent = socket_.Send(EncodeHep(packet));
    return sent.ok() && !stopping();
  };
  RETURN_IF_ERROR(packets_->Read(event.call_id, send));
  return sent;
}

}  // namespace callbraid::collector
