#include "collector/query/call_listeners.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "collector/store/clock_offset.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kLeastDelayNs = 500 * kMs;
constexpr int64_t kMostDelayNs = 30'000 * kMs;
// How often it is looked at what has become of the call: new streams, another
// id, its end.
constexpr int64_t kLookNs = 250 * kMs;
constexpr int64_t kDayNs = int64_t{86'400'000} * kMs;
// A window is due when it is; this long at most is slept until then.
constexpr int64_t kLongestSleepNs = 50 * kMs;

absl::Status Closed() { return absl::UnavailableError("the collector stops"); }

// How far the call's clock is ahead of the collector's, by what is known of the
// clock of any sensor that saw it.
int64_t ClockAheadNs(CoordinationStore& sensors,
                     const store::v1::CallRecord& record, int64_t wall_ns) {
  for (const std::string& id : record.call().sensors()) {
    const auto sensor = sensors.GetSensor(id);
    if (!sensor.ok() || sensor->clock_epochs().empty()) continue;
    const int64_t ahead_ns = std::clamp(
        sensor->clock_epochs().rbegin()->offset_ns(), -wall_ns, wall_ns);
    return ahead_ns + OffsetAt(record, id, wall_ns + ahead_ns);
  }
  return 0;
}

// When its last packet was captured, as far as it was looked at; 0 without any.
int64_t LastPacketNs(const v1::Call& call) {
  int64_t last_ns = 0;
  for (const v1::Stream& stream : call.streams()) {
    last_ns =
        std::max(last_ns, TimeUtil::TimestampToNanoseconds(stream.end_time()));
  }
  return last_ns;
}

// One listener at one call. One thread.
class Listening {
 public:
  Listening(Store& store, const RetentionWatch& retention, const Clock& clock,
            const Scope& scope, const std::string& id,
            const LiveCall::Options& options)
      : store_(store),
        retention_(retention),
        clock_(clock),
        scope_(scope),
        id_(id),
        call_(store, options) {}

  // The whole id of the call.
  const std::string& id() const { return record_.call().id(); }
  bool is_over() const { return record_.call().has_end_time(); }

  // At the call as it is by now.
  absl::Status Look() {
    next_look_ns_ = clock_.MonotonicNs() + kLookNs;
    ASSIGN_OR_RETURN(store::v1::CallRecord record,
                     store_.facts().GetCall(id_, scope_));
    CompareClocks(record);
    if (record.call().id() == id() &&
        record.call().revision() == record_.call().revision()) {
      return absl::OkStatus();
    }
    // It may be with somebody else by now.
    RETURN_IF_ERROR(retention_.CheckRecorded(record.call()));
    record_ = std::move(record);
    return call_.Update(record_);
  }
  absl::Status LookIfDue() {
    return clock_.MonotonicNs() < next_look_ns_ ? absl::OkStatus() : Look();
  }

  // The next of what is to be heard by now; null if that was all.
  absl::StatusOr<std::shared_ptr<v1::ListenToCallResponse>> Next() {
    ASSIGN_OR_RETURN(const auto window,
                     call_.Next(clock_.WallNs() + ahead_ns_));
    if (!window) return nullptr;
    auto response = std::make_shared<v1::ListenToCallResponse>();
    if (!std::exchange(begun_, true)) {
      response->set_sample_rate(call_.sample_rate());
    }
    *response->mutable_time() =
        TimeUtil::NanosecondsToTimestamp(window->time_ns);
    for (const int16_t sample : window->samples) {
      const auto bits = static_cast<uint16_t>(sample);
      response->mutable_samples()->push_back(static_cast<char>(bits & 0xff));
      response->mutable_samples()->push_back(static_cast<char>(bits >> 8));
    }
    for (std::string& finding : call_.TakeFindings()) {
      response->add_findings(std::move(finding));
    }
    return response;
  }

  // All that was said until the end of the call was heard; or would have been,
  // whatever the clocks say.
  bool HeardAll() {
    if (!is_over()) {
      over_ns_ = 0;
      return false;
    }
    if (over_ns_ == 0) over_ns_ = clock_.MonotonicNs();
    const auto next_ns = call_.NextTime();
    return !next_ns ||
           *next_ns >=
               TimeUtil::TimestampToNanoseconds(record_.call().end_time()) ||
           clock_.MonotonicNs() - over_ns_ > kMostDelayNs;
  }

 private:
  // A capture that is replayed is of another day: then its own packets tell
  // what time it is.
  void CompareClocks(const store::v1::CallRecord& record) {
    const int64_t wall_ns = clock_.WallNs();
    const int64_t ahead_ns =
        ClockAheadNs(store_.coordination(), record, wall_ns);
    const int64_t last_ns = LastPacketNs(record.call());
    if (last_ns == 0 || std::abs(wall_ns + ahead_ns - last_ns) < kDayNs) {
      ahead_ns_ = ahead_ns;
    } else {
      ahead_ns_ = std::max(last_ns - wall_ns, std::exchange(replayed_, true)
                                                  ? ahead_ns_
                                                  : last_ns - wall_ns);
    }
  }

  Store& store_;
  const RetentionWatch& retention_;
  const Clock& clock_;
  const Scope& scope_;
  const std::string id_;
  LiveCall call_;
  store::v1::CallRecord record_;
  int64_t next_look_ns_ = 0;
  // Since when it is known to be over.
  int64_t over_ns_ = 0;
  int64_t ahead_ns_ = 0;
  bool replayed_ = false;
  bool begun_ = false;
};

}  // namespace

absl::StatusOr<LiveCall::Options> ReadListenRequest(
    const v1::ListenToCallRequest& request) {
  LiveCall::Options options;
  options.mask_keys = request.mask_keys();
  if (!request.has_delay()) return options;
  const google::protobuf::Duration& delay = request.delay();
  const bool is_short = delay.seconds() >= 0 && delay.seconds() <= 30 &&
                        delay.nanos() >= 0 && delay.nanos() < 1000 * kMs;
  if (is_short) options.delay_ns = TimeUtil::DurationToNanoseconds(delay);
  if (!is_short || options.delay_ns < kLeastDelayNs ||
      options.delay_ns > kMostDelayNs) {
    return absl::InvalidArgumentError("delay: must be 500 to 30,000 ms");
  }
  return options;
}

CallListeners::Seat CallListeners::TakeSeat() {
  MutexLock lock(mutex_);
  if (taken_ >= kMost) return nullptr;
  ++taken_;
  return Seat(this, [](void* self) {
    static_cast<CallListeners*>(self)->GiveBackSeat();
  });
}

void CallListeners::GiveBackSeat() {
  MutexLock lock(mutex_);
  --taken_;
}

absl::Status CallListeners::Listen(const v1::ListenToCallRequest& request,
                                   const Scope& scope, const Seat& seat,
                                   Writer& writer, AuditedAct& act) {
  ASSIGN_OR_RETURN(const LiveCall::Options options, ReadListenRequest(request));
  Listening listening(store_, retention_, clock_, scope, request.id(), options);
  RETURN_IF_ERROR(listening.Look());
  act.SetTarget(listening.id());
  if (listening.is_over()) {
    return absl::FailedPreconditionError(
        "the call is over: GetAudio renders its recording");
  }
  if (seat == nullptr) {
    return absl::ResourceExhaustedError("too many listen; try again");
  }
  while (!writer.cancelled()) {
    if (writer.ended()) return absl::CancelledError("the reader left");
    RETURN_IF_ERROR(listening.LookIfDue());
    for (;;) {
      ASSIGN_OR_RETURN(auto response, listening.Next());
      if (response == nullptr) break;
      RETURN_IF_ERROR(act.Begin());
      if (!writer.Offer(std::move(response))) {
        // What waits for somebody who does not read waits on no seat.
        const absl::Status slow = absl::ResourceExhaustedError(
            "the call went on faster than it was read; listen again");
        writer.Abort(slow);
        return slow;
      }
    }
    if (listening.HeardAll()) return absl::OkStatus();
    if (!Sleep(absl::Nanoseconds(kLongestSleepNs))) return Closed();
  }
  return absl::OkStatus();
}

bool CallListeners::Sleep(absl::Duration duration) {
  MutexLock lock(mutex_);
  if (!closed_) wake_.WaitFor(mutex_, duration);
  return !closed_;
}

void CallListeners::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  wake_.NotifyAll();
}

}  // namespace callbraid::collector
