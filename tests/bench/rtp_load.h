#ifndef CALLBRAID_TESTS_BENCH_RTP_LOAD_H_
#define CALLBRAID_TESTS_BENCH_RTP_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sensor/capture_pipeline.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {

// Streams of 20 ms G.711 that come interleaved, as on a trunk.
class RtpLoad {
 public:
  explicit RtpLoad(int streams) : step_ns_(kPacketNs / streams) {
    for (int i = 0; i < streams; ++i) {
      const auto port = static_cast<uint16_t>(10'000 + i * 2);
      frames_.push_back(fakes::PacketBuilder()
                            .From("10.0.0.1", port)
                            .To("10.0.0.2", port)
                            .Payload(fakes::Rtp{.ssrc = 1000u + i}.Build())
                            .Ethernet());
    }
  }

  // The next packet, until the one after it.
  CapturedPacket Next() {
    if (next_ == frames_.size()) {
      next_ = 0;
      ++index_;
    }
    fakes::Bytes& frame = frames_[next_++];
    SetPacket(frame, index_);
    time_ns_ += step_ns_;
    return {time_ns_, kEthernet, frame, static_cast<uint32_t>(frame.size())};
  }

  size_t frame_bytes() const { return frames_.front().size(); }

 private:
  static constexpr int kEthernet = 1;  // DLT_EN10MB.
  static constexpr int64_t kPacketNs = 20'000'000;
  static constexpr int64_t kStart = 1'700'000'000'000'000'000;
  // Ethernet, IPv4, UDP: where the RTP header begins in a frame.
  static constexpr size_t kRtpOffset = 14 + 20 + 8;

  static void SetU16(fakes::Bytes& frame, size_t offset, uint32_t value) {
    frame[offset] = static_cast<uint8_t>(value >> 8);
    frame[offset + 1] = static_cast<uint8_t>(value);
  }

  // Makes the frame the stream's packet number `index`.
  static void SetPacket(fakes::Bytes& frame, uint32_t index) {
    const uint32_t timestamp = index * 160;
    SetU16(frame, 14 + 4, index);  // IP identification.
    SetU16(frame, kRtpOffset + 2, index);
    SetU16(frame, kRtpOffset + 4, timestamp >> 16);
    SetU16(frame, kRtpOffset + 6, timestamp);
  }

  const int64_t step_ns_;
  std::vector<fakes::Bytes> frames_;
  int64_t time_ns_ = kStart;
  uint32_t index_ = 0;
  size_t next_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_TESTS_BENCH_RTP_LOAD_H_
