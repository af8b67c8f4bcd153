#include "collector/store/filed_tokens.h"

#include <string>

#include "collector/store/clock_window.h"
#include "collector/store/link_tokens.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/media/fingerprint.h"

namespace callbraid::collector {
namespace {

using store::v1::Observation;

CapturePlace PlaceOf(const Observation& observation) {
  return {observation.sensor(), observation.capture_point()};
}

void AddDialog(const Observation& observation, std::vector<Token>& tokens) {
  const store::v1::DialogObservation& dialog = observation.dialog();
  const std::string& site = observation.site();
  tokens.push_back(DialogToken(dialog.call_id(), dialog.from_tag()));
  if (dialog.to_tags_size() > 0) {
    tokens.push_back(DialogToken(dialog.call_id(), dialog.to_tags(0)));
  }
  const auto initiator = FromProto(dialog.initiator());
  const auto responder = FromProto(dialog.responder());
  if (initiator && responder) {
    tokens.push_back(CallIdToken(PlaceOf(observation), dialog.call_id(),
                                 MakeSignallingPair(*initiator, *responder)));
  }
  for (const store::v1::SdpMedia& line : dialog.media()) {
    const auto rtp = FromProto(line.rtp());
    if (rtp) tokens.push_back(EndpointToken(site, *rtp));
    for (const auto& candidate : line.candidates()) {
      const auto endpoint = FromProto(candidate);
      if (endpoint) tokens.push_back(EndpointToken(site, *endpoint));
    }
  }
  for (const FiledToken& filed : PartyTokens(dialog, site)) {
    tokens.push_back(filed.token);
  }
  for (const store::v1::DialogLink& link : dialog.links()) {
    for (const FiledToken& filed : TokensOfLink(link, dialog, site)) {
      tokens.push_back(filed.token);
    }
  }
  tokens.push_back(ClockToken(observation));
}

void AddRtp(const Observation& observation, std::vector<Token>& tokens) {
  const store::v1::RtpObservation& rtp = observation.rtp();
  const std::string& site = observation.site();
  const auto source = FromProto(rtp.source());
  const auto destination = FromProto(rtp.destination());
  if (source && destination) {
    tokens.insert(
        tokens.end(),
        {FlowToken(*source, *destination, rtp.ssrc()),
         EndpointToken(site, *source), EndpointToken(site, *destination),
         PairToken(site, *source, *destination),
         ReceptionToken(site, source->address, destination->address,
                        rtp.ssrc())});
  }
  size_t index = 0;
  for (const store::v1::PayloadAnchor& anchor : rtp.anchors()) {
    if (HasToken(anchor.payload_hash(), index++)) {
      tokens.push_back(PayloadToken(anchor.payload_hash()));
    }
  }
  tokens.push_back(ClockToken(observation));
}

void AddReception(const Observation& observation, std::vector<Token>& tokens) {
  const store::v1::ReceptionObservation& reception = observation.reception();
  const auto reporter = FromProto(reception.reporter());
  const auto sender = FromProto(reception.sender());
  if (!reporter || !sender) return;
  tokens.push_back(ReceptionsToken(PlaceOf(observation), sender->address,
                                   reporter->address, reception.ssrc()));
  tokens.push_back(ReceptionToken(observation.site(), sender->address,
                                  reporter->address, reception.ssrc()));
}

}  // namespace

std::vector<Token> FiledTokens(const Observation& observation) {
  std::vector<Token> tokens;
  if (observation.has_dialog()) AddDialog(observation, tokens);
  if (observation.has_rtp()) AddRtp(observation, tokens);
  if (observation.has_reception()) AddReception(observation, tokens);
  return tokens;
}

}  // namespace callbraid::collector
