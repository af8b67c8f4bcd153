#include "sensor/tls/dtls_sessions.h"

#include <algorithm>
#include <utility>

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxFlows = 16'384;
constexpr size_t kMaxHandshakes = 4;
constexpr size_t kMaxKeys = 8;
constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kIdleNs = 600 * kNsPerSecond;

constexpr std::array<const char*, kDtlsDiscardCount> kNames = {
    "dtls_malformed", "dtls_incomplete", "dtls_evicted"};
static_assert(static_cast<size_t>(DtlsDiscard::kEvicted) + 1 ==
              kDtlsDiscardCount);

FlowKey Canonical(const FlowKey& flow) {
  return flow.source <= flow.destination ? flow : flow.Reversed();
}

// Those that the two may have agreed on.
std::vector<uint16_t> ProfilesOf(const DtlsClientHello& client,
                                 const DtlsServerHello& server) {
  if (server.version != kDtls13) return {server.profile};
  return client.profiles;
}

}  // namespace

const char* DtlsDiscardName(DtlsDiscard reason) {
  return kNames[static_cast<size_t>(reason)];
}

DtlsSessions::DtlsSessions(TlsKeys* keys) : keys_(keys), flows_(kMaxFlows) {}

void DtlsSessions::OnDtls(const Datagram& datagram) {
  // What comes first in a datagram with a hello; all else is the most.
  if (datagram.payload.empty() ||
      datagram.payload[0] != static_cast<uint8_t>(ContentType::kHandshake)) {
    return;
  }
  reader_.OnDatagram(datagram.flow, datagram.payload,
                     [&](HandshakeType type, std::span<const uint8_t> body) {
                       if (type == HandshakeType::kClientHello) {
                         auto hello = ParseDtlsClientHello(body);
                         if (!hello) {
                           ++malformed_;
                         } else if (!hello->profiles.empty()) {
                           OnClientHello(datagram, *std::move(hello));
                         }
                       } else {
                         auto hello = ParseDtlsServerHello(body);
                         if (!hello) {
                           ++malformed_;
                         } else if (!hello->is_retry_request) {
                           OnServerHello(datagram, *std::move(hello));
                         }
                       }
                     });
}

// The same hello comes again with a cookie (RFC 6347, section 4.2.1), after a
// HelloRetryRequest, and when it was lost; another random is another handshake.
void DtlsSessions::OnClientHello(const Datagram& datagram,
                                 DtlsClientHello hello) {
  Flow& flow = Use(datagram.flow);
  Handshake* handshake = nullptr;
  for (Handshake& known : flow) {
    if (known.client && known.client->random == hello.random &&
        known.client_flow == datagram.flow) {
      handshake = &known;
    }
  }
  if (handshake == nullptr) handshake = &Append(datagram.flow, flow);
  if (!handshake->server) handshake->time_ns = datagram.time_ns;
  handshake->client = std::move(hello);
}

void DtlsSessions::OnServerHello(const Datagram& datagram,
                                 DtlsServerHello hello) {
  const bool agrees = hello.profile != 0;
  const FlowKey client_flow = datagram.flow.Reversed();
  Flow* flow = flows_.Find(Canonical(datagram.flow));
  const bool is_answer = flow != nullptr && !flow->empty() &&
                         flow->back().client_flow == client_flow;
  if (is_answer && !agrees && hello.version != kDtls13) {
    // No SRTP, then.
    if (!flow->back().server) flow->pop_back();
    return;
  }
  // Without its client's hello it says at least that there is SRTP.
  if (!is_answer && !agrees) return;
  Flow& used = Use(datagram.flow);
  Handshake& handshake = is_answer ? used.back() : Append(client_flow, used);
  if (handshake.server && handshake.server->random == hello.random) return;
  handshake.time_ns = datagram.time_ns;
  handshake.server = std::move(hello);
  handshake.keys.clear();
  ++sessions_;
  FindKeysOf(handshake);
}

DtlsSessions::Flow& DtlsSessions::Use(const FlowKey& flow) {
  const FlowKey key = Canonical(flow);
  if (flows_.full() && flows_.Find(key) == nullptr) ++evicted_;
  return flows_.Use(key, now_ns_);
}

DtlsSessions::Handshake& DtlsSessions::Append(const FlowKey& client_flow,
                                              Flow& flow) {
  if (flow.size() == kMaxHandshakes) {
    flow.erase(flow.begin());
    ++evicted_;
  }
  Handshake& handshake = flow.emplace_back();
  handshake.client_flow = client_flow;
  return handshake;
}

bool DtlsSessions::FindKeysOf(Handshake& handshake) {
  if (keys_ == nullptr || !handshake.client || !handshake.server ||
      !handshake.keys.empty()) {
    return false;
  }
  const auto secrets = keys_->Find(handshake.client->random);
  if (!secrets) return false;
  for (const uint16_t number :
       ProfilesOf(*handshake.client, *handshake.server)) {
    const SrtpProfile* profile = FindSrtpProfile(number);
    if (profile == nullptr) continue;
    auto keys = DeriveSrtpKeys(*handshake.client, *handshake.server, *profile,
                               *secrets);
    if (keys) handshake.keys.emplace_back(number, *std::move(keys));
  }
  if (handshake.keys.empty()) return false;
  ++with_key_;
  return true;
}

void DtlsSessions::OnTick(int64_t now_ns, KeyFn on_key) {
  const bool second_begins = now_ns / kNsPerSecond != now_ns_ / kNsPerSecond;
  now_ns_ = now_ns;
  if (!second_begins) return;
  reader_.OnTick(now_ns);
  flows_.EraseUnusedSince(now_ns - kIdleNs);
  FindKeys(on_key);
}

void DtlsSessions::FindKeys(KeyFn on_key) {
  if (keys_ == nullptr || keys_->generation() == looked_at_) return;
  looked_at_ = keys_->generation();
  for (auto& entry : flows_.entries()) {
    bool any = false;
    for (Handshake& handshake : entry.value) any |= FindKeysOf(handshake);
    if (any) on_key(entry.key);
  }
}

std::vector<StreamKey> DtlsSessions::KeysOf(const FlowKey& flow) {
  const FlowKey key = Canonical(flow);
  std::vector<StreamKey> keys;
  if (flows_.Find(key) == nullptr) return keys;
  for (const Handshake& handshake : flows_.Use(key, now_ns_)) {
    AddKeys(handshake, handshake.client_flow == flow, keys);
  }
  if (keys.size() > kMaxKeys) {
    keys.erase(keys.begin(), keys.end() - kMaxKeys);
  }
  return keys;
}

void DtlsSessions::AddKeys(const Handshake& handshake, bool of_client,
                           std::vector<StreamKey>& keys) {
  StreamKey key;
  key.time_ns = handshake.time_ns;
  // A server that has no identifier for its keys leaves it empty, and so does
  // the client then (RFC 5764, section 4.1.3).
  if (handshake.server) {
    key.profile = handshake.server->profile;
    key.mki = handshake.server->mki;
  }
  if (handshake.keys.empty()) keys.push_back(key);
  for (const auto& [profile, both] : handshake.keys) {
    key.profile = profile;
    key.key_and_salt = of_client ? both.client : both.server;
    keys.push_back(key);
  }
}

uint64_t DtlsSessions::Get(DtlsDiscard reason) const {
  switch (reason) {
    case DtlsDiscard::kMalformed:
      return malformed_ + reader_.malformed();
    case DtlsDiscard::kIncomplete:
      return reader_.incomplete();
    case DtlsDiscard::kEvicted:
      return evicted_;
  }
  return 0;
}

}  // namespace callbraid::sensor
