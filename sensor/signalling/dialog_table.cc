#include "sensor/signalling/dialog_table.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "absl/strings/match.h"

namespace callbraid::sensor {
namespace {

// A transfer or a conference changes endpoints often; the last ones count. Room
// for audio and video of two sides with ICE.
constexpr size_t kMaxEndpoints = 48;
// Session timers (RFC 4028) refresh a dialog every half hour.
constexpr int64_t kLifetimeNs = int64_t{3600} * 1'000'000'000;

bool IsRtp(const SdpMediaLine& line) {
  return line.protocol.find("RTP/") != std::string::npos;
}

// Fax by T.38 (its annex D).
bool IsUdptl(const SdpMediaLine& line) {
  return absl::EqualsIgnoreCase(line.protocol, "udptl");
}

bool IsMedia(const SdpMediaLine& line) { return IsRtp(line) || IsUdptl(line); }

std::vector<PayloadClock> ClocksOf(const SdpMediaLine& line) {
  std::vector<PayloadClock> clocks;
  for (const SdpPayload& payload : line.payloads) {
    clocks.push_back({payload.type, payload.clock_rate});
  }
  return clocks;
}

}  // namespace

void DialogTable::OnMessage(const SipMessage& message) {
  const uint64_t call_id = std::hash<std::string_view>()(message.call_id);
  const auto sdp = ParseSdp(SdpBody(message));
  // Some ask for an offer, and only there say who it is.
  const bool begins = sdp || message.method == "INVITE";
  if (!begins && dialogs_.Find(call_id) == nullptr) return;
  Dialog& dialog = dialogs_.Use(call_id, now_ns_);
  for (const Endpoint& endpoint : dialog.endpoints) expected_.Refresh(endpoint);
  if (dialog.spare && asked_for_.Asks(message)) AskFor(call_id, dialog);
  if (!sdp) return;
  for (const SdpMediaLine& line : sdp->media) {
    if (IsMedia(line)) Expect(line, call_id, dialog);
  }
}

void DialogTable::OnDeviceMedia(const SdpMediaLine& line, uint64_t call_id) {
  if (!IsMedia(line)) return;
  Dialog& dialog = dialogs_.Use(call_id, now_ns_);
  dialog.spare = false;
  Expect(line, call_id, dialog);
}

void DialogTable::OnPeerMedia(const SdpMediaLine& line) {
  if (IsRtp(line)) expected_.Expect(line.rtp, line.rtcp, ClocksOf(line));
  if (IsUdptl(line)) expected_.ExpectUdptl(line.rtp);
}

void DialogTable::Refresh(uint64_t call_id) {
  if (dialogs_.Find(call_id) == nullptr) return;
  for (const Endpoint& endpoint : dialogs_.Use(call_id, now_ns_).endpoints) {
    expected_.Refresh(endpoint);
  }
}

void DialogTable::AskFor(uint64_t call_id, Dialog& dialog) {
  dialog.spare = false;
  for (const Endpoint& endpoint : dialog.endpoints) {
    expected_.AskFor(endpoint, call_id);
  }
}

void DialogTable::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  dialogs_.EraseUnusedSince(now_ns - kLifetimeNs);
}

void DialogTable::Expect(const SdpMediaLine& line, uint64_t call_id,
                         Dialog& dialog) {
  const NamingCall call = {call_id, dialog.spare};
  std::vector<Endpoint> named = {line.rtp};
  if (IsUdptl(line)) {
    expected_.ExpectUdptl(line.rtp, call);
  } else {
    expected_.Expect(line.rtp, line.rtcp, ClocksOf(line), call);
    named.push_back(line.rtcp);
    // Of ICE: one of them is where media will be, and its RTCP, too, if the two
    // share a port.
    for (const Endpoint& candidate : line.candidates) {
      if (line.rtp.port == 0) break;  // Refused.
      expected_.Expect(candidate, candidate, ClocksOf(line), call);
      named.push_back(candidate);
    }
  }
  std::vector<Endpoint>& endpoints = dialog.endpoints;
  for (const Endpoint& endpoint : named) {
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) !=
        endpoints.end()) {
      continue;
    }
    if (endpoints.size() >= kMaxEndpoints) endpoints.erase(endpoints.begin());
    endpoints.push_back(endpoint);
  }
}

}  // namespace callbraid::sensor
