#include "sensor/flow/expected_media.h"

namespace callbraid::sensor {
namespace {

// Media may pause for long (hold) and may begin long after its SDP (ringing).
constexpr int64_t kLifetimeNs = int64_t{300} * 1'000'000'000;

bool IsUsable(const Endpoint& endpoint) {
  return endpoint.port != 0 && !endpoint.address.is_unspecified();
}

}  // namespace

void ExpectedMedia::Expect(const Endpoint& rtp, const Endpoint& rtcp,
                           std::span<const PayloadClock> clocks,
                           NamingCall call) {
  if (IsUsable(rtcp)) endpoints_.Use(rtcp, now_ns_);
  if (!IsUsable(rtp)) return;
  Expectation& expectation = endpoints_.Use(rtp, now_ns_);
  expectation.rtp = true;
  if (call.id != 0) expectation.call = call;
  for (const PayloadClock& clock : clocks) AddClock(clock, expectation);
}

void ExpectedMedia::ExpectUdptl(const Endpoint& endpoint, NamingCall call) {
  if (!IsUsable(endpoint)) return;
  Expectation& expectation = endpoints_.Use(endpoint, now_ns_);
  expectation.udptl = true;
  if (call.id != 0) expectation.call = call;
}

void ExpectedMedia::AskFor(const Endpoint& endpoint, uint64_t call_id) {
  Expectation* expectation = endpoints_.Find(endpoint);
  if (expectation == nullptr || expectation->call.id != call_id) return;
  expectation->call.spare = false;
}

void ExpectedMedia::AddClock(const PayloadClock& clock,
                             Expectation& expectation) {
  for (uint8_t i = 0; i < expectation.clock_count; ++i) {
    if (expectation.clocks[i].payload_type == clock.payload_type) {
      expectation.clocks[i] = clock;
      return;
    }
  }
  if (expectation.clock_count == expectation.clocks.size()) return;
  expectation.clocks[expectation.clock_count++] = clock;
}

void ExpectedMedia::Refresh(const Endpoint& endpoint) {
  if (endpoints_.Find(endpoint) != nullptr) endpoints_.Use(endpoint, now_ns_);
}

bool ExpectedMedia::ExpectsRtp(const Endpoint& endpoint) {
  const Expectation* expectation = endpoints_.Find(endpoint);
  return expectation != nullptr && expectation->rtp;
}

bool ExpectedMedia::ExpectsUdptl(const Endpoint& endpoint) {
  const Expectation* expectation = endpoints_.Find(endpoint);
  return expectation != nullptr && expectation->udptl;
}

bool ExpectedMedia::Expects(const Endpoint& endpoint) {
  return endpoints_.Find(endpoint) != nullptr;
}

NamingCall ExpectedMedia::CallOf(const Endpoint& endpoint) {
  const Expectation* expectation = endpoints_.Find(endpoint);
  return expectation == nullptr ? NamingCall() : expectation->call;
}

uint32_t ExpectedMedia::ClockRate(const Endpoint& endpoint,
                                  uint8_t payload_type) {
  const Expectation* expectation = endpoints_.Find(endpoint);
  if (expectation == nullptr) return 0;
  for (uint8_t i = 0; i < expectation->clock_count; ++i) {
    if (expectation->clocks[i].payload_type == payload_type) {
      return expectation->clocks[i].clock_rate;
    }
  }
  return 0;
}

void ExpectedMedia::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  endpoints_.EraseUnusedSince(now_ns - kLifetimeNs);
}

}  // namespace callbraid::sensor
