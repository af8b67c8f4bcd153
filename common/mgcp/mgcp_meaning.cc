#include "common/mgcp/mgcp_meaning.h"

#include "common/sip/sip_header.h"

namespace callbraid {

MgcpSender MgcpSenderOf(const MgcpMessage& message) {
  if (message.Is("NTFY") || message.Is("RSIP")) return MgcpSender::kGateway;
  const bool is_either = !message.is_command() || message.Is("DLCX") ||
                         message.Is("MESG") || message.verb.starts_with('X');
  return is_either ? MgcpSender::kEither : MgcpSender::kCallAgent;
}

bool IsMgcpRing(const MgcpEvent& signal) {
  if (signal.Is("rg")) return true;
  for (const std::string_view ring :
       {"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "wt"}) {
    if (signal.Is(ring)) return true;
  }
  return false;
}

bool MgcpGoesOffHook(const MgcpMessage& message) {
  std::string_view events = MgcpParameter(message, "O");
  while (const auto event = TakeMgcpEvent(events)) {
    if (event->Is("hd")) return message.Is("NTFY");
  }
  return false;
}

bool MgcpRings(const MgcpMessage& message) {
  std::string_view signals = MgcpParameter(message, "S");
  while (const auto signal = TakeMgcpEvent(signals)) {
    if (IsMgcpRing(*signal)) return message.is_command();
  }
  return false;
}

std::string_view MgcpDirection(std::string_view mode) {
  for (const std::string_view talking : {"sendrecv", "confrnce", "replcate"}) {
    if (EqualsIgnoreCase(mode, talking)) return "sendrecv";
  }
  for (const std::string_view other : {"sendonly", "recvonly", "inactive"}) {
    if (EqualsIgnoreCase(mode, other)) return other;
  }
  return "";
}

SdpDirection ToSdpDirection(std::string_view direction,
                            SdpDirection otherwise) {
  if (direction == "sendrecv") return SdpDirection::kSendRecv;
  if (direction == "sendonly") return SdpDirection::kSendOnly;
  if (direction == "recvonly") return SdpDirection::kRecvOnly;
  if (direction == "inactive") return SdpDirection::kInactive;
  return otherwise;
}

}  // namespace callbraid
