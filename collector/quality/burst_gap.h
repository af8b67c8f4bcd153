#ifndef CALLBRAID_COLLECTOR_QUALITY_BURST_GAP_H_
#define CALLBRAID_COLLECTOR_QUALITY_BURST_GAP_H_

#include <cstdint>

namespace callbraid::collector {

// Packets in bursts and in gaps (RFC 3611, section 4.7.2), and runs of packets
// missing one after the other. Can be added.
struct BurstGapCounts {
  uint64_t bursts = 0;
  uint64_t burst_packets = 0;
  uint64_t burst_missing = 0;
  uint64_t gaps = 0;
  uint64_t gap_packets = 0;
  uint64_t gap_missing = 0;
  uint64_t runs = 0;

  BurstGapCounts& operator+=(const BurstGapCounts& other);
};

// Tells bursts from gaps, packet by packet in the order of sequence numbers.
//
// A burst begins and ends with a packet that is missing, and has nowhere Gmin
// good ones in a row; one packet that is missing by itself is part of a gap.
// All else is a gap.
class BurstGap {
 public:
  static constexpr uint64_t kGmin = 16;

  // Missing: lost, or too late to be played.
  void Add(bool missing);
  // As if the stream ended here. Begins anew.
  BurstGapCounts Take();

 private:
  void CloseCluster();
  void EndGap();

  BurstGapCounts counts_;
  // Packets of the gap under way, without the cluster.
  uint64_t gap_ = 0;
  // Missing packets and those between them, which may become a burst.
  uint64_t cluster_ = 0;
  uint64_t cluster_missing_ = 0;
  // Good packets since.
  uint64_t good_ = 0;
  bool last_missing_ = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUALITY_BURST_GAP_H_
