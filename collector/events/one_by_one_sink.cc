#include "collector/events/one_by_one_sink.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxEvents = 64;
constexpr absl::Duration kMaxBackOff = absl::Seconds(60);

}  // namespace

absl::Duration OneByOneSink::RunOnce() {
  const absl::StatusOr<bool> more = DeliverNext();
  const SinkState state = meter_.state();
  if (more.ok()) {
    failures_ = 0;
    if (*more && meter_.SetDown(false)) {
      spdlog::info("{} {}: takes events again", state.type, state.name);
    }
    return *more ? absl::ZeroDuration() : kEventPoll;
  }
  meter_.Add(&SinkState::failed_attempts);
  if (meter_.SetDown(true)) {
    spdlog::warn("{} {}: takes no events: {}; they wait for it", state.type,
                 state.name, std::string(more.status().message()));
  }
  return std::min(kMaxBackOff, absl::Seconds(1 << std::min(failures_++, 6)));
}

absl::StatusOr<bool> OneByOneSink::DeliverNext() {
  if (events_.empty()) {
    ASSIGN_OR_RETURN(const std::vector<FeedEvent> next, feed_.Next(kMaxEvents));
    events_.assign(next.begin(), next.end());
    if (events_.empty()) return false;
  }
  const absl::Status delivered = Deliver(events_.front());
  if (stopping_) return false;
  if (absl::IsNotFound(delivered) || absl::IsDataLoss(delivered)) {
    meter_.Add(&SinkState::gone);
  } else {
    RETURN_IF_ERROR(delivered);
    meter_.Add(&SinkState::delivered);
  }
  RETURN_IF_ERROR(feed_.Done(events_.front().sequence));
  events_.pop_front();
  return true;
}

}  // namespace callbraid::collector
