#ifndef CALLBRAID_COLLECTOR_QUERY_CAUSAL_ORDER_H_
#define CALLBRAID_COLLECTOR_QUERY_CAUSAL_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Clocks of two sensors are known to within an uncertainty, and within it a
// response may seem to come before its request. What is known of SIP decides:
// times are moved just so far that cause comes before effect.

namespace callbraid::collector {

// One SIP message as one sensor saw it.
struct LadderMessage {
  // By the clock of the call's first observation, as far as it is known.
  int64_t aligned_ns = 0;
  int64_t uncertainty_ns = 0;
  // Which of the call's sensors: what one clock stamped is in its order.
  size_t sensor = 0;
  // Index of the leg.
  size_t leg = 0;
  std::string call_id;
  // Of the topmost Via: what belongs to one transaction on one leg.
  std::string branch;
  uint32_t cseq = 0;
  std::string method;  // Of CSeq.
  int status = 0;      // 0: a request.
  // From the caller's side of the leg to the callee's.
  bool forward = false;
};

// Two legs of which the second goes on where the first ends.
struct LegPair {
  size_t near = 0;
  size_t far = 0;
  // The second is one of several forks: each has responses of its own.
  bool forked = false;
};

// Moves `aligned_ns` of messages forth where they would come before
//  * what the same sensor saw earlier,
//  * the request that they answer, wherever that was seen,
//  * the same message on the leg that it comes from: a request from the
//  caller's
//    side before the next leg has it, a response to it on its way back
//    likewise.
// Nothing is moved by more than the uncertainties of the two and a little: what
// is further off is no matter of clocks.
void OrderCausally(const std::vector<LegPair>& legs,
                   std::vector<LadderMessage>& messages);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_CAUSAL_ORDER_H_
