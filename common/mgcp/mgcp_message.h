#ifndef CALLBRAID_COMMON_MGCP_MGCP_MESSAGE_H_
#define CALLBRAID_COMMON_MGCP_MGCP_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The grammar of MGCP (RFC 3435, section 3). Views point into the text that was
// given; nothing throws.

namespace callbraid {

// Of a call agent; gateways listen on kMgcpGatewayPort (section 3.5).
inline constexpr uint16_t kMgcpAgentPort = 2727;
inline constexpr uint16_t kMgcpGatewayPort = 2427;

// One command or response.
struct MgcpMessage {
  // A command: "CRCX", as written, and the endpoint's name, "aaln/1@gw".
  std::string_view verb;
  std::string_view endpoint;
  // A response: 0..999; 1xx is provisional, and 000 acknowledges a response.
  int code = 0;
  // 1..999,999,999; 0 where the capture cut the line in the middle of it.
  uint32_t transaction = 0;
  // Of a response: "OK", or the package.
  std::string_view comment;
  // The lines "C: ...".
  std::string_view parameters;
  // SDP, behind the first empty line.
  std::string_view body;

  bool is_command() const { return !verb.empty(); }
  // Whether this command is `name`, in capitals.
  bool Is(std::string_view name) const;
};

// Nullopt unless `text` begins with the first line of one: a registered verb
// (or an experimental one, X...), a transaction and "MGCP 0.1" or higher; or a
// response code and a transaction. A cut-off end is tolerated, but not of a
// command's first line.
std::optional<MgcpMessage> ParseMgcp(std::string_view text);

// Cheap enough for every datagram that does not begin like RTP: whether `text`
// begins with a command's first line, or with what looks like a response's.
bool LooksLikeMgcpCommand(std::string_view text);
bool LooksLikeMgcpResponse(std::string_view text);

// The first of several messages in one datagram, which are set apart by lines
// of a single dot (section 3.5.5); `text` moves behind it.
std::string_view TakeMgcpMessage(std::string_view& text);

// Value of the first parameter with that name, in any case; empty if there is
// none.
std::string_view MgcpParameter(const MgcpMessage& message,
                               std::string_view name);

// One of the values of O:, S: and R: (section 3.2.2.4): "L/hd", "D/5",
// "L/ci(05/04/08/36,2002,Alice)".
struct MgcpEvent {
  std::string_view package;  // Empty: the endpoint's own.
  std::string_view name;
  std::string_view arguments;  // In the brackets.

  // In any case. `package` "L" stands for all packages of lines and handsets.
  bool Is(std::string_view wanted) const;
};
// The first of `events`, which moves behind it. Nullopt at the end.
std::optional<MgcpEvent> TakeMgcpEvent(std::string_view& events);

// "0" to "9", "*", "#", "A" to "D" if `event` is a digit (RFC 3660, section
// 2.2); else 0.
char MgcpDigit(const MgcpEvent& event);
// Overwrites with "x" the digits that were observed (O:) or are played (S:) in
// `text`, one or several messages.
void MaskMgcpDigits(std::string& text);

// Caller of the signal "ci(time, number, name)" (RFC 3660, section 2.4).
struct MgcpCaller {
  std::string_view number;
  std::string_view name;
};
MgcpCaller ReadMgcpCaller(std::string_view arguments);

// Names of endpoints are the same in any case (section 3.2.1.3).
std::string PlainMgcpEndpoint(std::string_view endpoint);
// "aaln/$@gw", "*@gw": any, or all, of several endpoints.
bool IsMgcpWildcard(std::string_view endpoint);

// In words, for a list: "CRCX aaln/1 (SDP)", "NTFY aaln/1 L/hd", "200 OK".
std::string MgcpSummary(const MgcpMessage& message);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_MGCP_MGCP_MESSAGE_H_
