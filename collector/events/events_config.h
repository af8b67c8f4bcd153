#ifndef CALLBRAID_COLLECTOR_EVENTS_EVENTS_CONFIG_H_
#define CALLBRAID_COLLECTOR_EVENTS_EVENTS_CONFIG_H_

#include "absl/status/status.h"
#include "callbraid/v1/config.pb.h"

namespace callbraid::collector {

// Checks `config` and puts defaults where nothing is set. INVALID_ARGUMENT in
// words that name the setting.
absl::Status CompleteEvents(v1::EventsConfig& config);

// Whether the files that it names can be read, and its folders be written,
// which are made if they are not there. Errors are one line for people.
absl::Status CheckEventFiles(const v1::EventsConfig& config);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_EVENTS_CONFIG_H_
