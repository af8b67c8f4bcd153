#include "sensor/signalling/asked_for.h"

#include <algorithm>

#include "common/sip/sip_header.h"
#include "common/sip/sip_links.h"
#include "common/sip/sip_number.h"

namespace callbraid::sensor {

bool AskedFor::Has(std::string_view number) const {
  return std::any_of(numbers_.begin(), numbers_.end(),
                     [number](const std::string& pattern) {
                       return MatchesNumber(pattern, number);
                     });
}

bool AskedFor::Asks(const SipMessage& message) const {
  if (numbers_.empty() || Has(message.from.user) || Has(message.to.user) ||
      Has(SipUriUser(message.request_uri))) {
    return true;
  }
  // Who is behind a PBX's number, and for whom a call was before it was
  // diverted.
  std::string_view headers = message.headers;
  while (!headers.empty()) {
    SipHeader header = TakeSipHeader(headers);
    if (!header.Is("P-Asserted-Identity", 0) && !header.Is("Diversion", 0)) {
      continue;
    }
    while (!header.value.empty()) {
      const std::string_view value = TakeListValue(header.value);
      if (Has(ParseSipAddress(value).user)) return true;
    }
  }
  return false;
}

}  // namespace callbraid::sensor
