#include "collector/web/events.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/web/connect_error.h"
#include "common/rpc/credentials.h"

namespace callbraid::collector {

void Events::Serve(const std::shared_ptr<HttpExchange>& exchange,
                   const ApiMethod& method, const std::string& request,
                   const RpcCredentials& credentials) {
  const auto body = std::make_shared<BodyStream>();
  const auto rpc = channel_.ServerStream(method.path(), request, credentials);
  body->OnRoom([rpc] { rpc->Continue(); });
  body->OnGone([rpc] { rpc->Cancel(); });
  rpc->Start({
      .on_message =
          [body, &method](const std::string& message) {
            const auto json = method.ResponseToJson(message);
            if (!json.ok()) return true;
            const std::string token = method.ResumeTokenOf(message);
            return body->Push(absl::StrCat(
                token.empty() ? "" : absl::StrCat("id: ", token, "\n"),
                "data: ", *json, "\n\n"));
          },
      .on_done =
          [body](const grpc::Status& status) {
            body->Push(absl::StrCat(
                "event: end\ndata: ", ConnectErrorJson(status), "\n\n"));
            body->End();
          },
  });
  // The status of the RPC is an event too: EventSource does not show what comes
  // with another one of HTTP, and a watch may be silent for long.
  HttpResponse response;
  response.headers = {{"Content-Type", "text/event-stream"},
                      {"Cache-Control", "no-store"},
                      {"X-Accel-Buffering", "no"}};
  response.stream = body;
  body->Push(":\n\n");
  {
    MutexLock lock(mutex_);
    open_.push_back(body);
  }
  exchange->Respond(std::move(response));
}

void Events::Beat() {
  std::vector<std::shared_ptr<BodyStream>> open;
  {
    MutexLock lock(mutex_);
    std::erase_if(open_, [&](const std::weak_ptr<BodyStream>& weak) {
      auto body = weak.lock();
      if (body == nullptr) return true;
      open.push_back(std::move(body));
      return false;
    });
  }
  for (const auto& body : open) body->Push(":\n\n");
}

}  // namespace callbraid::collector
