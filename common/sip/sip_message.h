#ifndef CALLBRAID_COMMON_SIP_SIP_MESSAGE_H_
#define CALLBRAID_COMMON_SIP_SIP_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/sip/sip_header.h"

namespace callbraid {

// The parts of a SIP message (RFC 3261) that correlation needs.
//
// Views point into the text that was parsed. Header folding and compact names
// (RFC 3261, section 7.3) are understood; where a header repeats, the first
// counts (the topmost Via).
struct SipMessage {
  // Request: method and request_uri are set. Response: status is 100..699.
  std::string_view method;
  std::string_view request_uri;
  int status = 0;
  std::string_view reason;

  std::string_view call_id;
  SipAddress from;
  SipAddress to;
  std::string_view via_branch;
  uint32_t cseq = 0;
  std::string_view cseq_method;
  std::string_view content_type;  // Without parameters.
  // The boundary parameter of a multipart type.
  std::string_view boundary;
  // -1 where absent or not a number.
  int64_t content_length = -1;
  std::string_view headers;  // All header lines.
  std::string_view body;     // Cut to Content-Length where that is shorter.

  bool is_request() const { return !method.empty(); }
};

// Returns nullopt unless `text` begins with a SIP start line and has Call-ID,
// From, To and CSeq. Tolerates what RFC 4475 calls valid, leading CRLFs, bare
// LF, and a cut-off end. Never throws; allocates nothing.
std::optional<SipMessage> ParseSip(std::string_view text);

// True if `text` begins like a SIP message: "SIP/2.0 " or "METHOD uri SIP/2.0".
// A first look that is cheap enough for every datagram.
bool LooksLikeSip(std::string_view text);

// The value of the first header with this name (compact form: `compact`, or 0),
// without folding undone; nullopt if there is none.
std::optional<std::string_view> FindHeader(std::string_view headers,
                                           std::string_view name,
                                           char compact = 0);

// The SDP body of `message`: its body, or the application/sdp part of a
// multipart body (RFC 5621). Empty if there is none.
std::string_view SdpBody(const SipMessage& message);

// Where the message that starts at text[0] ends in a TCP stream: header end
// plus Content-Length (0 if absent). Nullopt while the header is incomplete.
// The end may lie beyond text.size().
std::optional<size_t> SipMessageLength(std::string_view text);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_SIP_MESSAGE_H_
