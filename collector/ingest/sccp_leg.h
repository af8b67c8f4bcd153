#ifndef CALLBRAID_COLLECTOR_INGEST_SCCP_LEG_H_
#define CALLBRAID_COLLECTOR_INGEST_SCCP_LEG_H_

#include <memory>

#include "collector/ingest/leg_message.h"

namespace callbraid::collector {

// SCCP. A leg is one call reference between a phone (or a conference bridge,
// which is a device like any other) and its call manager. Null if `frame` is
// none.
std::unique_ptr<LegMessage> ReadSccpLeg(const v1::SipFrame& frame,
                                        const FlowKey& flow);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_SCCP_LEG_H_
