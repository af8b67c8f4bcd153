#ifndef CALLBRAID_SENSOR_FLOW_UDPTL_PROBATION_H_
#define CALLBRAID_SENSOR_FLOW_UDPTL_PROBATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/net/endpoint.h"
#include "common/t38/udptl_packet.h"
#include "sensor/decap/datagram.h"
#include "sensor/flow/flow_discard.h"
#include "sensor/flow/lru_map.h"

namespace callbraid::sensor {

// A flow that may turn out to be UDPTL, with its packets.
struct UdptlCandidate {
  struct Packet {
    int64_t time_ns = 0;
    std::string bytes;
  };
  // In order of arrival.
  std::vector<Packet> packets;
  LinkHeader link;
  uint8_t dscp = 0;
  uint16_t sequence = 0;
  // Packets whose number follows that of the one before.
  int successors = 0;
  // Of these: data that repeat, as redundancy, what the one before was.
  int repeats = 0;

  // The primary packet of the last.
  std::string primary;
};

// Keeps packets that are UDPTL by their form, of flows that no signalling named
// for it, until they are known to be: Cisco's gateways, for one, change from
// RTP to it on the same ports by an event in RTP (NSE).
//
// Bounded; the candidate unused for longest makes room. One thread.
class UdptlProbation {
 public:
  // `counters` must outlive the probation.
  explicit UdptlProbation(FlowCounters& counters);

  // Takes in a packet. The candidate is valid until the next call.
  const UdptlCandidate& Add(const Datagram& datagram,
                            const UdptlPacket& packet);

  // Takes the candidate out, to be made a stream.
  UdptlCandidate Release(const FlowKey& flow);
  // Its packets turned out to be of no use.
  void Drop(const FlowKey& flow);

  // The flow unused for longest, if that is longer than probation lasts; with
  // `any`, in any case.
  std::optional<FlowKey> NextExpired(bool any);

  // `now_ns` is the pipeline's clock.
  void OnTick(int64_t now_ns) { now_ns_ = now_ns; }

 private:
  FlowCounters& counters_;
  int64_t now_ns_ = 0;
  LruMap<FlowKey, UdptlCandidate> candidates_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_UDPTL_PROBATION_H_
