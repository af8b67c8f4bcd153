#include "collector/query/call_service.h"

#include <memory>
#include <utility>

#include "collector/query/packet_export.h"
#include "collector/query/run_on.h"
#include "collector/query/signalling.h"
#include "collector/record/recorder.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Calls in progress are read in pages of this size.
constexpr uint32_t kPageSize = 1000;
// Pieces of 64 KiB that may wait for their reader.
constexpr size_t kPieces = 8;

// Sends a recording to a reader. One thread.
class AudioSender final : public RecordingSink {
 public:
  using Writer = ResponseWriter<v1::GetAudioResponse>;

  explicit AudioSender(Writer& writer) : writer_(writer) {}

  absl::Status Begin(uint64_t total_bytes) override {
    total_bytes_ = total_bytes;
    return absl::OkStatus();
  }

  absl::Status Write(std::string_view bytes) override {
    auto response = std::make_shared<v1::GetAudioResponse>();
    response->set_data(bytes.data(), bytes.size());
    response->set_total_bytes(std::exchange(total_bytes_, 0));
    return writer_.Write(std::move(response));
  }

 private:
  Writer& writer_;
  uint64_t total_bytes_ = 0;
};

}  // namespace

grpc::ServerUnaryReactor* CallService::ListCalls(
    grpc::CallbackServerContext* context, const v1::ListCallsRequest* request,
    v1::ListCallsResponse* response) {
  return RunOn(lookups_, context, [this, request, response]() -> absl::Status {
    ASSIGN_OR_RETURN(CallPage page, store_.facts().ListCalls(*request));
    for (v1::Call& call : page.calls) {
      *response->add_calls() = std::move(call);
    }
    response->set_next_page_token(std::move(page.next_page_token));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* CallService::GetCall(
    grpc::CallbackServerContext* context, const v1::GetCallRequest* request,
    v1::GetCallResponse* response) {
  return RunOn(lookups_, context, [this, request, response]() -> absl::Status {
    ASSIGN_OR_RETURN(store::v1::CallRecord record,
                     store_.facts().GetCall(request->id()));
    *response->mutable_call() = std::move(*record.mutable_call());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* CallService::GetSignalling(
    grpc::CallbackServerContext* context,
    const v1::GetSignallingRequest* request,
    v1::GetSignallingResponse* response) {
  return RunOn(lookups_, context, [this, request, response]() -> absl::Status {
    ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                     store_.facts().GetCall(request->id()));
    return ReadSignalling(store_, record, SignallingLimits(), *response);
  });
}

grpc::ServerWriteReactor<v1::WatchCallsResponse>* CallService::WatchCalls(
    grpc::CallbackServerContext*, const v1::WatchCallsRequest* request) {
  auto added = hub_.Add(/*held=*/request->include_current());
  if (!added.ok()) {
    const auto refusal = WatchHub::Writer::Create(1);
    refusal->Close(added.status());
    return refusal.get();
  }
  const WatchHub::Watcher watcher = *std::move(added);
  // Tells the watcher that it misses nothing from here on.
  watcher.writer->StartSendInitialMetadata();
  auto* const reactor = watcher.writer.get();
  if (request->include_current()) {
    const absl::Status queued = streams_.Submit([this, watcher] {
      const absl::Status status = WriteCurrent(watcher);
      if (!status.ok()) hub_.Remove(watcher.id, status);
    });
    if (!queued.ok()) hub_.Remove(watcher.id, queued);
  }
  return reactor;
}

absl::Status CallService::WriteCurrent(const WatchHub::Watcher& watcher) {
  v1::ListCallsRequest request;
  request.set_page_size(kPageSize);
  for (const auto state :
       {v1::CALL_STATE_SETUP, v1::CALL_STATE_RINGING, v1::CALL_STATE_ACTIVE}) {
    request.add_states(state);
  }
  WatchHub::Revisions told;
  do {
    ASSIGN_OR_RETURN(const CallPage page, store_.facts().ListCalls(request));
    for (const v1::Call& listed : page.calls) {
      auto record = store_.facts().GetCall(listed.id());
      // It may just have become a part of another call.
      if (absl::IsNotFound(record.status())) continue;
      RETURN_IF_ERROR(record.status());
      auto change = std::make_shared<v1::WatchCallsResponse>();
      change->set_change(v1::WatchCallsResponse::CHANGE_UPDATED);
      *change->mutable_call() = std::move(*record->mutable_call());
      told[change->call().id()] = change->call().revision();
      RETURN_IF_ERROR(watcher.writer->Write(std::move(change)));
    }
    request.set_page_token(page.next_page_token);
  } while (!request.page_token().empty());
  hub_.Release(watcher.id, told);
  return absl::OkStatus();
}

grpc::ServerWriteReactor<v1::GetAudioResponse>* CallService::GetAudio(
    grpc::CallbackServerContext*, const v1::GetAudioRequest* request) {
  const auto writer = AudioSender::Writer::Create(kPieces);
  return StreamOn(
      streams_, writer,
      [this, request = *request, &writer = *writer]() -> absl::Status {
        if (!v1::AudioFormat_IsValid(request.format())) {
          return absl::InvalidArgumentError("format: is not known here");
        }
        ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                         store_.facts().GetCall(request.id()));
        RecordingOptions options;
        options.stream_id = request.stream_id();
        options.conceal = !request.no_concealment();
        AudioSender sender(writer);
        return RenderCall(store_, record, options, sender);
      });
}

grpc::ServerWriteReactor<v1::GetPacketsResponse>* CallService::GetPackets(
    grpc::CallbackServerContext*, const v1::GetPacketsRequest* request) {
  const auto writer = ResponseWriter<v1::GetPacketsResponse>::Create(kPieces);
  return StreamOn(
      streams_, writer,
      [this, request = *request, &writer = *writer]() -> absl::Status {
        ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                         store_.facts().GetCall(request.id()));
        return ExportPackets(store_, record, [&writer](std::string_view piece) {
          auto response = std::make_shared<v1::GetPacketsResponse>();
          response->set_data(piece.data(), piece.size());
          return writer.Write(std::move(response));
        });
      });
}

}  // namespace callbraid::collector
