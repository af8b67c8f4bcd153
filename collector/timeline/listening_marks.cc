#include "collector/timeline/listening_marks.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "callbraid/v1/listening.pb.h"
#include "collector/hearing/call_listening.h"
#include "collector/timeline/call_holds.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {

absl::StatusOr<std::vector<TimelineMark>> MarksOfListening(
    Store& store, const store::v1::CallRecord& record) {
  using google::protobuf::util::TimeUtil;
  ASSIGN_OR_RETURN(const std::vector<CallStretch> holds,
                   HoldsOfCall(store, record));
  ASSIGN_OR_RETURN(const std::optional<v1::CallListening> listening,
                   ListenToCall(store, record, holds));
  std::vector<TimelineMark> marks;
  if (!listening) return marks;
  for (const v1::SilentStretch& stretch : listening->dead_air()) {
    TimelineMark& mark = marks.emplace_back();
    mark.time_ns = TimeUtil::TimestampToNanoseconds(stretch.time());
    mark.duration_ns = TimeUtil::DurationToNanoseconds(stretch.length());
    mark.what = "dead air";
    mark.event.mutable_dead_air();
  }
  const int64_t end_ns = TimeUtil::TimestampToNanoseconds(listening->begin()) +
                         TimeUtil::DurationToNanoseconds(listening->length());
  for (const v1::PartyListening& party : listening->parties()) {
    if (!party.one_way()) continue;
    TimelineMark& mark = marks.emplace_back();
    mark.time_ns = TimeUtil::TimestampToNanoseconds(party.unheard_since());
    mark.duration_ns = end_ns - mark.time_ns;
    mark.side = party.side();
    mark.what = "unheard";
    mark.event.mutable_unheard()->set_why(party.hearing());
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const TimelineMark& a, const TimelineMark& b) {
                     return a.time_ns < b.time_ns;
                   });
  return marks;
}

}  // namespace callbraid::collector
