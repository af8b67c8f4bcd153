#include "collector/query/call_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "collector/access/audited_act.h"
#include "collector/fax/call_fax.h"
#include "collector/quality/call_quality.h"
#include "collector/query/audio_request.h"
#include "collector/query/packet_export.h"
#include "collector/query/retention_within.h"
#include "collector/query/run_on.h"
#include "collector/query/signalling.h"
#include "collector/query/watch_start.h"
#include "collector/record/recorder.h"
#include "collector/statistics/count_calls.h"
#include "collector/timeline/timeline.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Pieces that may wait for their reader.
constexpr size_t kPieces = 8;
constexpr size_t kPieceBytes = size_t{64} << 10;

// Whose page tokens.
constexpr char kCallPages[] = "calls";

// Sends a recording to a reader, once that was noted. One thread.
class AudioSender final : public RecordingSink {
 public:
  using Writer = ResponseWriter<v1::GetAudioResponse>;

  AudioSender(Writer& writer, AuditedAct& act) : writer_(writer), act_(act) {}

  void Tell(const std::vector<std::string>& findings) override {
    findings_.Assign(findings.begin(), findings.end());
  }

  absl::Status Begin(uint64_t total_bytes) override {
    total_bytes_ = total_bytes;
    return act_.Begin();
  }

  void End(uint64_t refused_packets) override {
    if (refused_packets == 0) return;
    spdlog::info("audio: {} packets were no audio to their decoder",
                 refused_packets);
  }

  absl::Status Write(std::string_view bytes) override {
    auto response = std::make_shared<v1::GetAudioResponse>();
    response->set_data(bytes.data(), bytes.size());
    response->set_total_bytes(std::exchange(total_bytes_, 0));
    response->mutable_findings()->Swap(&findings_);
    findings_.Clear();
    return writer_.Write(std::move(response));
  }

 private:
  Writer& writer_;
  AuditedAct& act_;
  uint64_t total_bytes_ = 0;
  google::protobuf::RepeatedPtrField<std::string> findings_;
};

// By what watchers are told apart; "" of anyone.
std::string WatcherOf(const Caller& caller) {
  if (caller.grant != nullptr) return "token " + caller.grant->id;
  return caller.name.empty() ? "" : "certificate " + caller.name;
}

// Else a recording would be silence, and a fax none.
absl::Status CheckMedia(Store& store, const RetentionWatch& retention,
                        const store::v1::CallRecord& record) {
  RETURN_IF_ERROR(retention.CheckRecorded(record.call()));
  ASSIGN_OR_RETURN(const MediaLeft left, store.LeftOfMedia(record));
  if (left != MediaLeft::kNone) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the media of this call were deleted: they were older than the "
      "collector's retention allows, or the disk was full");
}

// What is shared is what was said, not what is being said.
absl::Status CheckGuest(const Caller& caller, const v1::Call& call) {
  if (caller.role != v1::ROLE_GUEST || call.has_end_time()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "the call goes on; guests hear it when it is over");
}

absl::Status SendAudio(Store& store, const RetentionWatch& retention,
                       const v1::GetAudioRequest& request, const Caller& caller,
                       AudioSender::Writer& writer, AuditedAct& act) {
  ASSIGN_OR_RETURN(RecordingOptions options, ReadAudioRequest(request));
  if (!caller.sees_pressed_keys) options.mask_keys = true;
  ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                   store.facts().GetCall(request.id(), caller.scope));
  act.SetTarget(record.call().id());
  RETURN_IF_ERROR(CheckGuest(caller, record.call()));
  RETURN_IF_ERROR(CheckMedia(store, retention, record));
  AudioSender sender(writer, act);
  return RenderCall(store, record, options, sender);
}

absl::Status SendFax(Store& store, const RetentionWatch& retention,
                     const v1::GetFaxRequest& request, const Caller& caller,
                     ResponseWriter<v1::GetFaxResponse>& writer,
                     AuditedAct& act) {
  ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                   store.facts().GetCall(request.id(), caller.scope));
  act.SetTarget(record.call().id());
  RETURN_IF_ERROR(CheckGuest(caller, record.call()));
  RETURN_IF_ERROR(CheckMedia(store, retention, record));
  ASSIGN_OR_RETURN(CallFaxes found, ReadFaxes(store, record));
  auto response = std::make_shared<v1::GetFaxResponse>();
  response->mutable_faxes()->Assign(found.faxes.begin(), found.faxes.end());
  if (request.without_pages()) return writer.Write(std::move(response));
  if (found.tiff.empty()) {
    return absl::FailedPreconditionError("no page of the fax was seen");
  }
  RETURN_IF_ERROR(act.Begin());
  response->set_total_bytes(found.tiff.size());
  for (size_t at = 0; at < found.tiff.size(); at += kPieceBytes) {
    response->set_data(found.tiff.substr(at, kPieceBytes));
    RETURN_IF_ERROR(writer.Write(
        std::exchange(response, std::make_shared<v1::GetFaxResponse>())));
  }
  return absl::OkStatus();
}

constexpr size_t kMaxRtcpRecords = 2000;

PressedKeys PressedKeysFor(bool sees_them) {
  return sees_them ? PressedKeys::kShown : PressedKeys::kMasked;
}

absl::Status SendPackets(Store& store, const RetentionWatch& retention,
                         const v1::GetPacketsRequest& request,
                         const Caller& caller,
                         ResponseWriter<v1::GetPacketsResponse>& writer,
                         AuditedAct& act) {
  ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                   store.facts().GetCall(request.id(), caller.scope));
  act.SetTarget(record.call().id());
  ExportOptions options;
  options.pressed_keys =
      PressedKeysFor(caller.sees_pressed_keys && !request.mask_keys());
  // Keys of media leave the collector this way only, and the audit log says to
  // whom. With them what is masked could be heard elsewhere.
  if (caller.role == v1::ROLE_ADMIN &&
      options.pressed_keys == PressedKeys::kShown) {
    options.keys = MediaKeys::kShown;
  }
  options.media = retention.CheckRecorded(record.call()).ok();
  return ExportPackets(
      store, record, options, [&](std::string_view piece) -> absl::Status {
        RETURN_IF_ERROR(act.Begin());
        auto response = std::make_shared<v1::GetPacketsResponse>();
        response->set_data(piece.data(), piece.size());
        return writer.Write(std::move(response));
      });
}

}  // namespace

grpc::ServerUnaryReactor* CallService::ListCalls(
    grpc::CallbackServerContext* context, const v1::ListCallsRequest* request,
    v1::ListCallsResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 v1::ListCallsRequest listing = *request;
                 ASSIGN_OR_RETURN(
                     *listing.mutable_page_token(),
                     access_.pages().Open(request->page_token(), kCallPages));
                 ASSIGN_OR_RETURN(CallPage page, store_.facts().ListCalls(
                                                     listing, caller.scope));
                 for (v1::Call& call : page.calls) {
                   *response->add_calls() = std::move(call);
                 }
                 response->set_next_page_token(
                     access_.pages().Seal(page.next_page_token, kCallPages));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* CallService::GetCall(
    grpc::CallbackServerContext* context, const v1::GetCallRequest* request,
    v1::GetCallResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 ASSIGN_OR_RETURN(
                     store::v1::CallRecord record,
                     store_.facts().GetCall(request->id(), caller.scope));
                 v1::Call& call = *record.mutable_call();
                 // What people of the house wrote is not for guests.
                 if (caller.role == v1::ROLE_GUEST) {
                   call.clear_annotation();
                   call.clear_hold();
                 }
                 *response->mutable_call() = std::move(call);
                 return absl::OkStatus();
               });
}

// May have to read as many calls as it has time for.
grpc::ServerUnaryReactor* CallService::CountCalls(
    grpc::CallbackServerContext* context, const v1::CountCallsRequest* request,
    v1::CountCallsResponse* response) {
  return RunOn(
      counts_, access_, context, request,
      [=, this](const Caller& caller) -> absl::Status {
        CallReader calls(store_.facts(), caller.scope, clock_,
                         [context] { return !context->IsCancelled(); });
        ASSIGN_OR_RETURN(*response, collector::CountCalls(
                                        *request, CountedRowLimits(),
                                        caller.scope, store_.facts(), calls));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallService::GetSignalling(
    grpc::CallbackServerContext* context,
    const v1::GetSignallingRequest* request,
    v1::GetSignallingResponse* response) {
  return RunOn(
      lookups_, access_, context, request,
      [this, request, response](const Caller& caller) -> absl::Status {
        ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                         store_.facts().GetCall(request->id(), caller.scope));
        RETURN_IF_ERROR(ReadSignalling(store_, record, SignallingLimits(),
                                       PressedKeysFor(caller.sees_pressed_keys),
                                       *response));
        if (!request->with_rtcp()) return absl::OkStatus();
        return ReadRtcpRecords(store_, record, kMaxRtcpRecords, *response);
      });
}

// Reads as much as a recording does.
grpc::ServerUnaryReactor* CallService::GetTimeline(
    grpc::CallbackServerContext* context, const v1::GetTimelineRequest* request,
    v1::GetTimelineResponse* response) {
  return RunOn(
      streams_, access_, context, request,
      [this, request, response](const Caller& caller) -> absl::Status {
        AuditedAct act(access_, caller, v1::AUDIT_ACT_LISTEN, request->id());
        const auto read = [&]() -> absl::Status {
          ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                           store_.facts().GetCall(request->id(), caller.scope));
          if (request->with_digits() && !caller.sees_pressed_keys) {
            return absl::PermissionDeniedError(
                caller.role == v1::ROLE_GUEST
                    ? "which keys were pressed is not for guests"
                    : "which keys were pressed is not for this role "
                      "(access.pressed_keys_from)");
          }
          // Keys are pressed in the media.
          if (request->with_digits()) {
            RETURN_IF_ERROR(retention_.CheckRecorded(record.call()));
          }
          ASSIGN_OR_RETURN(*response, ReadTimeline(store_, record, *request));
          act.SetTarget(record.call().id());
          // The answer goes out after this.
          return request->with_digits() ? act.Begin() : absl::OkStatus();
        };
        absl::Status status = read();
        return request->with_digits() ? act.End(std::move(status)) : status;
      });
}

// So does this.
grpc::ServerUnaryReactor* CallService::GetQuality(
    grpc::CallbackServerContext* context, const v1::GetQualityRequest* request,
    v1::GetQualityResponse* response) {
  return RunOn(
      streams_, access_, context, request,
      [this, request, response](const Caller& caller) -> absl::Status {
        ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                         store_.facts().GetCall(request->id(), caller.scope));
        ASSIGN_OR_RETURN(*response, ReadQuality(store_, record, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallService::AnnotateCall(
    grpc::CallbackServerContext* context,
    const v1::AnnotateCallRequest* request,
    v1::AnnotateCallResponse* response) {
  return RunOn(
      lookups_, access_, context, request,
      [this, request, response](const Caller& caller) -> absl::Status {
        AuditedAct act(access_, caller, v1::AUDIT_ACT_ANNOTATE_CALL,
                       request->id());
        const auto write = [&]() -> absl::Status {
          ASSIGN_OR_RETURN(store::v1::CallRecord record,
                           store_.facts().GetCall(request->id(), caller.scope));
          act.SetTarget(record.call().id());
          RETURN_IF_ERROR(act.Begin());
          const CallTurn turn(hub_);
          ASSIGN_OR_RETURN(record, store_.facts().Annotate(
                                       *request, caller.name, caller.scope));
          hub_.OnCallUpdated(record.call());
          *response->mutable_call() = std::move(*record.mutable_call());
          return absl::OkStatus();
        };
        return act.End(write());
      });
}

grpc::ServerUnaryReactor* CallService::HoldCall(
    grpc::CallbackServerContext* context, const v1::HoldCallRequest* request,
    v1::HoldCallResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, request, response](const Caller& caller) {
                 return orders_.Hold(*request, caller, *response);
               });
}

grpc::ServerUnaryReactor* CallService::ReleaseCall(
    grpc::CallbackServerContext* context, const v1::ReleaseCallRequest* request,
    v1::ReleaseCallResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, request, response](const Caller& caller) {
                 return orders_.Release(*request, caller, *response);
               });
}

// Reads as much as a recording does.
grpc::ServerUnaryReactor* CallService::DeleteCall(
    grpc::CallbackServerContext* context, const v1::DeleteCallRequest* request,
    v1::DeleteCallResponse* response) {
  return RunOn(streams_, access_, context, request,
               [this, request, response](const Caller& caller) {
                 return orders_.Delete(*request, caller, *response);
               });
}

grpc::ServerUnaryReactor* CallService::GetRetention(
    grpc::CallbackServerContext* context,
    const v1::GetRetentionRequest* request,
    v1::GetRetentionResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, response](const Caller& caller) {
                 *response =
                     RetentionWithin(caller.scope, retention_.Describe());
                 return absl::OkStatus();
               });
}

grpc::ServerWriteReactor<v1::WatchCallsResponse>* CallService::WatchCalls(
    grpc::CallbackServerContext* context,
    const v1::WatchCallsRequest* request) {
  const auto refuse = [](const absl::Status& status) {
    const auto refusal = WatchHub::Writer::Create(1);
    refusal->Close(status);
    return refusal.get();
  };
  const auto caller = Admit(access_, *context, *request);
  if (!caller.ok()) return refuse(caller.status());
  std::optional<LogPosition> position;
  if (!request->resume_token().empty()) {
    auto opened = hub_.tokens().Open(request->resume_token(), caller->scope);
    if (!opened.ok()) return refuse(opened.status());
    position = *opened;
  }
  auto added = hub_.Add(position                     ? WatchHub::Mode::kSilent
                        : request->include_current() ? WatchHub::Mode::kHeld
                                                     : WatchHub::Mode::kLive,
                        caller->scope, WatcherOf(*caller));
  if (!added.ok()) return refuse(added.status());
  const WatchHub::Watcher watcher = *std::move(added);
  hub_.Attach(watcher.id,
              access_.sessions().Add(
                  *caller, [this, id = watcher.id](const absl::Status& status) {
                    hub_.Remove(id, status);
                  }));
  // Tells the watcher that it misses nothing from here on.
  watcher.writer->StartSendInitialMetadata();
  auto* const reactor = watcher.writer.get();
  if (!position && !request->include_current()) return reactor;
  const absl::Status queued =
      streams_.Submit([this, watcher, position, scope = caller->scope] {
        const absl::Status status =
            position ? StartFromPosition(store_.facts(), hub_, watcher, scope,
                                         *position)
                     : StartFromCurrent(store_.facts(), hub_, watcher, scope);
        if (!status.ok()) hub_.Remove(watcher.id, status);
      });
  if (!queued.ok()) hub_.Remove(watcher.id, queued);
  return reactor;
}

grpc::ServerWriteReactor<v1::GetAudioResponse>* CallService::GetAudio(
    grpc::CallbackServerContext* context, const v1::GetAudioRequest* request) {
  return StreamOn<v1::GetAudioResponse>(
      streams_, access_, *context, *request, kPieces,
      [this, request = *request](const Caller& caller,
                                 AudioSender::Writer& writer) {
        AuditedAct act(access_, caller, v1::AUDIT_ACT_LISTEN, request.id());
        return act.End(
            SendAudio(store_, retention_, request, caller, writer, act));
      });
}

grpc::ServerWriteReactor<v1::GetFaxResponse>* CallService::GetFax(
    grpc::CallbackServerContext* context, const v1::GetFaxRequest* request) {
  return StreamOn<v1::GetFaxResponse>(
      streams_, access_, *context, *request, kPieces,
      [this, request = *request](const Caller& caller,
                                 ResponseWriter<v1::GetFaxResponse>& writer) {
        AuditedAct act(access_, caller, v1::AUDIT_ACT_READ_FAX, request.id());
        absl::Status status =
            SendFax(store_, retention_, request, caller, writer, act);
        return request.without_pages() ? status : act.End(std::move(status));
      });
}

grpc::ServerWriteReactor<v1::GetPacketsResponse>* CallService::GetPackets(
    grpc::CallbackServerContext* context,
    const v1::GetPacketsRequest* request) {
  return StreamOn<v1::GetPacketsResponse>(
      streams_, access_, *context, *request, kPieces,
      [this, request = *request](
          const Caller& caller,
          ResponseWriter<v1::GetPacketsResponse>& writer) {
        AuditedAct act(access_, caller, v1::AUDIT_ACT_EXPORT_PACKETS,
                       request.id());
        return act.End(
            SendPackets(store_, retention_, request, caller, writer, act));
      });
}

grpc::ServerWriteReactor<v1::ListenToCallResponse>* CallService::ListenToCall(
    grpc::CallbackServerContext* context,
    const v1::ListenToCallRequest* request) {
  return StreamOn<v1::ListenToCallResponse>(
      listeners_.pool(), access_, *context, *request, CallListeners::kCapacity,
      [this, request = *request, seat = listeners_.TakeSeat()](
          const Caller& caller, CallListeners::Writer& writer) mutable {
        AuditedAct act(access_, caller, v1::AUDIT_ACT_LISTEN, request.id());
        if (!caller.sees_pressed_keys) request.set_mask_keys(true);
        return act.End(
            listeners_.Listen(request, caller.scope, seat, writer, act));
      });
}

}  // namespace callbraid::collector
