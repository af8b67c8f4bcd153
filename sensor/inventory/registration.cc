#include "sensor/inventory/registration.h"

#include <cstddef>
#include <string>

#include "common/bytes/utf8.h"
#include "common/sip/party.h"
#include "common/sip/sip_header.h"
#include "common/sip/sip_links.h"
#include "common/sip/sip_message.h"

namespace callbraid::sensor {
namespace {

// As census.proto says.
constexpr size_t kMaxTextBytes = 64;

// Of a SIP URI: "pbx.example:5060", "[2001:db8::1]"; empty of a tel URI.
std::string_view HostAndPort(std::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon == std::string_view::npos ||
      EqualsIgnoreCase(uri.substr(0, colon), "tel")) {
    return {};
  }
  uri.remove_prefix(colon + 1);
  const size_t at = uri.find('@');
  if (at != std::string_view::npos) uri.remove_prefix(at + 1);
  return uri.substr(0, uri.find_first_of(";?"));
}

std::string_view WithoutPort(std::string_view host) {
  // Nothing is left of an address without its closing bracket.
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool IsZero(std::string_view seconds) {
  return !seconds.empty() &&
         seconds.find_first_not_of('0') == std::string_view::npos;
}

size_t CountValues(std::string_view list) {
  size_t count = 0;
  while (!list.empty()) {
    if (!TakeListValue(list).empty()) ++count;
  }
  return count;
}

// Where a phone is called, by all values of Contact together.
struct Bindings {
  bool any = false;
  // Each is to be forgotten.
  bool gone = true;
  // Of the first that is not; of the first, if all are.
  std::string_view contact;
};

// Adds those of one Contact header, `expires` being what the request says of
// such as say nothing themselves (section 10.2.1.1).
void AddBindings(std::string_view values, std::string_view expires,
                 Bindings& bindings) {
  while (!values.empty()) {
    const std::string_view value = TakeListValue(values);
    const std::string_view uri = ParseSipAddress(value).uri;
    if (uri.empty()) continue;
    // "*" is all that there are, and stands only where they are to go.
    const bool all = uri == "*";
    const std::string_view own =
        SipParameter(value.substr(static_cast<size_t>(uri.data() + uri.size() -
                                                      value.data())),
                     "expires");
    const bool gone = all || IsZero(own.empty() ? expires : own);
    if (!all && (bindings.contact.empty() || (bindings.gone && !gone))) {
      bindings.contact = HostAndPort(uri);
    }
    bindings.any = true;
    bindings.gone = bindings.gone && gone;
  }
}

}  // namespace

std::optional<v1::Registration> ParseRegistration(std::string_view message) {
  const std::optional<SipMessage> request = ParseSip(message);
  if (!request || request->method != "REGISTER" || request->to.user.empty()) {
    return std::nullopt;
  }
  const std::string_view expires =
      FindHeader(request->headers, "Expires").value_or("");
  size_t vias = 0;
  Bindings bindings;
  std::string_view headers = request->headers;
  while (!headers.empty()) {
    const SipHeader header = TakeSipHeader(headers);
    if (header.Is("Via", 'v')) {
      vias += CountValues(header.value);
    } else if (header.Is("Contact", 'm')) {
      AddBindings(header.value, expires, bindings);
    }
  }
  if (vias != 1 || !bindings.any) return std::nullopt;

  const auto text = [](std::string_view bytes) {
    return ToUtf8(bytes, kMaxTextBytes);
  };
  v1::Registration registration;
  // As calls name their parties, so that a phone is found with its calls.
  registration.set_number(text(NumberOf(request->to.uri)));
  registration.set_domain(text(WithoutPort(HostAndPort(request->to.uri))));
  registration.set_contact(text(bindings.contact));
  registration.set_user_agent(
      text(FindHeader(request->headers, "User-Agent").value_or("")));
  registration.set_gone(bindings.gone);
  return registration;
}

}  // namespace callbraid::sensor
