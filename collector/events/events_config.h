#ifndef CALLBRAID_COLLECTOR_EVENTS_EVENTS_CONFIG_H_
#define CALLBRAID_COLLECTOR_EVENTS_EVENTS_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "callbraid/v1/config.pb.h"

namespace callbraid::collector {

// Checks `config` and puts defaults where nothing is set. INVALID_ARGUMENT in
// words that name the setting.
absl::Status CompleteEvents(v1::EventsConfig& config);

// Whether the files that it names can be read, and its folders be written or
// made; makes none. Errors are one line for people; logs EventWarnings().
absl::Status CheckEventFiles(const v1::EventsConfig& config);

// What works and is most likely not what was meant, a line for people each:
// calls that go over a network in clear, secrets that others can read.
std::vector<std::string> EventWarnings(const v1::EventsConfig& config);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_EVENTS_CONFIG_H_
