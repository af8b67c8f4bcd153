#ifndef CALLBRAID_COLLECTOR_WEB_CONNECT_ERROR_H_
#define CALLBRAID_COLLECTOR_WEB_CONNECT_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "collector/web/http_message.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// Errors as the Connect protocol has them: a code in words and a message, as
// JSON, and the HTTP status that goes with the code.

// `text` in quotes.
std::string JsonString(const std::string& text);

// {"code":"not_found","message":"..."}; {} if `status` is OK.
std::string ConnectErrorJson(const grpc::Status& status);

HttpResponse ErrorResponse(const grpc::Status& status);
HttpResponse ErrorResponse(const absl::Status& status);

HttpResponse JsonResponse(std::string json);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_CONNECT_ERROR_H_
