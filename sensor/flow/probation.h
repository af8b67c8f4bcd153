#ifndef CALLBRAID_SENSOR_FLOW_PROBATION_H_
#define CALLBRAID_SENSOR_FLOW_PROBATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/net/endpoint.h"
#include "common/rtp/rtp_packet.h"
#include "sensor/decap/datagram.h"
#include "sensor/flow/flow_discard.h"
#include "sensor/flow/lru_map.h"
#include "sensor/flow/rtp_evidence.h"

namespace callbraid::sensor {

// One SSRC on one flow that may turn out to be RTP, with its packets.
struct Candidate {
  struct Packet {
    int64_t time_ns = 0;
    uint32_t size = 0;
    bool truncated = false;
  };
  RtpEvidence evidence;
  // In order of arrival; their bytes one after the other.
  std::vector<Packet> packets;
  std::string bytes;
  uint32_t mirror_copies = 0;
  int contradictions = 0;
  LinkHeader link;
  uint8_t dscp = 0;
};

// Keeps packets of possible streams until they are known to be RTP, so that a
// stream which is recognised late is whole all the same.
//
// Bounded for each candidate, each flow and in total; the candidate unused for
// longest makes room. A flow that was tried in vain is left alone for a while.
// One thread.
class Probation {
 public:
  // `counters` must outlive the probation.
  explicit Probation(FlowCounters& counters);

  // Takes in a packet. Returns its candidate, which stays valid until the next
  // call, or nullptr if the packet was discarded.
  Candidate* Add(const Datagram& datagram, const RtpPacket& packet);

  void AddMirrorCopy(const FlowKey& flow, uint32_t ssrc);

  // Takes the candidate out, to be made a stream. The flow has proved good.
  Candidate Release(const FlowKey& flow, uint32_t ssrc);
  // Its packets turned out to be of no use.
  void Drop(const FlowKey& flow, uint32_t ssrc, FlowDiscard reason);

  struct Key {
    FlowKey flow;
    uint32_t ssrc = 0;

    auto operator<=>(const Key&) const = default;
    template <typename H>
    friend H AbslHashValue(H state, const Key& key) {
      return H::combine(std::move(state), key.flow, key.ssrc);
    }
  };
  // The candidate unused for longest, if that is longer than probation lasts;
  // with `any`, in any case.
  std::optional<Key> NextExpired(bool any);

  // `now_ns` is the pipeline's clock.
  void OnTick(int64_t now_ns);

  size_t size() const { return candidates_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  // What was tried on one flow without success.
  struct Attempts {
    int candidates = 0;
    int64_t ignored_until_ns = 0;
  };

  bool IsIgnored(const FlowKey& flow);
  Candidate* Begin(const Key& key, const Datagram& datagram);
  bool Keep(const Datagram& datagram, Candidate& candidate);
  void Empty(Candidate& candidate, FlowDiscard reason);

  FlowCounters& counters_;
  int64_t now_ns_ = 0;
  size_t bytes_ = 0;
  LruMap<Key, Candidate> candidates_;
  LruMap<FlowKey, Attempts> attempts_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_PROBATION_H_
