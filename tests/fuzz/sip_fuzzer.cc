#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "common/sip/reason.h"
#include "common/sip/sdp.h"
#include "common/sip/sip_links.h"
#include "common/sip/sip_message.h"

namespace {

// A view that leaves the text would be a leak of whatever is next to it.
void ExpectInside(std::string_view text, std::string_view part) {
  const std::less<const char*> before;
  if (part.empty()) return;
  if (before(part.data(), text.data()) ||
      before(text.data() + text.size(), part.data() + part.size())) {
    std::abort();
  }
}

void ReadLinks(std::string_view text, std::string_view value) {
  const callbraid::SipSessionId session = callbraid::ParseSessionId(value);
  ExpectInside(text, session.local);
  ExpectInside(text, session.remote);
  ExpectInside(text, callbraid::ParseChargingId(value));
  if (const auto name = callbraid::ParseDialogName(value)) {
    ExpectInside(text, name->call_id);
    ExpectInside(text, name->to_tag);
    ExpectInside(text, name->from_tag);
  }
  callbraid::SipFragStatus(value);
  while (!value.empty()) {
    const std::string_view one = callbraid::TakeListValue(value);
    ExpectInside(text, one);
    callbraid::HasSipFlag(one, "isfocus");
    const callbraid::SipAddress address = callbraid::ParseSipAddress(one);
    ExpectInside(text, callbraid::WithoutUriHeaders(address.uri));
    if (const auto name = callbraid::SipUriHeader(address.uri, "Replaces")) {
      callbraid::ParseDialogName(*name);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  callbraid::SipMessageLength(text);
  const auto message = callbraid::ParseSip(text);
  if (!message) return 0;
  // The first look, which stops at 4096 bytes, must not keep out what is SIP.
  if (text.size() <= 4096 && !callbraid::LooksLikeSip(text)) std::abort();
  for (const auto* address : {&message->from, &message->to}) {
    ExpectInside(text, address->display_name);
    ExpectInside(text, address->uri);
    ExpectInside(text, address->user);
    ExpectInside(text, address->tag);
  }
  for (const std::string_view part :
       {message->method, message->request_uri, message->reason,
        message->call_id, message->via_branch, message->cseq_method,
        message->content_type, message->boundary, message->headers,
        message->body}) {
    ExpectInside(text, part);
  }
  const std::string_view sdp = callbraid::SdpBody(*message);
  ExpectInside(text, sdp);
  callbraid::ParseSdp(sdp);
  callbraid::ParseSipReason(message->headers);
  if (const auto id = callbraid::FindHeader(message->headers, "Session-ID")) {
    ExpectInside(text, *id);
  }
  for (std::string_view headers = message->headers; !headers.empty();) {
    ReadLinks(text, callbraid::TakeSipHeader(headers).value);
  }
  return 0;
}
