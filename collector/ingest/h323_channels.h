#ifndef CALLBRAID_COLLECTOR_INGEST_H323_CHANNELS_H_
#define CALLBRAID_COLLECTOR_INGEST_H323_CHANNELS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "callbraid/store/v1/observation.pb.h"
#include "common/h323/h225_message.h"
#include "common/h323/h245_message.h"
#include "common/net/endpoint.h"
#include "common/sip/sdp.h"

// What later messages of H.323 rest on, kept in the exchange of two hosts: an
// acknowledgement of H.245 does not say what it is that is opened, nor a
// closing what is closed, nor every message of Q.931 which call it is about.
// Pure.

namespace callbraid::collector {

// The logical channels of one leg, as the sender of a message sees them. A
// value; what it knows is in the exchange.
class H323Channels {
 public:
  // `flow`: who sent the message, and to whom. `leg`: the name of its leg.
  H323Channels(const FlowKey& flow, std::string_view leg)
      : flow_(flow), leg_(leg) {}

  // Where the sender of `ack` receives, with what was asked for there. Nullopt
  // if it says nothing of media.
  std::optional<SdpMediaLine> Acknowledged(
      const H245Message& ack,
      const store::v1::ExchangeObservation& exchange) const;
  // Whether the channel that its sender closes is one of audio. One whose
  // opening was not seen is, if no other of audio is known that the sender
  // opened.
  bool ClosesAudio(const H245Message& close,
                   const store::v1::ExchangeObservation& exchange) const;

  // `time_ns`: of the message.
  void Note(const H245Message& message, int64_t time_ns,
            store::v1::ExchangeObservation& exchange) const;
  // `message`: of call signalling.
  void NoteFastStart(const H225Message& message, int64_t time_ns,
                     store::v1::ExchangeObservation& exchange) const;
  // The leg has ended.
  void Forget(store::v1::ExchangeObservation& exchange) const;

 private:
  std::string Sender() const;
  std::string Receiver() const;
  // `opener`: Sender() or Receiver().
  uint64_t ChannelKey(const std::string& opener, uint16_t channel) const;
  void NoteChannel(const std::string& opener, uint16_t channel,
                   const SdpMediaLine& line, int64_t time_ns,
                   store::v1::ExchangeObservation& exchange) const;
  uint64_t EventKey() const;

  const FlowKey flow_;
  const std::string leg_;
};

// The leg of that call reference; empty if none was noted.
std::string LegOfCallReference(const FlowKey& flow, const Q931Message& q931,
                               const store::v1::ExchangeObservation& exchange);
void NoteCallReference(const FlowKey& flow, const Q931Message& q931,
                       const std::string& leg, int64_t time_ns,
                       store::v1::ExchangeObservation& exchange);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_H323_CHANNELS_H_
