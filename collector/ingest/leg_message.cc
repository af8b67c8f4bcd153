#include "collector/ingest/leg_message.h"

#include "collector/ingest/h323_leg.h"
#include "collector/ingest/mgcp_leg.h"
#include "collector/ingest/sccp_leg.h"

namespace callbraid::collector {

std::unique_ptr<LegMessage> ReadLegMessage(const v1::SipFrame& frame,
                                           const FlowKey& flow) {
  switch (frame.protocol()) {
    case v1::SIGNALLING_PROTOCOL_MGCP:
      return ReadMgcpLeg(frame, flow);
    case v1::SIGNALLING_PROTOCOL_SCCP:
      return ReadSccpLeg(frame, flow);
    case v1::SIGNALLING_PROTOCOL_H323:
      return ReadH323Leg(frame, flow);
    default:
      return nullptr;
  }
}

}  // namespace callbraid::collector
