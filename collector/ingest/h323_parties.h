#ifndef CALLBRAID_COLLECTOR_INGEST_H323_PARTIES_H_
#define CALLBRAID_COLLECTOR_INGEST_H323_PARTIES_H_

#include "callbraid/store/v1/observation.pb.h"
#include "common/h323/h225_message.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {

// Who calls and who is called, by what `message` says: by number; else by name,
// as a URI of H.323 (RFC 3508); else by address. Pure.
void NameH323Parties(const H225Message& message, const FlowKey& flow,
                     store::v1::DialogObservation& dialog);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_H323_PARTIES_H_
