#include "collector/store/tokens.h"

#include <algorithm>
#include <string>

#include "collector/store/clock_window.h"
#include "common/bytes/byte_writer.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

// Stored: never renumber.
enum class Kind : uint8_t {
  kDialog = 1,
  kEndpoint = 2,
  kFlow = 3,
  kPair = 4,
  kPayload = 5,
  kCallId = 6,
  kLink = 7,
  kName = 8,
  kHub = 9,
  kTurn = 10,
  kReception = 20,
  kReceptions = 21,
  kClock = 22,
};

class Hasher {
 public:
  explicit Hasher(Kind kind) { writer_.U8(static_cast<uint8_t>(kind)); }

  Hasher& Add(std::string_view part) {
    writer_.U32(static_cast<uint32_t>(part.size()));
    writer_.Bytes(part);
    return *this;
  }
  Hasher& Add(const IpAddress& address) {
    writer_.Bytes(address.mapped());
    return *this;
  }
  Hasher& Add(const Endpoint& endpoint) {
    Add(endpoint.address);
    writer_.U16(endpoint.port);
    return *this;
  }
  Hasher& Add(uint64_t number) {
    writer_.U64(number);
    return *this;
  }
  Token token() const { return XXH3_64bits(bytes_.data(), bytes_.size()); }

 private:
  std::string bytes_;
  ByteWriter writer_{bytes_};
};

}  // namespace

Token DialogToken(std::string_view call_id, std::string_view from_tag) {
  return Hasher(Kind::kDialog).Add(call_id).Add(from_tag).token();
}

Token EndpointToken(std::string_view site, const Endpoint& endpoint) {
  return Hasher(Kind::kEndpoint).Add(site).Add(endpoint).token();
}

Token FlowToken(const Endpoint& source, const Endpoint& destination,
                uint32_t ssrc) {
  return Hasher(Kind::kFlow)
      .Add(source)
      .Add(destination)
      .Add(uint64_t{ssrc})
      .token();
}

Token PairToken(std::string_view site, const Endpoint& a, const Endpoint& b) {
  return Hasher(Kind::kPair)
      .Add(site)
      .Add(std::min(a, b))
      .Add(std::max(a, b))
      .token();
}

Token PayloadToken(uint64_t payload_hash) {
  return Hasher(Kind::kPayload).Add(payload_hash).token();
}

Token ReceptionToken(std::string_view site, const IpAddress& sender,
                     const IpAddress& receiver, uint32_t ssrc) {
  return Hasher(Kind::kReception)
      .Add(site)
      .Add(sender)
      .Add(receiver)
      .Add(uint64_t{ssrc})
      .token();
}

Token ReceptionsToken(const CapturePlace& place, const IpAddress& sender,
                      const IpAddress& receiver, uint32_t ssrc) {
  return Hasher(Kind::kReceptions)
      .Add(place.sensor)
      .Add(place.capture_point)
      .Add(sender)
      .Add(receiver)
      .Add(uint64_t{ssrc})
      .token();
}

Token ClockToken(std::string_view sensor, int64_t window, int level) {
  return Hasher(Kind::kClock)
      .Add(sensor)
      .Add(static_cast<uint64_t>(window))
      .Add(static_cast<uint64_t>(level))
      .token();
}

Token CallIdToken(const CapturePlace& place, std::string_view call_id,
                  const SignallingPair& pair) {
  return Hasher(Kind::kCallId)
      .Add(place.sensor)
      .Add(place.capture_point)
      .Add(call_id)
      .Add(pair.low)
      .Add(pair.high)
      .token();
}

Token LinkToken(store::v1::LinkKind kind, std::string_view value) {
  return Hasher(Kind::kLink)
      .Add(static_cast<uint64_t>(kind))
      .Add(value)
      .token();
}

Token NameToken(std::string_view call_id) {
  return Hasher(Kind::kName).Add(call_id).token();
}

Token HubToken(std::string_view site, const Endpoint& host,
               std::string_view number_key) {
  return Hasher(Kind::kHub).Add(site).Add(host).Add(number_key).token();
}

Token TurnToken(std::string_view site, const Endpoint& host,
                std::string_view number_key, int64_t window) {
  return Hasher(Kind::kTurn)
      .Add(site)
      .Add(host)
      .Add(number_key)
      .Add(static_cast<uint64_t>(window))
      .token();
}

}  // namespace callbraid::collector
