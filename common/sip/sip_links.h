#ifndef CALLBRAID_COMMON_SIP_SIP_LINKS_H_
#define CALLBRAID_COMMON_SIP_SIP_LINKS_H_

#include <optional>
#include <string>
#include <string_view>

// Values of headers by which one SIP dialog points to another. Views point into
// the text that was given. Nothing throws; what makes no sense is empty.

namespace callbraid {

// Session-ID. RFC 7989: the UUID of either end, "local;remote=remote"; the old
// form (RFC 7329) has one. Each is 32 hexadecimal digits, or empty: absent,
// nil, or no UUID.
struct SipSessionId {
  std::string_view local;
  std::string_view remote;
};
SipSessionId ParseSessionId(std::string_view value);

// The icid-value of P-Charging-Vector (RFC 7315, section 5.6).
std::string_view ParseChargingId(std::string_view value);

// A dialog that is named: Replaces (RFC 3891), Join (RFC 3911) and
// Target-Dialog (RFC 4538), whose local-tag and remote-tag come out as to_tag
// and from_tag: which is which depends on who reads it.
struct SipDialogName {
  std::string_view call_id;
  std::string_view to_tag;
  std::string_view from_tag;
};
// Nullopt unless there are a Call-ID and both tags.
std::optional<SipDialogName> ParseDialogName(std::string_view value);

// What comes first in the list `values` (History-Info, Diversion, Contact:
// RFC 3261, section 7.3.1), up to the next comma that is neither quoted nor in
// angle brackets; `values` moves behind it.
std::string_view TakeListValue(std::string_view& values);

// `text` with its "%41" undone (RFC 3261, section 25.1); what is no escape is
// left as it is.
std::string SipUnescape(std::string_view text);

// A header that `uri` asks for ("sip:a@b?Replaces=...", RFC 3261, section
// 19.1.1), with its escapes undone; nullopt if there is none, or it is longer
// than 1,024 bytes.
std::optional<std::string> SipUriHeader(std::string_view uri,
                                        std::string_view name);

// `uri` without what it asks for.
std::string_view WithoutUriHeaders(std::string_view uri);

// Whether a flag such as ";isfocus" (RFC 3840) is among the parameters of a
// Contact value, outside of its URI.
bool HasSipFlag(std::string_view value, std::string_view name);

// The status line of a message/sipfrag body (RFC 3420): 100..699; 0 if there is
// none.
int SipFragStatus(std::string_view body);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_SIP_LINKS_H_
