#include "collector/ingest/uplink_connection.h"

#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/rpc/credentials.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxEventsAhead = 64;
// A record of a spool, and the few bytes before it.
constexpr size_t kMaxBatchBytes = (size_t{8} << 20) + 64;
// Of any other message, and of all before the hello was taken.
constexpr size_t kMaxOtherBytes = size_t{64} << 10;
constexpr absl::Duration kHelloTimeout = absl::Seconds(10);
constexpr size_t kMaxSensorIdBytes = 64;
// About media, that wait to be written: a sensor of which so many streams are
// seen elsewhere, and that does not read.
constexpr int kMaxOrders = 200'000;
// In one message, which gRPC takes up to 4 MiB.
constexpr int kMaxOrdersAtOnce = 10'000;

// Later watermarks of a spool stand in for earlier ones.
void Merge(const v1::Ack& later, v1::Ack& pending) {
  for (const v1::Watermark& watermark : later.watermarks()) {
    bool found = false;
    for (v1::Watermark& known : *pending.mutable_watermarks()) {
      if (known.spool_id() != watermark.spool_id()) continue;
      known = watermark;
      found = true;
    }
    if (!found) *pending.add_watermarks() = watermark;
  }
}

}  // namespace

UplinkConnection* UplinkConnection::Start(
    Settings settings, std::string address,
    std::optional<SensorRefusal> refusal) {
  const std::shared_ptr<UplinkConnection> connection(
      new UplinkConnection(std::move(settings), std::move(address)));
  {
    MutexLock lock(connection->mutex_);
    connection->self_ = connection;
    if (!refusal) {
      connection->WaitForHello();
      connection->MaybeRead();
    }
  }
  if (refusal) {
    connection->settings_.sink.OnRefused("", connection->address_, *refusal);
    connection->End(refusal->status);
  }
  return connection.get();
}

UplinkConnection::UplinkConnection(Settings settings, std::string address)
    : settings_(std::move(settings)),
      address_(std::move(address)),
      last_heard_ns_(settings_.clock.MonotonicNs()) {}

void UplinkConnection::WaitForHello() {
  hello_due_.Set(
      absl::ToChronoTime(absl::Now() + kHelloTimeout),
      [weak = std::weak_ptr<UplinkConnection>(self_)](bool due) {
        const auto connection = weak.lock();
        if (!due || connection == nullptr) return;
        const SensorRefusal refusal{
            "no_hello",
            absl::DeadlineExceededError("no hello came within 10 s")};
        connection->settings_.sink.OnRefused("", connection->address_, refusal);
        connection->End(refusal.status);
      });
}

void UplinkConnection::Send(v1::ConnectResponse response) {
  MutexLock lock(mutex_);
  if (end_) return;
  for (v1::ConnectResponse& waiting : pending_) {
    if (waiting.message_case() != response.message_case()) continue;
    if (response.has_ack()) {
      Merge(response.ack(), *waiting.mutable_ack());
    } else if (response.has_media_orders()) {
      waiting.mutable_media_orders()->MergeFrom(response.media_orders());
      if (waiting.media_orders().orders_size() > kMaxOrders) EndUnread();
    } else {
      waiting = std::move(response);
    }
    return;
  }
  pending_.push_back(std::move(response));
  MaybeWrite();
}

void UplinkConnection::EndUnread() {
  end_ = Refuse("orders", absl::ResourceExhaustedError("orders are not read"));
  if (self_ != nullptr) settings_.cancel();
}

void UplinkConnection::End(absl::Status status) {
  MutexLock lock(mutex_);
  if (end_) return;
  end_ = std::move(status);
  MaybeWrite();
}

void UplinkConnection::Consumed(size_t bytes) {
  MutexLock lock(mutex_);
  ahead_bytes_ -= bytes;
  --ahead_events_;
  MaybeRead();
}

void UplinkConnection::MaybeRead() {
  if (reading_ || read_all_ || end_) return;
  if (ahead_bytes_ >= settings_.window_bytes ||
      ahead_events_ >= kMaxEventsAhead ||
      (ahead_events_ > 0 && settings_.sink.Congested())) {
    return;
  }
  reading_ = true;
  StartRead(&buffer_);
}

// gRPC allows one write in flight, and no Finish() beside it.
void UplinkConnection::MaybeWrite() {
  if (writing_ || finished_) return;
  if (!pending_.empty()) {
    v1::ConnectResponse response = TakePending();
    writing_ = true;
    if (response.has_clock_echo()) {
      response.mutable_clock_echo()->set_sent_ns(settings_.clock.WallNs());
    }
    bool own = false;
    in_flight_.Clear();
    // Cannot fail: what we say has no limit that it could reach.
    (void)grpc::SerializationTraits<v1::ConnectResponse>::Serialize(
        response, &in_flight_, &own);
    StartWrite(&in_flight_);
  } else if (end_) {
    finished_ = true;
    Finish(ToGrpc(*end_));
  }
}

v1::ConnectResponse UplinkConnection::TakePending() {
  v1::ConnectResponse& first = pending_.front();
  v1::ConnectResponse response;
  if (first.media_orders().orders_size() > kMaxOrdersAtOnce) {
    auto& orders = *first.mutable_media_orders()->mutable_orders();
    for (int i = 0; i < kMaxOrdersAtOnce; ++i) {
      *response.mutable_media_orders()->add_orders() = std::move(orders[i]);
    }
    orders.DeleteSubrange(0, kMaxOrdersAtOnce);
    return response;
  }
  response = std::move(first);
  pending_.pop_front();
  return response;
}

absl::Status UplinkConnection::Refuse(const char* reason, absl::Status status) {
  settings_.sink.OnRefused(claimed_sensor_, address_, {reason, status});
  return status;
}

absl::Status UplinkConnection::Parse() {
  if (buffer_.Length() > (greeted_ ? kMaxBatchBytes : kMaxOtherBytes)) {
    return Refuse("oversized",
                  absl::InvalidArgumentError(
                      greeted_ ? "a message of more than 8 MiB"
                               : "a first message of more than 64 KiB"));
  }
  const size_t bytes = buffer_.Length();
  if (!grpc::SerializationTraits<v1::ConnectRequest>::Deserialize(&buffer_,
                                                                  &request_)
           .ok()) {
    return Refuse("malformed",
                  absl::InvalidArgumentError("a malformed message"));
  }
  if (!request_.has_batch() && bytes > kMaxOtherBytes) {
    return Refuse("oversized",
                  absl::InvalidArgumentError(
                      "a message without frames of more than 64 KiB"));
  }
  return absl::OkStatus();
}

absl::StatusOr<UplinkEvent> UplinkConnection::TakeHello() {
  if (greeted_) {
    return Refuse("second_hello", absl::InvalidArgumentError("a second hello"));
  }
  v1::Hello& hello = *request_.mutable_hello();
  claimed_sensor_ = hello.sensor_id().substr(0, kMaxSensorIdBytes);
  if (auto refusal = settings_.check_hello(hello)) {
    return Refuse(refusal->reason, std::move(refusal->status));
  }
  greeted_ = true;
  hello_due_.Cancel();
  return UplinkEvent{nullptr, std::move(hello), 0};
}

absl::StatusOr<UplinkEvent> UplinkConnection::TakeEvent() {
  const size_t bytes = buffer_.Length();
  RETURN_IF_ERROR(Parse());
  if (request_.has_hello()) return TakeHello();
  if (request_.message_case() == v1::ConnectRequest::MESSAGE_NOT_SET) {
    return Refuse("malformed", absl::InvalidArgumentError("an empty message"));
  }
  if (!greeted_) {
    return Refuse("no_hello", absl::InvalidArgumentError(
                                  "the first message must be a hello"));
  }
  if (request_.has_heartbeat()) {
    AnswerHeartbeat(settings_.clock.WallNs());
    return UplinkEvent{nullptr, std::move(*request_.mutable_heartbeat()),
                       bytes};
  }
  // As the sensor counts it.
  const size_t batch_bytes = request_.batch().ByteSizeLong();
  return UplinkEvent{nullptr, std::move(*request_.mutable_batch()),
                     batch_bytes};
}

// At once, from the reaction: the longer the answer takes, the less it tells.
void UplinkConnection::AnswerHeartbeat(int64_t received_ns) {
  v1::ConnectResponse response;
  v1::ClockEcho& echo = *response.mutable_clock_echo();
  echo.set_sensor_clock_ns(request_.heartbeat().clock_ns());
  echo.set_received_ns(received_ns);
  Send(std::move(response));
}

void UplinkConnection::OnReadDone(bool ok) {
  last_heard_ns_ = settings_.clock.MonotonicNs();
  absl::StatusOr<UplinkEvent> event = UplinkEvent{nullptr, UplinkClosed{}, 0};
  if (ok) event = TakeEvent();
  if (!event.ok()) {
    End(event.status());
    // The ingest thread must forget it.
    ok = false;
    event = UplinkEvent{nullptr, UplinkClosed{}, 0};
  }
  Push(*std::move(event));
  bool cancelled = false;
  {
    MutexLock lock(mutex_);
    reading_ = false;
    cancelled = ok && read_all_;
    read_all_ = read_all_ || !ok;
    MaybeRead();
  }
  // OnCancel() may have said so before what was read came into the queue.
  if (cancelled) Push({nullptr, UplinkClosed{}, 0});
}

void UplinkConnection::Push(UplinkEvent event) {
  const size_t bytes = event.bytes;
  {
    MutexLock lock(mutex_);
    // Before the push: the ingest thread may be quicker than this one.
    ahead_bytes_ += bytes;
    ++ahead_events_;
    event.peer = self_;
  }
  if (settings_.sink.Push(std::move(event))) return;
  {
    MutexLock lock(mutex_);
    ahead_bytes_ -= bytes;
    --ahead_events_;
  }
  End(absl::UnavailableError("the collector stops, or has too much to do"));
}

void UplinkConnection::OnWriteDone(bool ok) {
  MutexLock lock(mutex_);
  writing_ = false;
  if (!ok) pending_.clear();
  MaybeWrite();
}

void UplinkConnection::OnCancel() {
  {
    MutexLock lock(mutex_);
    read_all_ = true;
  }
  // No read may be under way that would tell.
  Push({nullptr, UplinkClosed{}, 0});
}

void UplinkConnection::OnDone() {
  std::shared_ptr<UplinkConnection> self;
  {
    MutexLock lock(mutex_);
    self = std::move(self_);
  }
  hello_due_.Cancel();
  settings_.on_done();
}

}  // namespace callbraid::collector
