#include "collector/timeline/call_holds.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "collector/playout/stream_facts.h"
#include "collector/store/clock_offset.h"
#include "collector/timeline/holds.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// A time beyond this (2116) is nonsense.
constexpr int64_t kMaxTimeNs = int64_t{1} << 62;
// Two capture points see a hold begin within so much.
constexpr int64_t kSameNs = 1'000'000'000;

bool IsKnown(const std::vector<CallStretch>& spans, const CallStretch& open) {
  return std::any_of(spans.begin(), spans.end(), [&](const CallStretch& span) {
    return std::abs(span.begin_ns - open.begin_ns) <= kSameNs;
  });
}

std::vector<CallStretch> Joined(std::vector<CallStretch> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const CallStretch& a, const CallStretch& b) {
              return a.begin_ns < b.begin_ns;
            });
  std::vector<CallStretch> joined;
  for (const CallStretch& span : spans) {
    if (!joined.empty() && span.begin_ns <= joined.back().end_ns) {
      joined.back().end_ns = std::max(joined.back().end_ns, span.end_ns);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

}  // namespace

absl::StatusOr<std::vector<CallStretch>> HoldsOfCall(
    Store& store, const store::v1::CallRecord& record) {
  std::vector<CallStretch> spans;
  // Of these, some capture point did not see the end; another may have.
  std::vector<CallStretch> open;
  for (const v1::Leg& leg : record.call().legs()) {
    for (const v1::LegObservation& seen : leg.observations()) {
      ASSIGN_OR_RETURN(const auto stored, LoadObservation(store, seen.id()));
      if (!stored) continue;
      const store::v1::Observation& observation = stored->observation;
      for (const Hold& hold : HoldsIn(observation.dialog())) {
        const auto on_clock = [&](int64_t raw_ns) {
          raw_ns = std::clamp<int64_t>(raw_ns, 0, kMaxTimeNs);
          return raw_ns + OffsetAt(record, observation.sensor(), raw_ns);
        };
        const int64_t begin_ns = on_clock(hold.begin_ns);
        if (hold.end_ns) {
          spans.push_back({begin_ns, on_clock(*hold.end_ns)});
        } else {
          open.push_back({begin_ns, kMaxTimeNs});
        }
      }
    }
  }
  open.erase(std::remove_if(open.begin(), open.end(),
                            [&spans](const CallStretch& span) {
                              return IsKnown(spans, span);
                            }),
             open.end());
  spans.insert(spans.end(), open.begin(), open.end());
  return Joined(std::move(spans));
}

}  // namespace callbraid::collector
