#ifndef CALLBRAID_SENSOR_DECAP_FRAME_CENSUS_H_
#define CALLBRAID_SENSOR_DECAP_FRAME_CENSUS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "callbraid/v1/census.pb.h"
#include "sensor/decap/datagram.h"
#include "sensor/decap/ip_packet.h"
#include "sensor/decap/tunnel.h"

namespace callbraid::sensor {

// Counts what the frames of a capture point look like, wanted or not: the facts
// by which the collector's doctor tells a healthy mirror from a sick one. Has
// no say in what becomes of a frame.
//
// A few nanoseconds a frame; fixed memory. One thread.
class FrameCensus {
 public:
  // Ethernet with two tags, without jumbo frames and frame check sequence.
  static constexpr size_t kLongestFrame = 1522;
  // One UDP checksum in so many is looked at: adding up 172 bytes costs more
  // than all else here.
  static constexpr uint32_t kChecksumSample = 64;

  // TCP counts as ours on `sip_ports`; 5060 if there are none, and 5061.
  explicit FrameCensus(std::vector<uint16_t> sip_ports = {});

  // The interface's own address: frames from or to it are no mirror's.
  void set_own_mac(const std::array<uint8_t, 6>& mac) { own_mac_ = mac; }

  // Each frame, once its link header has been parsed as far as it can be.
  void OnFrame(size_t captured, size_t on_wire, const LinkHeader& link) {
    captured_ = captured;
    on_wire_ = on_wire;
    if (!link.has_mac) return;
    if (own_mac_ &&
        (link.destination_mac == *own_mac_ || link.source_mac == *own_mac_)) {
      ++own_frames_;
    } else if ((link.destination_mac[0] & 1) == 0) {
      ++unicast_frames_;
    } else {
      OnGroup(link);
    }
    if (link.vlan_count > 0) {
      ++tagged_frames_;
      ++(*vlan_frames_)[link.vlan_ids[0]];
    }
  }
  // Its IP packet, before fragments are put together.
  void OnIp(const IpPacket& packet) {
    if (on_wire_ > kLongestFrame || captured_ < on_wire_) OnOddSize(packet);
  }
  void OnArp() { ++arp_frames_; }
  void OnFragment(const IpPacket& fragment) {
    ++(fragment.fragment_offset == 0 ? first_fragments_ : later_fragments_);
  }
  // A layer of a tunnel, if it is one, and whether it was taken off. `cut`: the
  // bytes that the capture cut off.
  void OnTunnel(const Tunnel& tunnel, bool opened, size_t cut);
  // The IP packet around a datagram, whole or cut.
  void OnUdp(const IpPacket& packet) {
    if (++udp_datagrams_ % kChecksumSample == 0) CheckChecksum(packet);
  }
  // Of datagrams, what is neither RTP, RTCP nor an open tunnel, or uses the
  // port of IAX2.
  void OnOtherUdp(const Datagram& datagram);
  void OnTcp(const Datagram& segment);

  void Fill(v1::TrafficCensus& census) const;

 private:
  void OnOddSize(const IpPacket& packet);
  void OnGroup(const LinkHeader& link);
  void CheckChecksum(const IpPacket& packet);
  void CountOtherSignalling(const Datagram& datagram);
  void FillVlans(v1::TrafficCensus& census) const;

  const std::vector<uint16_t> sip_ports_;
  std::optional<std::array<uint8_t, 6>> own_mac_;
  // Sizes of the frame at hand: the innermost.
  size_t captured_ = 0;
  size_t on_wire_ = 0;
  uint64_t unicast_frames_ = 0;
  uint64_t multicast_frames_ = 0;
  uint64_t broadcast_frames_ = 0;
  uint64_t own_frames_ = 0;
  uint64_t arp_frames_ = 0;
  uint64_t tagged_frames_ = 0;
  uint64_t oversize_frames_ = 0;
  size_t longest_frame_ = 0;
  uint64_t truncated_frames_ = 0;
  size_t longest_truncated_ = 0;
  uint64_t checksums_checked_ = 0;
  uint64_t checksums_partial_ = 0;
  uint64_t checksums_bad_ = 0;
  uint64_t first_fragments_ = 0;
  uint64_t later_fragments_ = 0;
  uint64_t udp_datagrams_ = 0;
  uint64_t tcp_segments_ = 0;
  uint64_t sip_tls_segments_ = 0;
  uint64_t dtls_handshakes_ = 0;
  // By SignallingProtocol; of the unspecified is what is none.
  std::array<uint64_t, v1::SignallingProtocol_ARRAYSIZE> other_signalling_ = {};
  struct TunnelFrames {
    uint64_t frames = 0;
    uint64_t opened = 0;
  };
  // By TunnelKind; of the unspecified kind is what is no tunnel.
  std::array<TunnelFrames, v1::TunnelKind_ARRAYSIZE> tunnels_ = {};
  // By VLAN id.
  std::unique_ptr<std::array<uint64_t, 4096>> vlan_frames_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_FRAME_CENSUS_H_
