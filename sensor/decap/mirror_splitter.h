#ifndef CALLBRAID_SENSOR_DECAP_MIRROR_SPLITTER_H_
#define CALLBRAID_SENSOR_DECAP_MIRROR_SPLITTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "sensor/capture/packet_source.h"
#include "sensor/decap/ip_packet.h"

namespace callbraid::sensor {

// Tells the mirrors apart that come to one interface in tunnels, so that each
// is a capture point of its own: what two switches copy of one packet is two
// sights of it, and no copy that a mirror made.
//
// Only the outermost tunnel counts. Fragments of it follow their first one.
// Memory is fixed. One thread.
class MirrorSplitter final : public PacketSink {
 public:
  // INVALID_ARGUMENT with what is wrong and what to do.
  static absl::Status Validate(const v1::CaptureConfig& config);

  // `config` has passed Validate(). `points`: one for each mirror of `config`,
  // then the one for what is of none; they must outlive the splitter.
  MirrorSplitter(const v1::CaptureConfig& config,
                 std::vector<PacketSink*> points);

  void OnPacket(const CapturedPacket& packet) override {
    points_[PointOf(packet)]->OnPacket(packet);
  }
  // Keys are for all points alike.
  void OnKeyLog(std::string_view lines) override {
    points_.back()->OnKeyLog(lines);
  }

 private:
  struct Mirror {
    std::optional<IpAddress> sender;
    std::optional<uint32_t> id;
  };
  // A datagram of which the first fragment was seen.
  struct Fragmented {
    IpAddress source;
    IpAddress destination;
    uint32_t id = 0;
    size_t point = 0;
  };
  static constexpr size_t kFragmented = 256;

  size_t PointOf(const CapturedPacket& packet);
  size_t PointOfTunnel(const IpPacket& packet) const;
  size_t rest() const { return mirrors_.size(); }

  std::vector<Mirror> mirrors_;
  const std::vector<PacketSink*> points_;
  // The newest overwrites the oldest.
  std::array<Fragmented, kFragmented> fragmented_;
  size_t next_fragmented_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_MIRROR_SPLITTER_H_
