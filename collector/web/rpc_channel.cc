#include "collector/web/rpc_channel.h"

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "collector/access/peer.h"
#include "common/base/mutex.h"

namespace callbraid::collector {
namespace {

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// gRPC ends the process that sends metadata with anything else in it.
std::string Printable(std::string value) {
  for (char& character : value) {
    if (character < ' ' || character > '~') character = '?';
  }
  return value;
}

void Prepare(grpc::ClientContext& context, const RpcCredentials& credentials) {
  context.AddMetadata(kClientAddress, Printable(credentials.address));
  context.AddMetadata(kClientSecret, ClientSecret());
  if (!credentials.authorization.empty()) {
    context.AddMetadata("authorization", Printable(credentials.authorization));
  }
}

struct UnaryCall {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
};

const grpc::Status& Stopping() {
  static const auto& status =
      *new grpc::Status(grpc::StatusCode::UNAVAILABLE, "the collector stops");
  return status;
}

}  // namespace

class RpcChannel::Stream final
    : public RpcStream,
      public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
      public std::enable_shared_from_this<Stream> {
 public:
  Stream(RpcChannel& channel, std::string method, const std::string& request,
         const RpcCredentials& credentials)
      : channel_(channel),
        method_(std::move(method)),
        request_(ToBuffer(request)) {
    Prepare(context_, credentials);
  }

  void Start(RpcStreamEvents events) override {
    events_ = std::move(events);
    self_ = shared_from_this();
    const bool started = channel_.Start([this] {
      channel_.stub_.PrepareBidiStreamingCall(&context_, method_,
                                              grpc::StubOptions(), this);
      // Reads are started from other threads too, after a pause.
      AddHold();
      StartWriteLast(&request_, grpc::WriteOptions());
      StartRead(&response_);
      StartCall();
    });
    if (!started) OnDone(Stopping());
  }

  void Continue() override ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      MutexLock lock(mutex_);
      if (!std::exchange(paused_, false)) {
        continued_ = true;
        return;
      }
    }
    StartRead(&response_);
  }

  void Cancel() override {
    context_.TryCancel();
    // So that it notices.
    Continue();
  }

  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_) {
    if (!ok) return RemoveHold();
    {
      MutexLock lock(mutex_);
      continued_ = false;
    }
    if (!events_.on_message(ToString(response_))) {
      MutexLock lock(mutex_);
      if (!std::exchange(continued_, false)) {
        paused_ = true;
        return;
      }
    }
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    events_.on_done(status);
    // What the events hold may hold this.
    events_ = {};
    const auto self = std::move(self_);
  }

 private:
  RpcChannel& channel_;
  const std::string method_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  RpcStreamEvents events_;
  std::shared_ptr<Stream> self_;  // Until OnDone().
  Mutex mutex_;
  // No read is under way; and Continue() came before it was known that there is
  // a pause.
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool continued_ ABSL_GUARDED_BY(mutex_) = false;
};

void RpcChannel::Unary(const std::string& method, const std::string& request,
                       const RpcCredentials& credentials,
                       absl::Duration timeout, OnResponse on_response) {
  const auto call = std::make_shared<UnaryCall>();
  Prepare(call->context, credentials);
  call->context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  call->request = ToBuffer(request);
  const bool started = Start([&] {
    stub_.UnaryCall(&call->context, method, grpc::StubOptions(), &call->request,
                    &call->response,
                    [call, on_response](const grpc::Status& status) {
                      on_response(status, ToString(call->response));
                    });
  });
  if (!started) on_response(Stopping(), "");
}

void RpcChannel::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  while (starting_ > 0) none_starts_.Wait(mutex_);
}

bool RpcChannel::Start(const std::function<void()>& start) {
  {
    MutexLock lock(mutex_);
    if (closed_) return false;
    ++starting_;
  }
  start();
  MutexLock lock(mutex_);
  if (--starting_ == 0) none_starts_.NotifyAll();
  return true;
}

std::shared_ptr<RpcStream> RpcChannel::ServerStream(
    const std::string& method, const std::string& request,
    const RpcCredentials& credentials) {
  return std::make_shared<Stream>(*this, method, request, credentials);
}

}  // namespace callbraid::collector
