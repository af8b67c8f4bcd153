#ifndef CALLBRAID_COLLECTOR_EVENTS_HEP_SINK_H_
#define CALLBRAID_COLLECTOR_EVENTS_HEP_SINK_H_

#include <memory>

#include "callbraid/v1/config.pb.h"
#include "collector/events/call_packets.h"
#include "collector/events/event_kinds.h"
#include "collector/events/one_by_one_sink.h"
#include "collector/events/server_socket.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// Sends what was captured of each call that is settled to a capture server. A
// call of which not all could be sent is sent again, from its beginning.
//
// One thread, but for Interrupt().
class HepSink final : public OneByOneSink {
 public:
  // `config` as from CompleteEvents(). References must outlive it.
  HepSink(const v1::HepConfig& config, EventFeed& feed, SinkMeter& meter,
          std::unique_ptr<CallPackets> packets, const Clock& clock);

  static EventKinds Kinds() { return {v1::CALL_EVENT_KIND_SETTLED}; }

  void Interrupt() override {
    OneByOneSink::Interrupt();
    socket_.Interrupt();
  }

 private:
  absl::Status Deliver(const FeedEvent& event) override;

  const uint32_t capture_id_;
  const std::unique_ptr<CallPackets> packets_;
  ServerSocket socket_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_HEP_SINK_H_
