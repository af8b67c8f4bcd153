#include "sensor/uplink/uplink.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/rpc/credentials.h"
#include "sensor/uplink/resumption.h"

namespace callbraid::sensor {
namespace {

// For the collector to end the call when we have nothing more to say.
constexpr absl::Duration kCloseTimeout = absl::Milliseconds(500);

// More than the collector's way to us could explain.
constexpr absl::Duration kClockTolerance = absl::Hours(1);

// Trying again changes nothing: configuration or versions do not fit.
bool IsRefusal(grpc::StatusCode code) {
  return code == grpc::StatusCode::INVALID_ARGUMENT ||
         code == grpc::StatusCode::PERMISSION_DENIED ||
         code == grpc::StatusCode::UNAUTHENTICATED ||
         code == grpc::StatusCode::UNIMPLEMENTED;
}

}  // namespace

Uplink::Uplink(UplinkOptions options, Wakeup& wakeup, const Clock& clock)
    : options_(std::move(options)),
      wakeup_(wakeup),
      clock_(clock),
      backoff_(options_.first_backoff, options_.longest_backoff,
               options_.hello.instance_id()) {
  thread_ = Thread("uplink", [this] { Run(); });
}

Uplink::~Uplink() { Stop(); }

void Uplink::Stop() {
  stopping_ = true;
  wakeup_.Raise();
  thread_.Join();
}

bool Uplink::WaitUntilDelivered(absl::Duration timeout) {
  const int64_t deadline_ns =
      clock_.MonotonicNs() + absl::ToInt64Nanoseconds(timeout);
  MutexLock lock(mutex_);
  while (refusal_.ok() && PendingFrames() > 0) {
    const int64_t left_ns = deadline_ns - clock_.MonotonicNs();
    if (left_ns <= 0) break;
    progress_.WaitFor(mutex_, absl::Nanoseconds(left_ns));
  }
  return PendingFrames() == 0;
}

absl::Status Uplink::refusal() const {
  MutexLock lock(mutex_);
  return refusal_;
}

uint64_t Uplink::PendingFrames() const {
  uint64_t frames = 0;
  for (const QueuedSpool& queued : options_.spools()) {
    frames += queued.spool->pending_frames();
  }
  return frames;
}

void Uplink::NotifyProgress() {
  MutexLock lock(mutex_);
  progress_.NotifyAll();
}

void Uplink::Run() {
  while (!stopping_) {
    hello_again_ = false;
    const grpc::Status status = Connect();
    if (stopping_) return;
    if (!hello_again_) OnFailure(status);
    if (!refusal().ok()) {
      if (options_.on_refused) options_.on_refused();
      return;
    }
  }
}

grpc::Status Uplink::Connect() {
  QueueUp();
  UplinkStream stream(options_.dial(), wakeup_, clock_);
  SayHello(stream);
  const auto welcome = AwaitWelcome(stream);
  if (!welcome) {
    const bool ended = stream.Take().ended;
    const grpc::Status status = stream.Finish();
    if (ended) return status;
    return grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED,
                        "no welcome came in time");
  }
  if (const absl::Status resumed = Resume(*welcome); !resumed.ok()) {
    return ToGrpc(resumed);
  }
  spdlog::info(absl::StrCat("connected to collector ", options_.target,
                            " (version ", welcome->version(), "), ",
                            PendingFrames(), " frames to deliver"));
  last_failure_.clear();
  WarnOfClock(*welcome);
  Converse(stream);
  if (options_.on_disconnected) options_.on_disconnected();
  if (stopping_) {
    ApplyAcks(stream.Take().watermarks);
    // What the collector shows of us until we come again.
    SendHeartbeat(stream);
    stream.HalfClose(kCloseTimeout);
  }
  // What came with the end counts as well.
  ApplyAcks(stream.Take().watermarks);
  return stream.Finish();
}

void Uplink::QueueUp() {
  std::vector<Lane> lanes;
  for (QueuedSpool& queued : options_.spools()) {
    Lane& lane = lanes.emplace_back();
    for (const Lane& known : lanes_) {
      if (known.spool == queued.spool) lane.sent_end = known.sent_end;
    }
    lane.spool = std::move(queued.spool);
    lane.backlog = queued.backlog;
  }
  lanes_ = std::move(lanes);
  replay_ = {};
}

void Uplink::SayHello(UplinkStream& stream) {
  v1::ConnectRequest request;
  v1::Hello& hello = *request.mutable_hello();
  hello = options_.hello;
  hello.clear_spools();
  for (Lane& lane : lanes_) {
    v1::SpoolState& state = *hello.add_spools();
    state = lane.spool->State();
    lane.spool_id = state.spool_id();
  }
  hello.set_clock_ns(clock_.WallNs());
  sent_bytes_ = 0;
  echo_.reset();
  stream.Write(ControlMessage(request));
}

// Calls are shown at the time of the sensors, and certificates end by theirs.
void Uplink::WarnOfClock(const v1::Welcome& welcome) const {
  const absl::Duration ahead =
      absl::Nanoseconds(clock_.WallNs() - welcome.clock_ns());
  if (welcome.clock_ns() == 0 || absl::AbsDuration(ahead) < kClockTolerance) {
    return;
  }
  spdlog::warn("the clock of this host is {} {} the collector's; set it (NTP)",
               absl::FormatDuration(
                   absl::Trunc(absl::AbsDuration(ahead), absl::Minutes(1))),
               ahead > absl::ZeroDuration() ? "ahead of" : "behind");
}

std::optional<v1::Welcome> Uplink::AwaitWelcome(UplinkStream& stream) {
  const int64_t deadline_ns =
      clock_.MonotonicNs() + absl::ToInt64Nanoseconds(options_.welcome_timeout);
  while (!stopping_) {
    UplinkStream::Events events = stream.Take();
    if (events.welcome) return std::move(events.welcome);
    const int64_t left_ns = deadline_ns - clock_.MonotonicNs();
    if (events.ended || left_ns <= 0) break;
    wakeup_.Wait(absl::Nanoseconds(left_ns));
  }
  return std::nullopt;
}

absl::Status Uplink::Resume(const v1::Welcome& welcome) {
  for (Lane& lane : lanes_) lane.next = 1;
  for (const v1::Watermark& watermark : welcome.watermarks()) {
    Lane* const lane = FindLane(watermark.spool_id());
    if (lane == nullptr) continue;
    const Resumption resumption = ResumeAfter(
        watermark,
        std::max(lane->spool->recovered_next_sequence(), lane->sent_end));
    if (resumption.renew) {
      spdlog::warn(
          "the collector has frames of this spool that the spool has lost (a "
          "power failure, or an old copy of its folder): it goes on under a "
          "new id");
      RETURN_IF_ERROR(lane->spool->Renew());
      lane->sent_end = 1;
      hello_again_ = true;
      return absl::AbortedError("a spool has a new id");
    }
    lane->next = resumption.next;
    lane->spool->Ack(watermark.stored());
  }
  // A disk that is full must not keep us from delivering what fills it.
  for (Lane& lane : lanes_) lane.spool->Confirm().IgnoreError();
  NotifyProgress();
  if (options_.set_backlog_apart && options_.set_backlog_apart()) {
    spdlog::info(
        "what waits is delivered beside what is captured now, not before it");
    hello_again_ = true;
    return absl::AbortedError("there is another spool");
  }
  return absl::OkStatus();
}

void Uplink::Converse(UplinkStream& stream) {
  const int64_t interval_ns =
      absl::ToInt64Nanoseconds(options_.heartbeat_interval);
  // The first one at once: round trips tell the clock's offset.
  int64_t heartbeat_ns = clock_.MonotonicNs();
  while (!stopping_) {
    const UplinkStream::Events events = stream.Take();
    ApplyAcks(events.watermarks);
    if (events.echo) {
      echo_ = events.echo;
      echo_clock_ns_ = events.echo_clock_ns;
    }
    if (events.ended) return;
    if (options_.on_media_order) {
      for (const v1::MediaOrder& order : events.media_orders) {
        options_.on_media_order(order);
      }
    }
    SendBatches(stream, events.credit);
    const int64_t now_ns = clock_.MonotonicNs();
    if (now_ns >= heartbeat_ns && stream.writable()) {
      SendHeartbeat(stream);
      heartbeat_ns = now_ns + interval_ns;
    }
    // When the stream has no room, the write that makes some wakes us.
    wakeup_.Wait(absl::Nanoseconds(now_ns < heartbeat_ns ? heartbeat_ns - now_ns
                                                         : interval_ns));
  }
}

void Uplink::ApplyAcks(const std::vector<v1::Watermark>& watermarks) {
  for (const v1::Watermark& watermark : watermarks) {
    Lane* const lane = FindLane(watermark.spool_id());
    if (lane == nullptr) continue;
    // Nobody can have stored what was not sent.
    lane->spool->Ack(std::min(watermark.stored(), lane->next - 1));
    replay_.OnAcknowledged(watermark.spool_id(), watermark.stored(),
                           clock_.MonotonicNs());
    backoff_.Reset();
  }
  if (!watermarks.empty()) NotifyProgress();
}

void Uplink::SendBatches(UplinkStream& stream, uint64_t credit) {
  while (sent_bytes_ < credit && stream.writable()) {
    const bool sent =
        std::any_of(lanes_.begin(), lanes_.end(),
                    [&](Lane& lane) { return SendFrom(lane, stream); });
    if (!sent) return;
  }
}

bool Uplink::SendFrom(Lane& lane, UplinkStream& stream) {
  if (lane.backlog && !replay_.open()) return false;
  const std::optional<SpoolBatch> batch = lane.spool->Read(lane.next);
  if (!batch) return false;
  const uint64_t gap =
      batch->first_sequence - std::min(batch->first_sequence, lane.next);
  UplinkMessage message = BatchMessage(lane.spool_id, gap, *batch);
  lane.next = batch->next_sequence();
  lane.sent_end = std::max(lane.sent_end, lane.next);
  sent_bytes_ += message.batch_bytes;
  if (lane.backlog) {
    replay_.OnSent(lane.spool_id, lane.next - 1, message.batch_bytes,
                   clock_.MonotonicNs());
  }
  stream.Write(std::move(message));
  return true;
}

void Uplink::SendHeartbeat(UplinkStream& stream) {
  v1::ConnectRequest request;
  v1::Heartbeat& heartbeat = *request.mutable_heartbeat();
  for (const Lane& lane : lanes_) {
    *heartbeat.add_spools() = lane.spool->State();
  }
  if (echo_) {
    *heartbeat.mutable_echo() = *echo_;
    heartbeat.set_echo_clock_ns(echo_clock_ns_);
  }
  heartbeat.set_clock_ns(clock_.WallNs());
  stream.Write(ControlMessage(request));
}

void Uplink::OnFailure(const grpc::Status& status) {
  const bool refused = IsRefusal(status.error_code());
  std::string failure = status.ok()
                            ? absl::StrCat("collector ", options_.target,
                                           ": ended the connection")
                            : ExplainFailure(status, options_.target);
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    const std::string fault = CertificateFault(options_.tls, clock_.WallNs());
    if (!fault.empty()) {
      failure = absl::StrCat("collector ", options_.target, ": ", fault);
    }
  }
  if (refused && options_.give_up_when_refused) {
    MutexLock lock(mutex_);
    refusal_ = absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                            failure);
    progress_.NotifyAll();
    return;
  }
  if (failure != last_failure_) {
    spdlog::warn(
        absl::StrCat(failure, "; frames are kept in the spool meanwhile"));
    last_failure_ = std::move(failure);
  }
  Pause(refused ? options_.refused_backoff : backoff_.Next());
}

void Uplink::Pause(absl::Duration duration) {
  const int64_t end_ns =
      clock_.MonotonicNs() + absl::ToInt64Nanoseconds(duration);
  while (!stopping_) {
    const int64_t left_ns = end_ns - clock_.MonotonicNs();
    if (left_ns <= 0) return;
    wakeup_.Wait(absl::Nanoseconds(left_ns));
  }
}

Uplink::Lane* Uplink::FindLane(uint64_t spool_id) {
  const auto found = std::find_if(
      lanes_.begin(), lanes_.end(),
      [spool_id](const Lane& lane) { return lane.spool_id == spool_id; });
  return found == lanes_.end() ? nullptr : &*found;
}

}  // namespace callbraid::sensor
