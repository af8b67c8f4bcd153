#include "collector/web/connect_error.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/credentials.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"

namespace callbraid::collector {
namespace {

struct Code {
  const char* word;
  int http_status;
};

// By number of the gRPC code.
constexpr Code kCodes[] = {
    {"", 200},
    {"canceled", 499},
    {"unknown", 500},
    {"invalid_argument", 400},
    {"deadline_exceeded", 504},
    {"not_found", 404},
    {"already_exists", 409},
    {"permission_denied", 403},
    {"resource_exhausted", 429},
    {"failed_precondition", 400},
    {"aborted", 409},
    {"out_of_range", 400},
    {"unimplemented", 501},
    {"internal", 500},
    {"unavailable", 503},
    {"data_loss", 500},
    {"unauthenticated", 401},
};

const Code& CodeOf(const grpc::Status& status) {
  const auto number = static_cast<size_t>(status.error_code());
  return kCodes[number < std::size(kCodes) ? number : 2];
}

}  // namespace

std::string JsonString(const std::string& text) {
  google::protobuf::StringValue value;
  value.set_value(text);
  std::string json;
  // Fails for what is no UTF-8.
  if (!google::protobuf::util::MessageToJsonString(value, &json).ok()) {
    return "\"\"";
  }
  return json;
}

std::string ConnectErrorJson(const grpc::Status& status) {
  if (status.ok()) return "{}";
  return absl::StrCat(R"({"code":")", CodeOf(status).word, R"(","message":)",
                      JsonString(status.error_message()), "}");
}

HttpResponse ErrorResponse(const grpc::Status& status) {
  HttpResponse response = JsonResponse(ConnectErrorJson(status));
  response.status = CodeOf(status).http_status;
  return response;
}

HttpResponse ErrorResponse(const absl::Status& status) {
  return ErrorResponse(ToGrpc(status));
}

HttpResponse JsonResponse(std::string json) {
  HttpResponse response;
  response.headers = {{"Content-Type", "application/json"},
                      {"Cache-Control", "no-store"}};
  response.body = std::move(json);
  return response;
}

}  // namespace callbraid::collector
