#include "collector/web/downloads.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

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

// "call-0ec97266.wav". What is no id of ours is not put into a header.
std::string FileName(const std::string& call, const char* ending) {
  const std::string digits = call.substr(0, 8);
  const bool is_id =
      digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  return absl::StrCat("call-", is_id ? digits : "", ".", ending);
}

// One RPC whose messages carry the bytes of a file, and the response that is
// made of them: its head when the first message is there, an error when there
// is none.
class FileDownload : public std::enable_shared_from_this<FileDownload> {
 public:
  explicit FileDownload(std::shared_ptr<HttpExchange> exchange)
      : exchange_(std::move(exchange)) {}
  virtual ~FileDownload() = default;

  void Start(const std::shared_ptr<RpcStream>& rpc) {
    rpc_ = rpc;
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

 protected:
  struct Piece {
    std::string bytes;
    // In the first piece; 0 if it is not known.
    uint64_t total_bytes = 0;
  };
  // Nullopt: it is no message of this RPC.
  virtual std::optional<Piece> Parse(const std::string& message) = 0;
  // Headers of the first piece.
  virtual void Describe(HttpResponse& response) = 0;

  const HttpRequest& request() const { return exchange_->request(); }

 private:
  bool OnMessage(const std::string& message) {
    std::optional<Piece> piece = Parse(message);
    if (!piece) return true;
    if (!begun_) Begin(piece->total_bytes);
    const uint64_t skipped = std::min<uint64_t>(skip_, piece->bytes.size());
    skip_ -= skipped;
    std::string bytes = piece->bytes.substr(skipped, left_);
    left_ -= bytes.size();
    const bool more = body_->Push(std::move(bytes));
    if (left_ > 0) return more;
    // The rest is not asked for.
    body_->End();
    rpc_->Cancel();
    return true;
  }

  void Begin(uint64_t total_bytes) {
    begun_ = true;
    HttpResponse response;
    Describe(response);
    if (total_bytes > 0) {
      response.headers.emplace_back("Accept-Ranges", "bytes");
      const ByteRange range =
          ByteRange::Parse(request().Header("range"), total_bytes);
      skip_ = range.first;
      left_ = range.length;
      if (range.kind == ByteRange::Kind::kNone) {
        response.status = 416;
        response.headers.emplace_back("Content-Range",
                                      absl::StrCat("bytes */", total_bytes));
      } else if (range.kind == ByteRange::Kind::kPart) {
        response.status = 206;
        response.headers.emplace_back(
            "Content-Range", absl::StrCat("bytes ", skip_, "-",
                                          skip_ + left_ - 1, "/", total_bytes));
      }
      response.stream_bytes = left_;
    }
    response.stream = body_;
    exchange_->Respond(std::move(response));
  }

  void OnDone(const grpc::Status& status) {
    if (begun_) {
      status.ok() ? body_->End() : body_->Break();
    } else if (status.ok()) {
      Begin(0);
      body_->End();
    } else {
      exchange_->Respond(ErrorResponse(status));
    }
  }

  const std::shared_ptr<HttpExchange> exchange_;
  const std::shared_ptr<BodyStream> body_ = std::make_shared<BodyStream>();
  std::shared_ptr<RpcStream> rpc_;
  // Of gRPC's reactions, which do not overlap.
  bool begun_ = false;
  uint64_t skip_ = 0;
  uint64_t left_ = UINT64_MAX;
};

class AudioDownload final : public FileDownload {
 public:
  AudioDownload(std::shared_ptr<HttpExchange> exchange, std::string call,
                v1::AudioFormat format)
      : FileDownload(std::move(exchange)),
        call_(std::move(call)),
        format_(format) {}

 private:
  std::optional<Piece> Parse(const std::string& message) override {
    if (!response_.ParseFromString(message)) return std::nullopt;
    return Piece{std::move(*response_.mutable_data()), response_.total_bytes()};
  }

  void Describe(HttpResponse& response) override {
    const FileType type = TypeOf(format_);
    response.headers = {{"Content-Type", type.content_type},
                        {"Cache-Control", "no-store"}};
    if (!request().Query("download").empty()) {
      response.headers.emplace_back(
          "Content-Disposition",
          absl::StrCat("attachment; filename=\"", FileName(call_, type.ending),
                       "\""));
    }
    std::string findings = absl::StrJoin(response_.findings(), "; ");
    findings.resize(std::min(findings.size(), kMaxFindings));
    for (char& character : findings) {
      if (character < ' ' || character > '~') character = '?';
    }
    if (!findings.empty()) {
      response.headers.emplace_back("Callbraid-Findings", findings);
    }
  }

  const std::string call_;
  const v1::AudioFormat format_;
  v1::GetAudioResponse response_;
};

class PacketDownload final : public FileDownload {
 public:
  PacketDownload(std::shared_ptr<HttpExchange> exchange, std::string call)
      : FileDownload(std::move(exchange)), call_(std::move(call)) {}

 private:
  std::optional<Piece> Parse(const std::string& message) override {
    v1::GetPacketsResponse response;
    if (!response.ParseFromString(message)) return std::nullopt;
    return Piece{std::move(*response.mutable_data()), 0};
  }

  void Describe(HttpResponse& response) override {
    response.headers = {
        {"Content-Type", "application/x-pcapng"},
        {"Cache-Control", "no-store"},
        {"Content-Disposition", absl::StrCat("attachment; filename=\"",
                                             FileName(call_, "pcapng"), "\"")}};
  }

  const std::string call_;
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
  const auto download =
      std::make_shared<AudioDownload>(exchange, call, request.format());
  download->Start(channel_.ServerStream(kGetAudio, request.SerializeAsString(),
                                        credentials));
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
