#ifndef CALLBRAID_COLLECTOR_EVIDENCE_LAG_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_LAG_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "collector/evidence/node.h"

// By how much later one observation saw what another saw too: the difference of
// raw times, so it holds the error of both clocks.

namespace callbraid::collector {

// `values` must not be empty. The lower one of the two in the middle.
int64_t Median(std::vector<int64_t> values);

// Where the middle half of `values`, which must not be empty, lies.
struct Quartiles {
  int64_t low = 0;
  int64_t high = 0;
};
Quartiles QuartilesOf(std::vector<int64_t> values);

// One thing that two observations saw.
struct LagPoint {
  // Raw, in `a`.
  int64_t time_ns = 0;
  // Raw time in `b` minus that.
  int64_t lag_ns = 0;
  bool operator==(const LagPoint&) const = default;
};

// Each SIP message that both dialog observations saw, by identity.
std::vector<int64_t> MarkLags(const Node& a, const Node& b);
// Of those, what the initiator sent, or the responder, as `a` has it.
std::vector<LagPoint> MarkPoints(const Node& a, const Node& b,
                                 bool from_initiator);

// Each packet that both RTP observations know by its payload and that has the
// same sequence number and timestamp in both, by payload hash.
std::vector<LagPoint> PacketPoints(const Node& a, const Node& b);

// The packets that two RTP observations have in common by their payload.
struct AnchorMatch {
  // Distinct payloads.
  std::vector<uint64_t> hashes;
  // Of each of these, time in `b` minus time in `a`.
  std::vector<int64_t> lags;
  // How many of them have the same sequence number and timestamp, too...
  size_t same_header = 0;
  // ...and how many have these at the most frequent distance.
  size_t same_step = 0;
  // Median of extended sequence number in `b` minus that in `a`.
  int64_t sequence_shift = 0;
  // Median lag, and between which lags four fifths of them lie.
  int64_t lag_ns = 0;
  int64_t spread_ns = 0;
};
AnchorMatch MatchAnchors(const Node& a, const Node& b);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_LAG_H_
