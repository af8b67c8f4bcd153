#ifndef CALLBRAID_COLLECTOR_DOCTOR_RECEPTION_H_
#define CALLBRAID_COLLECTOR_DOCTOR_RECEPTION_H_

#include <cstdint>
#include <map>
#include <span>

#include "callbraid/store/v1/observation.pb.h"

namespace callbraid::collector {

// What one sender of RTCP says about the streams that it receives (RFC 3550,
// sections 6.4.1 and 6.4.2): the newest of all its reports.
struct Reception {
  struct Block {
    // Cumulative; negative where there were duplicates, which count as if they
    // made up for losses.
    int32_t lost = 0;
    // By how much `lost` went down in all: hidden by duplicates, or forgotten
    // by a receiver that began to count anew (some do so after a re-INVITE).
    uint64_t taken_back = 0;
    // Extended by the receiver, which begins at its first packet's cycle.
    uint32_t highest_sequence = 0;
  };
  uint32_t reports = 0;
  uint32_t empty_reports = 0;
  // By the SSRC of the stream; at most 32.
  std::map<uint32_t, Block> blocks;
};

// Takes in one RTCP datagram of that sender, newest last. What makes no sense
// is left out.
void AddRtcp(std::span<const uint8_t> datagram, Reception& reception);

// How many packets up to the receiver's highest sequence number the observation
// lacks, less those that the receiver may lack too: they passed the capture
// point, and it missed them. Rather too few than too many; 0 if there is
// nothing to compare.
uint64_t MissedThough(const store::v1::RtpTally& tally,
                      const Reception::Block& block);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_RECEPTION_H_
