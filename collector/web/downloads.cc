#include "collector/web/downloads.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "callbraid/v1/query.pb.h"
#include "collector/web/api_method.h"
#include "collector/web/body_stream.h"
#include "collector/web/byte_range.h"
#include "collector/web/connect_error.h"
#include "collector/web/header_line.h"

namespace callbraid::collector {
namespace {

constexpr char kGetAudio[] = "/callbraid.v1.CallService/GetAudio";
constexpr char kGetFax[] = "/callbraid.v1.CallService/GetFax";
constexpr char kGetCall[] = "/callbraid.v1.CallService/GetCall";
constexpr char kGetPackets[] = "/callbraid.v1.CallService/GetPackets";
constexpr absl::Duration kTimeout = absl::Seconds(60);

struct FileType {
  const char* content_type;
  const char* ending;
};

FileType TypeOf(v1::AudioFormat format) {
  switch (format) {
    case v1::AUDIO_FORMAT_FLAC:
      return {"audio/flac", "flac"};
    case v1::AUDIO_FORMAT_OGG_OPUS:
      return {"audio/ogg", "opus"};
    case v1::AUDIO_FORMAT_MP3:
      return {"audio/mpeg", "mp3"};
    default:
      return {"audio/wav", "wav"};
  }
}

// To be saved as "call-0ec97266.wav". What is no id of ours is not put into a
// header.
std::string Attachment(const std::string& call, const char* ending) {
  const std::string digits = call.substr(0, 8);
  const bool is_id =
      digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  return absl::StrCat("attachment; filename=\"call-", is_id ? digits : "", ".",
                      ending, "\"");
}

// Fills `file` with what `rpc`, a GetAudio, sends; then calls `done`.
void Write(const std::shared_ptr<RecordingFile>& file,
           const std::shared_ptr<RpcStream>& rpc, std::function<void()> done) {
  rpc->Start({
      .on_message =
          [file, rpc](const std::string& message) {
            v1::GetAudioResponse response;
            if (!response.ParseFromString(message)) return true;
            if (!file->Begin(response.total_bytes(),
                             InOneLine(response.findings())) ||
                !file->Append(response.data())) {
              rpc->Cancel();
            }
            return true;
          },
      .on_done =
          [file, done = std::move(done)](const grpc::Status& status) {
            file->Finish(status);
            done();
          },
  });
}

std::string TagOf(const RecordingFile& file) {
  return absl::StrCat("\"", file.tag(), "\"");
}

// The part of `file` that `request` asks for.
HttpResponse PartOf(const std::shared_ptr<RecordingFile>& file,
                    const RecordingFile::Head& head,
                    const HttpRequest& request) {
  HttpResponse response;
  response.headers = {{"Cache-Control", "no-store"}};
  if (!head.findings.empty()) {
    response.headers.emplace_back("Callbraid-Findings", head.findings);
  }
  if (head.total_bytes == 0) {
    response.stream = file->Read(0, UINT64_MAX);
    return response;
  }
  // A part of what is not the same any more is of no use (RFC 9110, section
  // 13.1.5).
  const std::string& only_of = request.Header("if-range");
  const bool same = only_of.empty() || only_of == TagOf(*file);
  const ByteRange range =
      ByteRange::Parse(same ? request.Header("range") : "", head.total_bytes);
  response.headers.emplace_back("Accept-Ranges", "bytes");
  response.headers.emplace_back("ETag", TagOf(*file));
  if (range.kind == ByteRange::Kind::kNone) {
    response.status = 416;
    response.headers.emplace_back("Content-Range",
                                  absl::StrCat("bytes */", head.total_bytes));
    return response;
  }
  if (range.kind == ByteRange::Kind::kPart) {
    response.status = 206;
    response.headers.emplace_back(
        "Content-Range",
        absl::StrCat("bytes ", range.first, "-", range.first + range.length - 1,
                     "/", head.total_bytes));
  }
  response.stream = file->Read(range.first, range.length);
  response.stream_bytes = range.length;
  return response;
}

struct Name {
  std::string call;
  FileType type;
};

HttpResponse FileResponse(const std::shared_ptr<RecordingFile>& file,
                          const RecordingFile::Head& head,
                          const HttpRequest& request, const Name& name) {
  HttpResponse response = PartOf(file, head, request);
  response.headers.emplace_back("Content-Type", name.type.content_type);
  if (!request.Query("download").empty()) {
    response.headers.emplace_back("Content-Disposition",
                                  Attachment(name.call, name.type.ending));
  }
  return response;
}

// A later part of what was asked for before.
bool GoesOn(const HttpRequest& request) {
  const std::string& range = request.Header("range");
  return !range.empty() && !absl::StartsWith(range, "bytes=0-");
}

// One RPC whose messages, of type Response, are sent on as they come.
template <typename Response>
class FileDownload final
    : public std::enable_shared_from_this<FileDownload<Response>> {
 public:
  FileDownload(std::shared_ptr<HttpExchange> exchange, Name name)
      : exchange_(std::move(exchange)), name_(std::move(name)) {}

  void Start(const std::shared_ptr<RpcStream>& rpc) {
    body_->OnRoom([rpc] { rpc->Continue(); });
    body_->OnGone([rpc] { rpc->Cancel(); });
    const auto self = this->shared_from_this();
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
    Response response;
    if (!response.ParseFromString(message)) return true;
    if (!begun_) Begin();
    return body_->Push(std::move(*response.mutable_data()));
  }

  void Begin() {
    begun_ = true;
    HttpResponse response;
    response.headers = {
        {"Content-Type", name_.type.content_type},
        {"Cache-Control", "no-store"},
        {"Content-Disposition", Attachment(name_.call, name_.type.ending)}};
    response.stream = body_;
    exchange_->Respond(std::move(response));
  }

  void OnDone(const grpc::Status& status) {
    if (!begun_ && !status.ok()) {
      return exchange_->Respond(ErrorResponse(status));
    }
    if (!begun_) Begin();
    status.ok() ? body_->End() : body_->Break();
  }

  const std::shared_ptr<HttpExchange> exchange_;
  const Name name_;
  const std::shared_ptr<BodyStream> body_ = std::make_shared<BodyStream>();
  // Of gRPC's reactions, which do not overlap.
  bool begun_ = false;
};

}  // namespace

void Downloads::Audio(const std::shared_ptr<HttpExchange>& exchange,
                      const std::string& call,
                      const RpcCredentials& credentials) {
  v1::GetAudioRequest request;
  const auto given = ApiMethod::Find(kGetAudio)->RequestFromJson(
      exchange->request().Query("request"));
  if (!given.ok()) return exchange->Respond(ErrorResponse(given.status()));
  request.ParseFromString(*given);
  request.set_id(call);
  const RecordingFiles::Request asked = {credentials, call,
                                         request.SerializeAsString()};
  auto found = recordings_->Open(asked, GoesOn(exchange->request()));
  if (!found.ok()) return exchange->Respond(ErrorResponse(found.status()));
  const auto& file = found->file;
  const FileType type = TypeOf(request.format());
  const auto answer = [exchange, file, call, type] {
    file->WhenBegun([=](const RecordingFile::Head& head) {
      exchange->Respond(
          head.status.ok()
              ? FileResponse(file, head, exchange->request(), Name{call, type})
              : ErrorResponse(head.status));
    });
  };
  if (!found->is_new) {
    return CheckStill(asked, [exchange, answer](const grpc::Status& status) {
      if (status.ok()) return answer();
      exchange->Respond(ErrorResponse(status));
    });
  }
  answer();
  Write(file, channel_.ServerStream(kGetAudio, asked.audio, credentials),
        [recordings = recordings_, asked, file] {
          if (file->failed()) recordings->Drop(asked, file.get());
        });
}

void Downloads::Beat() {
  for (const auto& [request, files] : recordings_->Forget()) {
    CheckStill(request, [recordings = recordings_, request = request,
                         files = files](const grpc::Status& status) {
      switch (status.error_code()) {
        case grpc::StatusCode::UNAUTHENTICATED:
        case grpc::StatusCode::PERMISSION_DENIED:
        case grpc::StatusCode::NOT_FOUND:
          for (const auto& file : files) {
            recordings->Drop(request, file.get());
            file->CutReaders();
          }
          break;
        default:
          break;
      }
    });
  }
}

void Downloads::CheckStill(const RecordingFiles::Request& request,
                           std::function<void(const grpc::Status&)> then) {
  v1::GetCallRequest call;
  call.set_id(request.call);
  channel_.Unary(
      kGetCall, call.SerializeAsString(), request.credentials, kTimeout,
      [then = std::move(then)](const grpc::Status& status, const std::string&) {
        then(status);
      });
}

void Downloads::Fax(const std::shared_ptr<HttpExchange>& exchange,
                    const std::string& call,
                    const RpcCredentials& credentials) {
  v1::GetFaxRequest request;
  request.set_id(call);
  std::make_shared<FileDownload<v1::GetFaxResponse>>(
      exchange, Name{call, {"image/tiff", "tif"}})
      ->Start(channel_.ServerStream(kGetFax, request.SerializeAsString(),
                                    credentials));
}

void Downloads::Packets(const std::shared_ptr<HttpExchange>& exchange,
                        const std::string& call,
                        const RpcCredentials& credentials) {
  v1::GetPacketsRequest request;
  const auto given =
      ApiMethod::Find(kGetPackets)
          ->RequestFromJson(exchange->request().Query("request"));
  if (!given.ok()) return exchange->Respond(ErrorResponse(given.status()));
  request.ParseFromString(*given);
  request.set_id(call);
  std::make_shared<FileDownload<v1::GetPacketsResponse>>(
      exchange, Name{call, {"application/x-pcapng", "pcapng"}})
      ->Start(channel_.ServerStream(kGetPackets, request.SerializeAsString(),
                                    credentials));
}

}  // namespace callbraid::collector
