#include "collector/evidence/node.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "collector/store/clock_window.h"
#include "collector/store/link_tokens.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/media/fingerprint.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kLatest = 4'000'000'000'000'000'000;

int64_t Bounded(int64_t time_ns) {
  return std::clamp<int64_t>(time_ns, 0, kLatest);
}

void BoundTimes(StoredObservation& stored) {
  store::v1::Observation& observation = stored.observation;
  observation.set_first_time_ns(Bounded(observation.first_time_ns()));
  observation.set_last_time_ns(std::max(observation.first_time_ns(),
                                        Bounded(observation.last_time_ns())));
  stored.tally.set_last_time_ns(Bounded(stored.tally.last_time_ns()));
  if (observation.has_dialog()) {
    auto& dialog = *observation.mutable_dialog();
    dialog.set_invite_time_ns(Bounded(dialog.invite_time_ns()));
    dialog.set_ringing_time_ns(Bounded(dialog.ringing_time_ns()));
    dialog.set_answer_time_ns(Bounded(dialog.answer_time_ns()));
    dialog.set_end_time_ns(Bounded(dialog.end_time_ns()));
    for (auto& media : *dialog.mutable_media()) {
      media.set_time_ns(Bounded(media.time_ns()));
    }
    for (auto& link : *dialog.mutable_links()) {
      link.set_time_ns(Bounded(link.time_ns()));
    }
  } else if (observation.has_rtp()) {
    for (auto& use : *observation.mutable_rtp()->mutable_payload_types()) {
      use.set_first_time_ns(Bounded(use.first_time_ns()));
    }
  } else if (observation.has_reception()) {
    auto& reception = *observation.mutable_reception();
    for (auto* report : {reception.mutable_first(), reception.mutable_last()}) {
      report->set_time_ns(Bounded(report->time_ns()));
    }
  }
}

bool CanReceive(const Endpoint& endpoint) {
  return endpoint.port != 0 && !endpoint.address.is_unspecified();
}

// Where the line says that its media may come to: with ICE it may be any of
// several. Nowhere if it is refused.
std::vector<Endpoint> EndpointsOf(const store::v1::SdpMedia& media) {
  std::vector<Endpoint> endpoints;
  if (media.rtp().port() == 0) return endpoints;
  const auto add = [&endpoints](const v1::Endpoint& named) {
    const auto endpoint = FromProto(named);
    if (endpoint && CanReceive(*endpoint)) endpoints.push_back(*endpoint);
  };
  add(media.rtp());
  for (const v1::Endpoint& candidate : media.candidates()) add(candidate);
  return endpoints;
}

// Endpoints that SDP of the responder named stay valid beside each other until
// the answer: forks name several.
std::vector<SdpNaming> NamingsOf(const store::v1::DialogObservation& dialog) {
  std::vector<SdpNaming> namings;
  for (const store::v1::SdpMedia& media : dialog.media()) {
    // "image": fax by T.38.
    if (media.kind() != "audio" && media.kind() != "video" &&
        media.kind() != "image") {
      continue;
    }
    for (const Endpoint& endpoint : EndpointsOf(media)) {
      namings.push_back(
          {endpoint, media.time_ns(), kNever, media.from_initiator()});
    }
  }
  std::stable_sort(namings.begin(), namings.end(),
                   [](const SdpNaming& a, const SdpNaming& b) {
                     return a.from_ns < b.from_ns;
                   });
  const int64_t answer_ns = dialog.answer_time_ns();
  for (SdpNaming& naming : namings) {
    for (const store::v1::SdpMedia& later : dialog.media()) {
      if (later.from_initiator() != naming.from_initiator ||
          later.time_ns() <= naming.from_ns ||
          later.time_ns() >= naming.until_ns || answer_ns == 0 ||
          later.time_ns() <= answer_ns) {
        continue;
      }
      const bool named_again = std::any_of(
          namings.begin(), namings.end(), [&](const SdpNaming& other) {
            return other.from_ns == later.time_ns() &&
                   other.from_initiator == naming.from_initiator &&
                   other.endpoint == naming.endpoint;
          });
      if (!named_again) naming.until_ns = later.time_ns();
    }
  }
  return namings;
}

std::vector<Mark> MarksOf(const store::v1::DialogObservation& dialog) {
  std::vector<Mark> marks;
  marks.reserve(dialog.marks_size());
  for (const auto& mark : dialog.marks()) {
    marks.push_back(
        {mark.identity(), Bounded(mark.time_ns()), mark.from_initiator()});
  }
  std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
    return std::pair(a.identity, a.time_ns) < std::pair(b.identity, b.time_ns);
  });
  marks.erase(std::unique(marks.begin(), marks.end(),
                          [](const Mark& a, const Mark& b) {
                            return a.identity == b.identity;
                          }),
              marks.end());
  return marks;
}

// A payload that comes twice in one stream tells nothing: both are left out.
std::vector<Anchor> AnchorsOf(const store::v1::RtpObservation& rtp) {
  std::vector<Anchor> all;
  all.reserve(rtp.anchors_size());
  for (const auto& anchor : rtp.anchors()) {
    all.push_back({anchor.payload_hash(), anchor.sequence(),
                   Bounded(anchor.time_ns()), anchor.timestamp()});
  }
  std::sort(all.begin(), all.end(),
            [](const Anchor& a, const Anchor& b) { return a.hash < b.hash; });
  std::vector<Anchor> once;
  once.reserve(all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    const bool repeated =
        (i > 0 && all[i - 1].hash == all[i].hash) ||
        (i + 1 < all.size() && all[i + 1].hash == all[i].hash);
    if (!repeated) once.push_back(all[i]);
  }
  return once;
}

TokenKind KindOf(FiledToken::Kind kind) {
  switch (kind) {
    case FiledToken::Kind::kLink:
      return TokenKind::kLink;
    case FiledToken::Kind::kName:
      return TokenKind::kName;
    case FiledToken::Kind::kHub:
      return TokenKind::kHub;
    case FiledToken::Kind::kTurn:
      break;
  }
  return TokenKind::kTurn;
}

void AddFiled(const std::vector<FiledToken>& tokens, Node& node) {
  for (const FiledToken& filed : tokens) {
    node.tokens.push_back({filed.token, KindOf(filed.kind)});
  }
}

void AddDialogTokens(Node& node) {
  const store::v1::DialogObservation& dialog = node.dialog();
  if (!node.makes_call) return;
  node.tokens.push_back(
      {DialogToken(dialog.call_id(), dialog.from_tag()), TokenKind::kDialog});
  if (dialog.began_before() && dialog.to_tags_size() > 0) {
    node.tokens.push_back(
        {DialogToken(dialog.call_id(), dialog.to_tags(0)), TokenKind::kDialog});
  }
  for (const SdpNaming& naming : node.namings) {
    node.tokens.push_back(
        {EndpointToken(node.site(), naming.endpoint), TokenKind::kEndpoint});
  }
  AddFiled(PartyTokens(dialog, node.site()), node);
  for (const store::v1::DialogLink& link : dialog.links()) {
    const std::vector<FiledToken> filed =
        TokensOfLink(link, dialog, node.site());
    AddFiled(filed, node);
    for (const FiledToken& token : filed) {
      node.said.emplace_back(token.token, link.time_ns());
    }
  }
  std::sort(node.said.begin(), node.said.end());
}

void AddRtpTokens(Node& node) {
  const Endpoint& source = node.flow.source;
  const Endpoint& destination = node.flow.destination;
  node.tokens = {
      {EndpointToken(node.site(), source), TokenKind::kEndpoint},
      {EndpointToken(node.site(), destination), TokenKind::kEndpoint},
      {FlowToken(source, destination, node.ssrc), TokenKind::kFlow},
      {PairToken(node.site(), source, destination), TokenKind::kPair},
      {ReceptionToken(node.site(), source.address, destination.address,
                      node.ssrc),
       TokenKind::kReception}};
  size_t index = 0;
  for (const auto& anchor : node.rtp().anchors()) {
    if (HasToken(anchor.payload_hash(), index++)) {
      node.tokens.push_back(
          {PayloadToken(anchor.payload_hash()), TokenKind::kPayload});
    }
  }
}

bool ReadDialog(Node& node) {
  const store::v1::DialogObservation& dialog = node.dialog();
  const auto initiator = FromProto(dialog.initiator());
  const auto responder = FromProto(dialog.responder());
  if (!initiator || !responder) return false;
  node.is_dialog = true;
  node.makes_call = dialog.method() == "INVITE";
  node.initiator = *initiator;
  node.responder = *responder;
  node.initiator_host = SignallingHost(*initiator, *responder);
  node.responder_host = SignallingHost(*responder, *initiator);
  if (!dialog.began_before()) {
    node.invite_ns = dialog.invite_time_ns() != 0
                         ? dialog.invite_time_ns()
                         : std::max<int64_t>(1, node.first_ns);
  }
  node.namings = NamingsOf(dialog);
  node.marks = MarksOf(dialog);
  AddDialogTokens(node);
  const std::string bytes = node.stored.observation.SerializeAsString();
  node.structure = absl::HashOf(absl::string_view(bytes));
  return true;
}

bool ReadRtp(Node& node) {
  const auto source = FromProto(node.rtp().source());
  const auto destination = FromProto(node.rtp().destination());
  if (!source || !destination) return false;
  node.makes_call = true;
  node.flow = {*source, *destination};
  node.ssrc = node.rtp().ssrc();
  node.is_udptl = node.rtp().transport() == v1::MEDIA_TRANSPORT_UDPTL;
  node.anchors = AnchorsOf(node.rtp());
  AddRtpTokens(node);
  node.structure = absl::HashOf(node.rtp().anchors_size());
  // Held once is enough: they are most of what a node would take.
  google::protobuf::RepeatedPtrField<store::v1::PayloadAnchor>().Swap(
      node.stored.observation.mutable_rtp()->mutable_anchors());
  return true;
}

bool ReadReception(Node& node) {
  node.is_reception = true;
  const auto reporter = FromProto(node.reception().reporter());
  const auto sender = FromProto(node.reception().sender());
  if (!reporter || !sender) return false;
  node.flow = {*sender, *reporter};
  node.ssrc = node.reception().ssrc();
  node.tokens = {{ReceptionToken(node.site(), sender->address,
                                 reporter->address, node.ssrc),
                  TokenKind::kReception}};
  const std::string bytes = node.reception().SerializeAsString();
  node.structure = absl::HashOf(absl::string_view(bytes));
  return true;
}

}  // namespace

int64_t FiledSince(const Node& dialog, Token token) {
  const auto said = std::lower_bound(dialog.said.begin(), dialog.said.end(),
                                     std::pair<Token, int64_t>(token, 0));
  return said == dialog.said.end() || said->first != token ? dialog.first_ns
                                                           : said->second;
}

std::optional<Node> MakeNode(StoredObservation stored) {
  const auto id = ObservationId::FromBytes(stored.observation.id());
  if (!id) return std::nullopt;
  BoundTimes(stored);
  Node node;
  node.id = *id;
  node.stored = std::move(stored);
  const store::v1::Observation& observation = node.stored.observation;
  node.first_ns = observation.first_time_ns();
  node.last_ns = observation.last_time_ns();
  if (observation.has_rtp()) {
    node.last_ns = std::max(node.last_ns, node.tally().last_time_ns());
  }
  const bool sound = observation.has_dialog()      ? ReadDialog(node)
                     : observation.has_rtp()       ? ReadRtp(node)
                     : observation.has_reception() ? ReadReception(node)
                                                   : false;
  if (!sound) return std::nullopt;
  if (node.makes_call) {
    node.tokens.push_back({ClockToken(observation), TokenKind::kClock});
  }
  std::sort(node.tokens.begin(), node.tokens.end());
  node.tokens.erase(std::unique(node.tokens.begin(), node.tokens.end()),
                    node.tokens.end());
  return node;
}

}  // namespace callbraid::collector
