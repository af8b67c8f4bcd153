#ifndef CALLBRAID_COLLECTOR_QUERY_MESSAGE_TEXT_H_
#define CALLBRAID_COLLECTOR_QUERY_MESSAGE_TEXT_H_

#include <string>

#include "callbraid/v1/frame.pb.h"
#include "collector/query/causal_order.h"

// What to show of a message of signalling, of any protocol.

namespace callbraid::collector {

// "INVITE", "180 Ringing", "CRCX aaln/1@gw", "CallState RingIn"; what can be
// read of a damaged message. UTF-8.
std::string SummaryOf(const v1::SipFrame& frame);

// Fills in what tells to which transaction the message belongs: branch, cseq,
// method and status.
void SetTransaction(const v1::SipFrame& frame, LadderMessage& message);

// Overwrites the keys of media that the message names.
void MaskMediaKeys(v1::SipFrame& frame);

// Whether who reads may learn which keys were pressed in a call (DTMF).
enum class PressedKeys { kMasked, kShown };

// Overwrites the keys that the message says were pressed, by "x". False if it
// says so where it cannot be overwritten (H.323), and must be left out.
bool MaskPressedKeys(v1::SipFrame& frame);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_MESSAGE_TEXT_H_
