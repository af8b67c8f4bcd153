#ifndef CALLBRAID_COLLECTOR_STORE_LINK_TOKENS_H_
#define CALLBRAID_COLLECTOR_STORE_LINK_TOKENS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "collector/store/store.h"
#include "common/net/endpoint.h"

// Which tokens an INVITE dialog is filed under for what links it to others.
// Ingest files by them and correlation looks up by them, so both ask here.

namespace callbraid::collector {

struct FiledToken {
  enum class Kind { kLink, kName, kHub, kTurn };
  Kind kind = Kind::kLink;
  Token token = 0;
};

// Of the dialog itself. They do not change while it goes on.
std::vector<FiledToken> PartyTokens(const store::v1::DialogObservation& dialog,
                                    std::string_view site);

// Of one of its links.
std::vector<FiledToken> TokensOfLink(const store::v1::DialogLink& link,
                                     const store::v1::DialogObservation& dialog,
                                     std::string_view site);

// The host that a REFER or a 3xx response of `dialog` asks to call; nullopt if
// the link is neither, or the endpoints are none.
std::optional<Endpoint> HostAsked(const store::v1::DialogLink& link,
                                  const store::v1::DialogObservation& dialog);

// What the call that `link` asks for is filed under, by the host that makes it:
// HubToken(). Nullopt if the link asks for none.
std::optional<Token> TokenAskedFor(const store::v1::DialogLink& link,
                                   const store::v1::DialogObservation& dialog,
                                   std::string_view site);

// What the dialogs are filed under that may have asked for this one, between
// the two times: TurnToken().
std::vector<Token> TurnTokens(const store::v1::DialogObservation& dialog,
                              std::string_view site, int64_t from_ns,
                              int64_t to_ns);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_LINK_TOKENS_H_
