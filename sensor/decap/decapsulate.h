#ifndef CALLBRAID_SENSOR_DECAP_DECAPSULATE_H_
#define CALLBRAID_SENSOR_DECAP_DECAPSULATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "callbraid/v1/config.pb.h"
#include "sensor/capture/packet_source.h"
#include "sensor/decap/datagram.h"
#include "sensor/decap/deduplicator.h"
#include "sensor/decap/discard.h"
#include "sensor/decap/frame_census.h"
#include "sensor/decap/ip_packet.h"
#include "sensor/decap/ip_reassembler.h"
#include "sensor/decap/mirror_sessions.h"
#include "sensor/decap/neighbour.h"
#include "sensor/decap/tunnel.h"
#include "sensor/decap/tunnel_clocks.h"
#include "sensor/decap/tunnel_sequences.h"

namespace callbraid::sensor {

// From frames to UDP datagrams and TCP segments: link layer, tunnels, IP,
// reassembly, copies of the mirror. Of each frame comes a datagram, a mirror
// copy or a discard that is counted; of fragments, one datagram with the time
// of the one that completed it.
//
// Where more than one session of ERSPAN comes here, and the configuration does
// not tell mirrors apart, what a second one shows of a packet is a second sight
// of it. A capture point holds one of each, so that is a discard with a reason
// of its own, and no mirror copy: nothing that is mirrored twice shows, and
// what is lost between two switches does not either.
//
// Checksums are never checked: a mirror of a host that leaves them to its NIC
// shows partial ones.
//
// One capture point, one thread. Time is the capture's, or that of the switch
// that mirrored where it stamps its tunnel (tunnel_clocks.h).
class Decapsulator final : public PacketSink {
 public:
  // Layers of tunnels that are taken off, at most.
  static constexpr uint8_t kMaxTunnels = 8;

  // `sink` and `neighbours` must outlive the decapsulator. Of `config` it takes
  // mirror_window_us and keep_mirror_copies; copies of fragments are removed,
  // and counted but not shown to the sink, in any case.
  Decapsulator(const v1::CaptureConfig& config, DatagramSink& sink,
               NeighbourSink* neighbours = nullptr);
  Decapsulator(const Decapsulator&) = delete;
  Decapsulator& operator=(const Decapsulator&) = delete;

  void OnPacket(const CapturedPacket& packet) override;

  // Time has passed without packets: gives up fragments whose rest never came.
  void OnTime(int64_t watermark_ns);
  // Nothing follows: gives up all fragments that are held, and what is missing
  // in tunnels.
  void Finish();

  const DecapCounters& counters() const { return counters_; }
  // Packets that are missing in the numbering of tunnels.
  uint64_t tunnel_drops() const { return sequences_.missing(); }
  const TunnelClocks& tunnel_clocks() const { return clocks_; }
  FrameCensus& census() { return census_; }

 private:
  // `cut`: how many bytes the capture cut off.
  void OnLink(std::optional<Discard> reason, std::span<const uint8_t> bytes,
              size_t cut, Datagram& datagram);
  void OnIp(std::span<const uint8_t> bytes, size_t cut, Datagram& datagram);
  void OnNotIp(std::span<const uint8_t> bytes, size_t cut, Datagram& datagram);
  void OnFragment(IpPacket& fragment, Datagram& datagram);
  void OnTransport(const IpPacket& packet, Datagram& datagram);
  void OnOtherProtocol(const IpPacket& packet, Datagram& datagram);
  // `reason`: why the tunnel was not opened. Else goes on at OnLink() with what
  // is inside, so the path is as deep as kMaxTunnels.
  void OnTunnel(std::optional<Discard> reason, const Tunnel& tunnel, size_t cut,
                Datagram& datagram);
  void OnUdp(const IpPacket& packet, Datagram& datagram);
  void OnTcp(const IpPacket& packet, Datagram& datagram);
  void Deliver(const IpPacket& packet, Datagram& datagram);
  // Counts what is not the first sight of the packet.
  Deduplicator::Sight Look(const IpPacket& packet, const Datagram& datagram);

  const bool keep_mirror_copies_;
  // The configuration does not say what is a mirror of its own.
  const bool tells_sessions_apart_;
  DatagramSink& sink_;
  // May be null.
  NeighbourSink* const neighbours_;
  DecapCounters counters_;
  FrameCensus census_;
  Deduplicator deduplicator_;
  IpReassembler reassembler_;
  TunnelSequences sequences_;
  TunnelClocks clocks_;
  MirrorSessions sessions_;
  // Of the outermost tunnel of the packet at hand.
  uint8_t session_ = MirrorSessions::kNone;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_DECAPSULATE_H_
