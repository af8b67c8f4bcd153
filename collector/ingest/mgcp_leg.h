#ifndef CALLBRAID_COLLECTOR_INGEST_MGCP_LEG_H_
#define CALLBRAID_COLLECTOR_INGEST_MGCP_LEG_H_

#include <memory>

#include "collector/ingest/leg_message.h"

namespace callbraid::collector {

// MGCP (RFC 3435). A leg is one call of one endpoint: from off-hook, ringing or
// the first connection to the last connection's end. Null if `frame` is none.
std::unique_ptr<LegMessage> ReadMgcpLeg(const v1::SipFrame& frame,
                                        const FlowKey& flow);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_MGCP_LEG_H_
