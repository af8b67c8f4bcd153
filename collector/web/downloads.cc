#include "collector/web/downloads.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "callbraid/v1/query.pb.h"
#include "collector/web/api_method.h"
#include "collector/web/body_stream.h"
#include "collector/web/byte_range.h"
#include "collector/web/connect_error.h"

namespace callbraid::collector {
namespace {

constexpr char kGetAudio[] = "/callbraid.v1.CallService/GetAudio";
constexpr char kGetPackets[] = "/callbraid.v1.CallService/GetPackets";
constexpr size_t kMaxFindings = 1000;

struct FileType {
  const char* content_type;
  const char* ending;
};

FileType TypeOf(v1::AudioFormat) { return {"audio/wav", "wav"}; }

// To be saved as "call-0ec97266.wav". What is no id of ours is not put into a
// header.
std::string Attachment(const std::string& call, const char* ending) {
  const std::string digits = call.substr(0, 8);
  const bool is_id =
      digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  return absl::StrCat("attachment; filename=\"call-", is_id ? digits : "", ".",
                      ending, "\"");
}

// In one line of a header.
std::string InOneLine(
    const google::protobuf::RepeatedPtrField<std::string>& findings) {
  std::string line = absl::StrJoin(findings, "; ");
  line.resize(std::min(line.size(), kMaxFindings));
  for (char& character : line) {
    if (character < ' ' || character > '~') character = '?';
  }
  return line;
}

// Fills `file` with what `rpc`, a GetAudio, sends.
void Write(const std::shared_ptr<RecordingFile>& file,
           const std::shared_ptr<RpcStream>& rpc) {
  rpc->Start({
      .on_message =
          [file](const std::string& message) {
            v1::GetAudioResponse response;
            if (!response.ParseFromString(message)) return true;
            file->Begin(response.total_bytes(), InOneLine(response.findings()));
            file->Append(response.data());
            return true;
          },
      .on_done = [file](const grpc::Status& status) { file->Finish(status); },
  });
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
  const ByteRange range =
      ByteRange::Parse(request.Header("range"), head.total_bytes);
  response.headers.emplace_back("Accept-Ranges", "bytes");
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

// A later part of what was asked for before.
bool GoesOn(const HttpRequest& request) {
  const std::string& range = request.Header("range");
  return !range.empty() && !absl::StartsWith(range, "bytes=0-");
}

// One RPC whose messages are sent on as they come.
class PacketDownload final
    : public std::enable_shared_from_this<PacketDownload> {
 public:
  PacketDownload(std::shared_ptr<HttpExchange> exchange, std::string call)
      : exchange_(std::move(exchange)), call_(std::move(call)) {}

  void Start(const std::shared_ptr<RpcStream>& rpc) {
    body_->OnRoom([rpc] { rpc->Continue(); });
    body_->OnGone([rpc] { rpc->Cancel(); });
    const auto self = shared_from_this();
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
    v1::GetPacketsResponse response;
    if (!response.ParseFromString(message)) return true;
    if (!begun_) Begin();
    return body_->Push(std::move(*response.mutable_data()));
  }

  void Begin() {
    begun_ = true;
    HttpResponse response;
    response.headers = {{"Content-Type", "application/x-pcapng"},
                        {"Cache-Control", "no-store"},
                        {"Content-Disposition", Attachment(call_, "pcapng")}};
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
  const std::string call_;
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
  const std::string bytes = request.SerializeAsString();
  auto found =
      recordings_.Open(absl::StrCat(credentials.address, "\n",
                                    credentials.authorization, "\n", bytes),
                       GoesOn(exchange->request()));
  if (!found.ok()) return exchange->Respond(ErrorResponse(found.status()));
  const auto& file = found->file;
  if (found->is_new) {
    Write(file, channel_.ServerStream(kGetAudio, bytes, credentials));
  }
  const FileType type = TypeOf(request.format());
  file->WhenBegun(
      [exchange, file, call, type](const RecordingFile::Head& head) {
        if (!head.status.ok()) {
          return exchange->Respond(ErrorResponse(head.status));
        }
        HttpResponse response = PartOf(file, head, exchange->request());
        response.headers.emplace_back("Content-Type", type.content_type);
        if (!exchange->request().Query("download").empty()) {
          response.headers.emplace_back("Content-Disposition",
                                        Attachment(call, type.ending));
        }
        exchange->Respond(std::move(response));
      });
}

void Downloads::Packets(const std::shared_ptr<HttpExchange>& exchange,
                        const std::string& call,
                        const RpcCredentials& credentials) {
  v1::GetPacketsRequest request;
  request.set_id(call);
  std::make_shared<PacketDownload>(exchange, call)
      ->Start(channel_.ServerStream(kGetPackets, request.SerializeAsString(),
                                    credentials));
}

}  // namespace callbraid::collector
