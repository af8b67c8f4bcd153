#include "collector/query/message_text.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/base/absl_string.h"
#include "common/bytes/utf8.h"
#include "common/h323/h323_message.h"
#include "common/mgcp/mgcp_message.h"
#include "common/sccp/sccp_message.h"
#include "common/sccp/sccp_summary.h"
#include "common/sip/mask_digits.h"
#include "common/sip/mask_keys.h"
#include "common/sip/sip_message.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxSummary = 120;

// Text of a phone may be in any encoding.
std::string Printable(std::string text) {
  text.resize(std::min(text.size(), kMaxSummary));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::string FirstLine(std::string_view message) {
  return std::string(
      message.substr(0, std::min<size_t>(message.find_first_of("\r\n"), 60)));
}

bool IsDatagram(const v1::SipFrame& frame) {
  return frame.transport() == v1::TRANSPORT_UDP;
}

}  // namespace

std::string SummaryOf(const v1::SipFrame& frame) {
  if (frame.protocol() == v1::SIGNALLING_PROTOCOL_H323) {
    const auto message = ParseH323(frame.message(), IsDatagram(frame));
    return message ? Printable(H323Summary(*message)) : "?";
  }
  if (frame.protocol() == v1::SIGNALLING_PROTOCOL_SCCP) {
    const auto message = ParseSccp(frame.message());
    return message ? Printable(SccpSummary(*message)) : "?";
  }
  if (frame.protocol() == v1::SIGNALLING_PROTOCOL_MGCP) {
    const auto message = ParseMgcp(frame.message());
    return Printable(message ? MgcpSummary(*message)
                             : FirstLine(frame.message()));
  }
  const auto sip = ParseSip(frame.message());
  if (!sip) return ToUtf8(FirstLine(frame.message()), kMaxSummary);
  if (sip->is_request()) return std::string(sip->method);
  return ToUtf8(absl::StrCat(sip->status, " ", ToAbsl(sip->reason)),
                kMaxSummary);
}

void SetTransaction(const v1::SipFrame& frame, LadderMessage& message) {
  if (frame.protocol() == v1::SIGNALLING_PROTOCOL_SCCP ||
      frame.protocol() == v1::SIGNALLING_PROTOCOL_H323) {
    return;
  }
  if (frame.protocol() == v1::SIGNALLING_PROTOCOL_MGCP) {
    const auto mgcp = ParseMgcp(frame.message());
    if (!mgcp || mgcp->transaction == 0) return;
    message.branch = absl::StrCat(mgcp->transaction);
    message.cseq = mgcp->transaction;
    message.method = "MGCP";
    message.status = mgcp->code;
    return;
  }
  const auto sip = ParseSip(frame.message());
  if (!sip) return;
  message.branch = std::string(sip->via_branch);
  message.cseq = sip->cseq;
  message.method = std::string(sip->cseq_method);
  message.status = sip->is_request() ? 0 : sip->status;
}

void MaskMediaKeys(v1::SipFrame& frame) {
  if (frame.protocol() == v1::SIGNALLING_PROTOCOL_SCCP) {
    MaskSccpKeys(*frame.mutable_message());
  } else if (frame.protocol() == v1::SIGNALLING_PROTOCOL_H323) {
    MaskH323Keys(*frame.mutable_message(), IsDatagram(frame));
  } else {
    MaskKeys(*frame.mutable_message());
  }
}

bool MaskPressedKeys(v1::SipFrame& frame) {
  std::string& message = *frame.mutable_message();
  switch (frame.protocol()) {
    case v1::SIGNALLING_PROTOCOL_H323:
      return !TellsPressedKeys(message, IsDatagram(frame));
    case v1::SIGNALLING_PROTOCOL_SCCP:
      MaskSccpDigit(message);
      return true;
    case v1::SIGNALLING_PROTOCOL_MGCP:
      MaskMgcpDigits(message);
      return true;
    default:
      MaskSipDigits(message);
      return true;
  }
}

}  // namespace callbraid::collector
