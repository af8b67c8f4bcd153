#ifndef CALLBRAID_TESTS_FAKES_PACKET_RECORDER_H_
#define CALLBRAID_TESTS_FAKES_PACKET_RECORDER_H_

#include <cstdint>
#include <vector>

#include "sensor/capture/packet_source.h"

namespace callbraid::fakes {

// Keeps what it is handed. The bytes of `packet` are gone; use `bytes`.
class PacketRecorder final : public sensor::PacketSink {
 public:
  struct Recorded {
    sensor::CapturedPacket packet;
    std::vector<uint8_t> bytes;
  };

  void OnPacket(const sensor::CapturedPacket& packet) override {
    packets.push_back({packet, {packet.bytes.begin(), packet.bytes.end()}});
    packets.back().packet.bytes = {};
  }

  std::vector<Recorded> packets;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_PACKET_RECORDER_H_
