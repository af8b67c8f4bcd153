#include "collector/store/link_tokens.h"

#include <optional>
#include <set>
#include <string>

#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/sip/sip_number.h"

namespace callbraid::collector {
namespace {

using Kind = FiledToken::Kind;
using store::v1::DialogLink;
using store::v1::DialogObservation;

struct Hosts {
  Endpoint initiator;
  Endpoint responder;
};

std::optional<Hosts> HostsOf(const DialogObservation& dialog) {
  const auto initiator = FromProto(dialog.initiator());
  const auto responder = FromProto(dialog.responder());
  if (!initiator || !responder) return std::nullopt;
  return Hosts{SignallingHost(*initiator, *responder),
               SignallingHost(*responder, *initiator)};
}

// Of a call from or to `key`, at either host.
void AddHubs(const std::string& key, const Hosts& hosts, std::string_view site,
             std::vector<FiledToken>& tokens) {
  tokens.push_back({Kind::kHub, HubToken(site, hosts.initiator, key)});
  tokens.push_back({Kind::kHub, HubToken(site, hosts.responder, key)});
}

}  // namespace

std::vector<FiledToken> PartyTokens(const DialogObservation& dialog,
                                    std::string_view site) {
  std::vector<FiledToken> tokens = {{Kind::kName, NameToken(dialog.call_id())}};
  const auto hosts = HostsOf(dialog);
  // In the middle of a dialog either side may be in From, and the call was set
  // up at a time that nobody knows.
  if (!hosts || dialog.began_before()) return tokens;
  std::set<std::string> keys;
  for (const std::string& uri :
       {dialog.from_uri(), dialog.to_uri(), dialog.request_uri()}) {
    keys.insert(NumberKey(PlainUser(uri)));
  }
  keys.erase("");
  for (const std::string& key : keys) AddHubs(key, *hosts, site, tokens);
  return tokens;
}

std::vector<FiledToken> TokensOfLink(const DialogLink& link,
                                     const DialogObservation& dialog,
                                     std::string_view site) {
  switch (link.kind()) {
    case store::v1::LINK_KIND_SESSION_ID:
    case store::v1::LINK_KIND_CHARGING_ID:
    case store::v1::LINK_KIND_CISCO_GUID:
    case store::v1::LINK_KIND_SDP_ORIGIN:
    case store::v1::LINK_KIND_CONTROLLED_CALL:
      return {{Kind::kLink, LinkToken(link.kind(), link.value())}};
    case store::v1::LINK_KIND_HEADER:
      // It may be another dialog's Call-ID.
      return {{Kind::kLink, LinkToken(link.kind(), link.value())},
              {Kind::kName, NameToken(link.value())}};
    case store::v1::LINK_KIND_REPLACES:
    case store::v1::LINK_KIND_JOIN:
    case store::v1::LINK_KIND_TARGET_DIALOG:
    case store::v1::LINK_KIND_REFER_REPLACES:
      return {{Kind::kName, NameToken(link.value())}};
    case store::v1::LINK_KIND_REFER_TO:
    case store::v1::LINK_KIND_REDIRECT: {
      const auto host = HostAsked(link, dialog);
      const std::string key = NumberKey(PlainUser(link.value()));
      if (!host || key.empty()) return {};
      return {{Kind::kTurn,
               TurnToken(site, *host, key, link.time_ns() / kTurnWindowNs)}};
    }
    case store::v1::LINK_KIND_DIVERTED_FROM: {
      // The leg that came in was to that number.
      std::vector<FiledToken> tokens;
      const auto hosts = HostsOf(dialog);
      const std::string key = NumberKey(PlainUser(link.value()));
      if (hosts && !key.empty()) AddHubs(key, *hosts, site, tokens);
      return tokens;
    }
    default:
      return {};
  }
}

std::optional<Endpoint> HostAsked(const DialogLink& link,
                                  const DialogObservation& dialog) {
  const auto hosts = HostsOf(dialog);
  if (!hosts) return std::nullopt;
  if (link.kind() == store::v1::LINK_KIND_REDIRECT) return hosts->initiator;
  if (link.kind() != store::v1::LINK_KIND_REFER_TO) return std::nullopt;
  return link.from_initiator() ? hosts->responder : hosts->initiator;
}

std::optional<Token> TokenAskedFor(const DialogLink& link,
                                   const DialogObservation& dialog,
                                   std::string_view site) {
  const auto host = HostAsked(link, dialog);
  const std::string key = NumberKey(PlainUser(link.value()));
  if (!host || key.empty()) return std::nullopt;
  return HubToken(site, *host, key);
}

std::vector<Token> TurnTokens(const DialogObservation& dialog,
                              std::string_view site, int64_t from_ns,
                              int64_t to_ns) {
  std::vector<Token> tokens;
  const auto hosts = HostsOf(dialog);
  if (!hosts || dialog.began_before()) return tokens;
  std::set<std::string> keys;
  for (const std::string& uri : {dialog.to_uri(), dialog.request_uri()}) {
    keys.insert(NumberKey(PlainUser(uri)));
  }
  keys.erase("");
  for (const std::string& key : keys) {
    for (int64_t window = from_ns / kTurnWindowNs;
         window <= to_ns / kTurnWindowNs; ++window) {
      tokens.push_back(TurnToken(site, hosts->initiator, key, window));
    }
  }
  return tokens;
}

}  // namespace callbraid::collector
