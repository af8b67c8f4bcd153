#ifndef CALLBRAID_COLLECTOR_STORE_CALL_EVENTS_H_
#define CALLBRAID_COLLECTOR_STORE_CALL_EVENTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "callbraid/store/v1/call_event.pb.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/store/observation_id.h"

// What all implementations of FactStore::ApplyCalls have in common: what a
// change of the stored calls is to those who are told of it.

namespace callbraid::collector {

// The call that `id` finds when `old`, its call, is gone and `members` are in
// other ones: its own, or else that of the first of its members. Nullopt: none.
std::optional<ObservationId> FoundAs(
    const ObservationId& id, const store::v1::CallRecord& old,
    const std::map<ObservationId, ObservationId>& members);

// Takes the numbers out of an event of a call that was deleted on order.
void HideParties(store::v1::CallEvent& event);

// Gathers the events of one change. Pure: of the records before and after.
class CallEvents {
 public:
  // A call, and what of it scopes go by. References.
  struct Seen {
    const store::v1::CallRecord& record;
    const store::v1::CallIndexEntry& entry;
  };

  explicit CallEvents(int64_t now_ns) : now_ns_(now_ns) {}

  // `now` takes the place of `old`, if there is one. `told_before`: kinds of
  // events that came though `old` does not look like it: it was settled, and is
  // open again. A byte each. Returns the same of `now`.
  std::string Update(const ObservationId& id, const Seen* old,
                     const std::string& told_before, const Seen& now);
  // Something that is no event happened to the call: for watchers.
  void Touch(const ObservationId& id, const Seen& now);
  // The call of `old` is found as `into` now, if at all.
  void Remove(const ObservationId& id, const store::v1::CallRecord& old,
              const std::string& told,
              const std::optional<ObservationId>& into);

  // In the order to be told in: of a call that took in another one first, so
  // that it is known when the other's end is heard of.
  std::vector<store::v1::CallEvent> Take();

 private:
  store::v1::CallEvent Make(v1::CallEventKind kind, const ObservationId& id,
                            const Seen& seen) const;

  const int64_t now_ns_;
  std::vector<store::v1::CallEvent> updates_;
  std::vector<store::v1::CallEvent> removals_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_CALL_EVENTS_H_
