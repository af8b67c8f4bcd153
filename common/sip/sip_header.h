#ifndef CALLBRAID_COMMON_SIP_SIP_HEADER_H_
#define CALLBRAID_COMMON_SIP_SIP_HEADER_H_

#include <string_view>

// The grammar that all SIP headers have in common (RFC 3261, sections 7.3 and
// 25.1). Views point into the text that was given; nothing allocates or throws.

namespace callbraid {

bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// Without blanks and line ends around it.
std::string_view TrimBlanks(std::string_view text);

// The first line of `text`, without its end; `text` moves behind it.
std::string_view TakeLine(std::string_view& text);

// One header with its folded continuations (section 7.3.1): the value still
// holds the line ends. Both are empty where there is no colon.
struct SipHeader {
  std::string_view name;
  std::string_view value;

  // `compact` is the name's one-letter form (section 7.3.3), or 0.
  bool Is(std::string_view full_name, char compact) const;
};

// The first of `headers`, which moves behind it.
SipHeader TakeSipHeader(std::string_view& headers);

// `;name=value` among the parameters of a header value, without quotes; empty
// if there is none.
std::string_view SipParameter(std::string_view value, std::string_view name);

// User part of a sip:, sips: or tel: URI (section 19.1; RFC 3966).
std::string_view SipUriUser(std::string_view uri);

// A name-addr or addr-spec (section 20.10): From, To, Contact.
struct SipAddress {
  std::string_view display_name;  // Without quotes.
  std::string_view uri;           // "sip:101@10.0.0.1;transport=udp".
  std::string_view user;          // "101"; for tel: URIs the number.
  std::string_view tag;           // The ;tag= parameter.
};
SipAddress ParseSipAddress(std::string_view value);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_SIP_HEADER_H_
