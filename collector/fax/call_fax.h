#ifndef CALLBRAID_COLLECTOR_FAX_CALL_FAX_H_
#define CALLBRAID_COLLECTOR_FAX_CALL_FAX_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/fax.pb.h"
#include "collector/store/store.h"

namespace callbraid::collector {

struct CallFaxes {
  // By time.
  std::vector<v1::Fax> faxes;
  // As GetFaxResponse.data, whole; at most 64 MiB, beyond which pages have no
  // rows. Empty if no page has any.
  std::string tiff;
};

// The faxes of a call, decoded from the store: those by T.38, of the union of
// what all capture points saw; without any, those that are heard in G.711. What
// several legs of the call carry is there once, as the leg has it that has most
// of it.
//
// Holds the code of all pages in memory (T30Listener), and one picture. Errors:
// FAILED_PRECONDITION (no fax was seen), those of the store. Stateless: any
// number of threads.
absl::StatusOr<CallFaxes> ReadFaxes(Store& store,
                                    const store::v1::CallRecord& record);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_CALL_FAX_H_
