#ifndef CALLBRAID_COLLECTOR_EVENTS_EVENT_KINDS_H_
#define CALLBRAID_COLLECTOR_EVENTS_EVENT_KINDS_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "callbraid/v1/event.pb.h"

namespace callbraid::collector {

using EventKinds = std::set<v1::CallEventKind>;

// "started", "answered"... as in configuration and ids; "" of a kind that this
// version does not know.
std::string_view Word(v1::CallEventKind kind);
// Those of alerts, which are of no call, and which `events` of the
// configuration does not name.
EventKinds AlertKinds();
bool IsAlert(v1::CallEventKind kind);
// All others.
EventKinds CallKinds();
// Nullopt of an alert's, too.
std::optional<v1::CallEventKind> ParseEventKind(const std::string& word);
// All words, for people.
std::string EventWords();

// Of a list in the configuration that was checked.
template <typename Words>
EventKinds KindsOf(const Words& words) {
  EventKinds kinds;
  for (const std::string& word : words) {
    if (const auto kind = ParseEventKind(word)) kinds.insert(*kind);
  }
  return kinds;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_EVENT_KINDS_H_
