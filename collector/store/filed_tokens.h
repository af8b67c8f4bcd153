#ifndef CALLBRAID_COLLECTOR_STORE_FILED_TOKENS_H_
#define CALLBRAID_COLLECTOR_STORE_FILED_TOKENS_H_

#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// What ingest filed `observation` under, from what it says: whoever removes it
// removes these. May have some that it was not filed under, and lacks names
// that legs of MGCP, SCCP and H.323 had for a while: entries that find nothing,
// which go by age.
std::vector<Token> FiledTokens(const store::v1::Observation& observation);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_FILED_TOKENS_H_
