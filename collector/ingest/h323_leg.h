#ifndef CALLBRAID_COLLECTOR_INGEST_H323_LEG_H_
#define CALLBRAID_COLLECTOR_INGEST_H323_LEG_H_

#include <memory>

#include "collector/ingest/leg_message.h"

namespace callbraid::collector {

// H.323: H.225.0 call signalling, H.245 in it or in connections of its own, and
// RAS. A leg is one call between two hosts, of which neither controls the
// other: the device is who calls. Null if `frame` is none.
std::unique_ptr<LegMessage> ReadH323Leg(const v1::SipFrame& frame,
                                        const FlowKey& flow);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_H323_LEG_H_
