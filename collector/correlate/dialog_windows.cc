#include "collector/correlate/dialog_windows.h"

#include <cstdlib>

#include "collector/index/candidates.h"
#include "collector/store/clock_window.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

int64_t Floor(int64_t value, int64_t step) {
  return value / step - (value % step < 0 ? 1 : 0);
}

}  // namespace

DialogWindows::Place DialogWindows::PlaceOf(const Node& dialog) const {
  return {dialog.sensor(), ClockWindowOf(dialog.first_ns),
          Floor(dialog.first_ns, width_ns_)};
}

// The same from both ends: of the reversed relation it is the reversed range.
DialogWindows::Range DialogWindows::RangeOf(const ClockRelation& clock) const {
  if (!clock.known || std::abs(clock.offset_ns) + clock.tolerance_ns <=
                          policy_.clock_tolerance_ns) {
    return {};
  }
  return {Floor(clock.offset_ns - clock.tolerance_ns, width_ns_) - 1,
          -Floor(-clock.offset_ns - clock.tolerance_ns, width_ns_) + 1};
}

absl::StatusOr<const ClockModel::Partners*> DialogWindows::PartnersAt(
    const Place& place) {
  return clocks_.PartnersAt(place.sensor, place.clock_window * kClockWindowNs);
}

absl::StatusOr<bool> DialogWindows::Reaches(const Place& from,
                                            const Place& to) {
  const int64_t away = to.window - from.window;
  const auto within = [away](const Range& range) {
    return away >= range.first && away <= range.last;
  };
  if (within({}) || from.sensor == to.sensor) return within({});
  ASSIGN_OR_RETURN(const ClockModel::Partners* const partners,
                   PartnersAt(from));
  const auto clock = partners->find(to.sensor);
  return clock != partners->end() && within(RangeOf(clock->second));
}

absl::StatusOr<std::vector<TimeSpan>> DialogWindows::SpansOf(
    const Place& place) {
  const auto span = [&](const Range& range) {
    return TimeSpan{(place.window + range.first) * width_ns_,
                    (place.window + range.last + 1) * width_ns_ - 1};
  };
  std::vector<TimeSpan> spans = {span({})};
  ASSIGN_OR_RETURN(const ClockModel::Partners* const partners,
                   PartnersAt(place));
  for (const auto& [sensor, clock] : *partners) {
    spans.push_back(span(RangeOf(clock)));
  }
  return Merged(std::move(spans));
}

absl::StatusOr<DialogWindows::Found> DialogWindows::Find(const Place& place,
                                                         Token token) {
  std::vector<ObservationId> ids;
  ASSIGN_OR_RETURN(const std::vector<TimeSpan> spans, SpansOf(place));
  for (const TimeSpan& span : spans) {
    ASSIGN_OR_RETURN(
        const ObservationIndex::Query* const query,
        index_.Find(token, span.from_ns, span.to_ns, policy_.max_linked));
    if (query->over) return Found{.nodes = {}, .complete = false};
    ids.insert(ids.end(), query->ids.begin(), query->ids.end());
  }
  Found found;
  for (const ObservationId& id : ids) {
    ASSIGN_OR_RETURN(const Node* const node, index_.Get(id));
    if (node == nullptr || !node->is_dialog || !node->makes_call) continue;
    const Place there = PlaceOf(*node);
    ASSIGN_OR_RETURN(const bool forth, Reaches(place, there));
    ASSIGN_OR_RETURN(const bool back, Reaches(there, place));
    if (forth && back) found.nodes.push_back(node);
  }
  SortById(found.nodes);
  return found;
}

absl::StatusOr<const DialogWindows::Found*> DialogWindows::Around(
    const Node& dialog, Token token) {
  std::pair key(token, PlaceOf(dialog));
  const auto known = found_.find(key);
  if (known != found_.end()) return &known->second;
  ASSIGN_OR_RETURN(Found found, Find(key.second, token));
  return &(found_[std::move(key)] = std::move(found));
}

absl::Status DialogWindows::AddWatching(const Node& dialog, Token token,
                                        std::vector<ObservationId>& ids) {
  ASSIGN_OR_RETURN(const Found* const own, Around(dialog, token));
  if (own->complete) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<TimeSpan> spans, SpansOf(PlaceOf(dialog)));
  for (const TimeSpan& span : spans) {
    for (int64_t from_ns = span.from_ns; from_ns < span.to_ns;
         from_ns += width_ns_) {
      ASSIGN_OR_RETURN(
          const ObservationIndex::Query* const theirs,
          index_.Find(token, from_ns - width_ns_, from_ns + 2 * width_ns_ - 1,
                      policy_.max_linked));
      if (theirs->over) continue;
      ids.insert(ids.end(), theirs->ids.begin(), theirs->ids.end());
    }
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
