#ifndef CALLBRAID_COLLECTOR_INGEST_LEG_MESSAGE_H_
#define CALLBRAID_COLLECTOR_INGEST_LEG_MESSAGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/ingest/dialog_fold.h"
#include "collector/store/store.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {

// One message of a protocol by which a controller (call agent, call manager)
// directs a device (gateway, phone): MGCP, SCCP; or by which two equal hosts
// set up a call in several connections: H.323. Each such protocol is one
// implementation of this and nothing else in the collector.
//
// Unlike SIP's, these messages do not all name their call. What is needed to
// tell is kept for each pair of hosts as an ExchangeObservation, and what comes
// out are legs (DialogObservation) in the same words as those of SIP.
//
// A view of the frame it was read from.
class LegMessage {
 public:
  virtual ~LegMessage() = default;

  // As the hosts are: the device, and who controls it.
  virtual FlowKey DeviceAndController(
      const store::v1::ExchangeObservation& exchange) const = 0;

  // Whether each connection of the two hosts has an exchange of its own: then
  // what one of them says does not wait for, or overtake, the other's.
  virtual bool IsOfItsConnection() const { return false; }

  // The name of the leg that the message is about, between these two hosts; it
  // may be used again by a later leg. Empty: none.
  virtual std::string LegOf(
      const store::v1::ExchangeObservation& exchange) const = 0;
  // The name that the leg has from here on, if it gets another one.
  virtual std::string NewNameOf(
      const store::v1::ExchangeObservation& exchange) const = 0;
  // Where other connections will be about the leg of this message, between
  // whatever hosts.
  virtual std::vector<Endpoint> Announces() const { return {}; }
  // Whether the message is about the leg that announced one of its ends.
  virtual bool FollowsAnnouncement() const { return false; }
  // How the message relates to a leg that has that name. Never kRepeat.
  virtual Fit FitOf(const store::v1::Observation& leg,
                    const store::v1::ExchangeObservation& exchange) const = 0;
  // Whether a leg can begin with it.
  virtual bool Begins() const = 0;

  // Sets up the dialog part of a new observation, whose times, sensor, site and
  // capture point are set. Fold() follows.
  virtual void Begin(const store::v1::ExchangeObservation& exchange,
                     store::v1::Observation& leg) const = 0;
  // Folds it into its leg. Appends to `tokens` what to add to the index.
  virtual void Fold(const store::v1::ExchangeObservation& exchange,
                    store::v1::Observation& leg,
                    std::vector<Token>& tokens) const = 0;
  // What later messages rest on. `leg`: the name of its leg, or empty.
  virtual void Note(const std::string& leg,
                    store::v1::ExchangeObservation& exchange) const = 0;
};

// Null if `frame` is of no such protocol, or makes no sense.
std::unique_ptr<LegMessage> ReadLegMessage(const v1::SipFrame& frame,
                                           const FlowKey& flow);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_LEG_MESSAGE_H_
