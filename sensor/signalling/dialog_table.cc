#include "sensor/signalling/dialog_table.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace callbraid::sensor {
namespace {

// A transfer or a conference changes endpoints often; the last ones count.
constexpr size_t kMaxEndpoints = 32;
// Session timers (RFC 4028) refresh a dialog every half hour.
constexpr int64_t kLifetimeNs = int64_t{3600} * 1'000'000'000;

bool IsRtp(const SdpMediaLine& line) {
  return line.protocol.find("RTP/") != std::string::npos;
}

}  // namespace

void DialogTable::OnMessage(const SipMessage& message) {
  const uint64_t call = std::hash<std::string_view>()(message.call_id);
  if (const Endpoints* known = dialogs_.Find(call)) {
    for (const Endpoint& endpoint : *known) expected_.Refresh(endpoint);
    dialogs_.Use(call, now_ns_);
  }
  const std::string_view body = SdpBody(message);
  if (body.empty()) return;
  const auto sdp = ParseSdp(body);
  if (!sdp) return;
  Endpoints& endpoints = dialogs_.Use(call, now_ns_);
  for (const SdpMediaLine& line : sdp->media) {
    if (IsRtp(line)) Expect(line, call, endpoints);
  }
}

void DialogTable::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  dialogs_.EraseUnusedSince(now_ns - kLifetimeNs);
}

void DialogTable::Expect(const SdpMediaLine& line, uint64_t call,
                         Endpoints& endpoints) {
  std::vector<PayloadClock> clocks;
  for (const SdpPayload& payload : line.payloads) {
    clocks.push_back({payload.type, payload.clock_rate});
  }
  expected_.Expect(line.rtp, line.rtcp, clocks, call);
  for (const Endpoint& endpoint : {line.rtp, line.rtcp}) {
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) !=
        endpoints.end()) {
      continue;
    }
    if (endpoints.size() >= kMaxEndpoints) endpoints.erase(endpoints.begin());
    endpoints.push_back(endpoint);
  }
}

}  // namespace callbraid::sensor
