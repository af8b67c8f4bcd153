#include "collector/web/live_sound.h"

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/time/clock.h"
#include "callbraid/v1/query.pb.h"
#include "collector/web/api_method.h"
#include "collector/web/body_stream.h"
#include "collector/web/connect_error.h"
#include "collector/web/header_line.h"
#include "common/media/wav_header.h"
#include "grpcpp/alarm.h"

namespace callbraid::collector {
namespace {

constexpr char kListenToCall[] = "/callbraid.v1.CallService/ListenToCall";
constexpr uint32_t kChannels = 2;

grpc::Status NothingYet() {
  return {grpc::StatusCode::DEADLINE_EXCEEDED,
          "nothing was to be heard yet; ask again"};
}

// One listener. Its callbacks are gRPC's reactions, which do not overlap, but
// that of the alarm.
class LiveSound final : public std::enable_shared_from_this<LiveSound> {
 public:
  explicit LiveSound(std::shared_ptr<HttpExchange> exchange)
      : exchange_(std::move(exchange)) {}

  void Start(const std::shared_ptr<RpcStream>& rpc, absl::Duration patience) {
    body_->OnRoom([rpc] { rpc->Continue(); });
    body_->OnGone([rpc] { rpc->Cancel(); });
    const auto self = shared_from_this();
    first_due_.Set(
        absl::ToChronoTime(absl::Now() + patience),
        [weak = weak_from_this(), rpc](bool due) {
          const auto waiting = due ? weak.lock() : nullptr;
          if (waiting == nullptr || waiting->answered_.exchange(true)) return;
          waiting->exchange_->Respond(ErrorResponse(NothingYet()));
          rpc->Cancel();
        });
    rpc->Start({
        .on_message =
            [self](const std::string& message) {
              return self->OnMessage(message);
            },
        .on_done = [self](const grpc::Status& status) { self->OnDone(status); },
    });
  }

 private:
  bool OnMessage(const std::string& message) {
    v1::ListenToCallResponse heard;
    if (!heard.ParseFromString(message)) return true;
    if (!answered_.exchange(true)) Begin(heard);
    return body_->Push(std::move(*heard.mutable_samples()));
  }

  void Begin(const v1::ListenToCallResponse& first) {
    HttpResponse response;
    response.headers = {{"Content-Type", "audio/wav"},
                        {"Cache-Control", "no-store"},
                        {"X-Accel-Buffering", "no"}};
    const std::string findings = InOneLine(first.findings());
    if (!findings.empty()) {
      response.headers.emplace_back("Callbraid-Findings", findings);
    }
    response.stream = body_;
    body_->Push(WavHeader(first.sample_rate(), kChannels, std::nullopt));
    exchange_->Respond(std::move(response));
  }

  void OnDone(const grpc::Status& status) {
    if (!answered_.exchange(true)) {
      if (!status.ok()) return exchange_->Respond(ErrorResponse(status));
      // The call ended before anything was to be heard.
      v1::ListenToCallResponse none;
      none.set_sample_rate(8000);
      Begin(none);
    }
    status.ok() ? body_->End() : body_->Break();
  }

  const std::shared_ptr<HttpExchange> exchange_;
  const std::shared_ptr<BodyStream> body_ = std::make_shared<BodyStream>();
  std::atomic<bool> answered_ = false;
  grpc::Alarm first_due_;
};

}  // namespace

void ServeLiveSound(RpcChannel& channel,
                    const std::shared_ptr<HttpExchange>& exchange,
                    const std::string& call, const RpcCredentials& credentials,
                    absl::Duration patience) {
  v1::ListenToCallRequest request;
  const auto given =
      ApiMethod::Find(kListenToCall)
          ->RequestFromJson(exchange->request().Query("request"));
  if (!given.ok()) return exchange->Respond(ErrorResponse(given.status()));
  request.ParseFromString(*given);
  request.set_id(call);
  std::make_shared<LiveSound>(exchange)->Start(
      channel.ServerStream(kListenToCall, request.SerializeAsString(),
                           credentials),
      patience);
}

}  // namespace callbraid::collector
