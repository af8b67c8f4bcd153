#include "sensor/uplink/uplink_stream.h"

#include <algorithm>
#include <utility>

namespace callbraid::sensor {
namespace {

constexpr char kMethod[] = "/callbraid.v1.UplinkService/Connect";

// Besides the one in flight. gRPC takes the next message when the last has
// left for the socket, not when it has arrived: more would not be faster.
constexpr size_t kMaxOutgoing = 2;

// A collector that names more spools than a hello may is not believed.
constexpr size_t kMaxWatermarks = 8;
// About media, that were not looked at yet.
constexpr size_t kMaxOrders = 1'000'000;

}  // namespace

UplinkStream::UplinkStream(std::shared_ptr<grpc::Channel> channel,
                           Wakeup& changed, const Clock& clock)
    : changed_(changed), clock_(clock), channel_(std::move(channel)) {
  grpc::TemplatedGenericStub<grpc::ByteBuffer, v1::ConnectResponse> stub(
      channel_);
  stub.PrepareBidiStreamingCall(&context_, kMethod, {}, this);
  // Writes start outside of reactions.
  AddHold();
  StartRead(&incoming_);
  StartCall();
}

UplinkStream::~UplinkStream() { Finish(); }

bool UplinkStream::writable() const {
  MutexLock lock(mutex_);
  return outgoing_.size() < kMaxOutgoing && !ended_;
}

void UplinkStream::Write(UplinkMessage message) {
  MutexLock lock(mutex_);
  outgoing_.push_back(std::move(message.bytes));
  MaybeWrite();
}

void UplinkStream::MaybeWrite() {
  if (writing_ || ended_ || !held_) return;
  if (!outgoing_.empty()) {
    in_flight_.Swap(&outgoing_.front());
    outgoing_.pop_front();
    writing_ = true;
    StartWrite(&in_flight_);
  } else if (half_close_) {
    writing_ = true;
    StartWritesDone();
  }
}

UplinkStream::Events UplinkStream::Take() {
  Events events;
  MutexLock lock(mutex_);
  events.welcome = std::exchange(welcome_, std::nullopt);
  for (auto& [id, watermark] : watermarks_) {
    events.watermarks.push_back(std::move(watermark));
  }
  watermarks_.clear();
  events.credit = credit_;
  events.echo = std::exchange(echo_, std::nullopt);
  events.echo_clock_ns = echo_clock_ns_;
  // Whoever waits for the welcome looks at nothing else.
  if (!events.welcome) events.media_orders = std::exchange(media_orders_, {});
  events.ended = ended_;
  return events;
}

void UplinkStream::OnWriteDone(bool ok) {
  {
    MutexLock lock(mutex_);
    in_flight_.Clear();
    writing_ = false;
    if (ok) {
      MaybeWrite();
    } else {
      ended_ = true;
      state_changed_.NotifyAll();
    }
  }
  changed_.Raise();
}

void UplinkStream::OnReadDone(bool ok) {
  // At once: the time until somebody takes it is no part of the way.
  const int64_t clock_ns = clock_.WallNs();
  {
    MutexLock lock(mutex_);
    if (ok) {
      Keep(incoming_, clock_ns);
    } else {
      ended_ = true;
      state_changed_.NotifyAll();
    }
  }
  if (ok) StartRead(&incoming_);
  changed_.Raise();
}

void UplinkStream::Keep(v1::ConnectResponse& response, int64_t clock_ns) {
  switch (response.message_case()) {
    case v1::ConnectResponse::kWelcome:
      credit_ = std::max(credit_, response.welcome().credit().bytes());
      welcome_ = std::move(*response.mutable_welcome());
      break;
    case v1::ConnectResponse::kAck:
      for (const v1::Watermark& watermark : response.ack().watermarks()) {
        if (watermarks_.size() >= kMaxWatermarks &&
            !watermarks_.contains(watermark.spool_id())) {
          continue;
        }
        watermarks_[watermark.spool_id()] = watermark;
      }
      break;
    case v1::ConnectResponse::kCredit:
      credit_ = std::max(credit_, response.credit().bytes());
      break;
    case v1::ConnectResponse::kClockEcho:
      echo_ = response.clock_echo();
      echo_clock_ns_ = clock_ns;
      break;
    case v1::ConnectResponse::kMediaOrders:
      for (v1::MediaOrder& order :
           *response.mutable_media_orders()->mutable_orders()) {
        media_orders_.push_back(std::move(order));
      }
      // No collector says so much. Without the connection none is in force.
      if (media_orders_.size() > kMaxOrders) context_.TryCancel();
      break;
    case v1::ConnectResponse::MESSAGE_NOT_SET:
      break;  // Of a later version.
  }
}

void UplinkStream::OnDone(const grpc::Status& status) {
  // The waiting side may destroy this object as soon as it has the lock, so
  // nothing is touched after it.
  Wakeup& changed = changed_;
  changed.Raise();
  MutexLock lock(mutex_);
  ended_ = true;
  status_ = status;
  state_changed_.NotifyAll();
}

void UplinkStream::HalfClose(absl::Duration timeout) {
  MutexLock lock(mutex_);
  half_close_ = true;
  MaybeWrite();
  while (!ended_) {
    if (!state_changed_.WaitFor(mutex_, timeout)) return;
  }
}

void UplinkStream::ReleaseHold() {
  {
    MutexLock lock(mutex_);
    if (!std::exchange(held_, false)) return;
  }
  RemoveHold();
}

grpc::Status UplinkStream::Finish() {
  bool ended = false;
  {
    MutexLock lock(mutex_);
    ended = ended_;
  }
  // A call that the collector has ended keeps its own status.
  if (!ended) context_.TryCancel();
  ReleaseHold();
  MutexLock lock(mutex_);
  while (!status_) state_changed_.Wait(mutex_);
  return *status_;
}

}  // namespace callbraid::sensor
