#ifndef CALLBRAID_SENSOR_INVENTORY_TRAFFIC_INVENTORY_H_
#define CALLBRAID_SENSOR_INVENTORY_TRAFFIC_INVENTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "callbraid/v1/census.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "common/net/endpoint.h"
#include "sensor/decap/neighbour.h"
#include "sensor/flow/lru_map.h"
#include "sensor/flow/sip_ports.h"
#include "sensor/flow/stream.h"
#include "sensor/signalling/message_sink.h"

namespace callbraid::sensor {

// Who speaks at a capture point: the hosts with their MAC addresses and VLANs,
// what was seen from and to each, and which phones they say they are. Counts,
// and draws no conclusion.
//
// RTP is taken from the reports of streams, a few seconds apart, so a packet
// costs nothing here. Bounded: at most kMaxHosts between two reports, the one
// seen least recently makes room and is counted. One thread.
class TrafficInventory final : public NeighbourSink {
 public:
  static constexpr size_t kMaxHosts = 512;
  static constexpr size_t kMaxSipPorts = 16;
  // Of a host, between two reports: the newest.
  static constexpr size_t kMaxRegistrations = 4;

  explicit TrafficInventory(SipPorts sip_ports)
      : sip_ports_(std::move(sip_ports)), hosts_(kMaxHosts) {}

  // Each report of a stream, as MediaSink gets it.
  void OnStreamReport(const Stream& stream, bool final);
  void OnMessage(const MessageView& sip);
  void OnNeighbour(const Neighbour& neighbour) override;

  // The census' numbers about calls.
  void Fill(v1::TrafficCensus& census) const;
  // What was seen since the last call.
  void TakeHosts(v1::CaptureReport& report);

 private:
  struct Key {
    std::array<uint8_t, 6> mac = {};
    bool has_mac = false;
    IpAddress address;

    bool operator==(const Key&) const = default;
    template <typename H>
    friend H AbslHashValue(H state, const Key& key) {
      return H::combine(std::move(state), key.mac, key.has_mac, key.address);
    }
  };
  struct Host {
    LinkHeader link;
    uint64_t rtp_sent = 0;
    uint64_t rtp_received = 0;
    uint64_t sip_sent = 0;
    uint64_t sip_received = 0;
    uint64_t registers_sent = 0;
    uint64_t registers_received = 0;
    bool arp = false;
    // Oldest first, one of each number and domain.
    std::vector<v1::Registration> registrations;
  };
  // By Stream::slot: what of its run has been counted.
  struct Counted {
    int64_t start_ns = 0;
    uint32_t packets = 0;
  };
  struct SipPort {
    uint16_t port = 0;
    bool tcp = false;
    uint64_t messages = 0;
  };

  Host& HostOf(const std::array<uint8_t, 6>& mac, const LinkHeader& link,
               const IpAddress& address);
  void OnSip(const MessageView& sip);
  void KeepRegistration(const MessageView& sip, Host& from);
  void CountSipPort(const MessageView& sip);

  const SipPorts sip_ports_;
  LruMap<Key, Host> hosts_;
  // Orders the hosts by use.
  int64_t uses_ = 0;
  std::vector<Counted> counted_;
  std::vector<SipPort> other_ports_;
  uint64_t sip_messages_ = 0;
  uint64_t mgcp_messages_ = 0;
  uint64_t sccp_messages_ = 0;
  uint64_t h323_messages_ = 0;
  uint64_t rtp_packets_ = 0;
  uint64_t hosts_evicted_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_INVENTORY_TRAFFIC_INVENTORY_H_
