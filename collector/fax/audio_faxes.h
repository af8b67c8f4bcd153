#ifndef CALLBRAID_COLLECTOR_FAX_AUDIO_FAXES_H_
#define CALLBRAID_COLLECTOR_FAX_AUDIO_FAXES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/fax/found_fax.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// The faxes of a call that went as tones through G.711, of each leg: it is
// listened to from its beginning to its end. Errors: those of the store.
// Stateless: any number of threads.
absl::StatusOr<std::vector<FoundFax>> HearFaxes(
    Store& store, const store::v1::CallRecord& record);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_AUDIO_FAXES_H_
