#include "collector/web/api_method.h"

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "callbraid/v1/access.pb.h"
#include "callbraid/v1/completeness.pb.h"
#include "callbraid/v1/query.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/access/roles.h"
#include "google/protobuf/util/json_util.h"

namespace callbraid::collector {
namespace {

namespace pb = google::protobuf;

const pb::Message* Prototype(const pb::Descriptor* type) {
  return pb::MessageFactory::generated_factory()->GetPrototype(type);
}

const pb::FieldDescriptor* ResumeToken(const pb::Message& message) {
  return message.GetDescriptor()->FindFieldByName("resume_token");
}

}  // namespace

ApiMethod::ApiMethod(const pb::MethodDescriptor& descriptor)
    : descriptor_(&descriptor),
      path_(absl::StrCat("/", descriptor.service()->full_name(), "/",
                         descriptor.name())),
      request_(Prototype(descriptor.input_type())),
      response_(Prototype(descriptor.output_type())) {}

const std::vector<ApiMethod>& ApiMethod::All() {
  static const auto& all = *[] {
    auto* methods = new std::vector<ApiMethod>;
    for (const auto* file : {v1::ListCallsRequest::descriptor()->file(),
                             v1::ListSensorsRequest::descriptor()->file(),
                             v1::ListTokensRequest::descriptor()->file(),
                             v1::ReconcileCallsRequest::descriptor()->file()}) {
      for (int i = 0; i < file->service_count(); ++i) {
        const pb::ServiceDescriptor& service = *file->service(i);
        for (int j = 0; j < service.method_count(); ++j) {
          const pb::MethodDescriptor& method = *service.method(j);
          if (RightFor(method.full_name())) {
            methods->push_back(ApiMethod(method));
          }
        }
      }
    }
    return methods;
  }();
  return all;
}

const ApiMethod* ApiMethod::Find(const std::string& path) {
  for (const ApiMethod& method : All()) {
    if (method.path() == path) return &method;
  }
  return nullptr;
}

absl::StatusOr<std::string> ApiMethod::RequestFromJson(
    const std::string& json) const {
  const std::unique_ptr<pb::Message> request(request_->New());
  if (!json.empty()) {
    const auto parsed = pb::util::JsonStringToMessage(json, request.get());
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the request is no ", request_->GetDescriptor()->name(),
                       " in JSON: ", std::string(parsed.message())));
    }
  }
  return request->SerializeAsString();
}

absl::StatusOr<std::string> ApiMethod::ResponseToJson(
    const std::string& bytes) const {
  const std::unique_ptr<pb::Message> response(response_->New());
  std::string json;
  if (!response->ParseFromString(bytes) ||
      !pb::util::MessageToJsonString(*response, &json).ok()) {
    return absl::InternalError("the response cannot be shown as JSON");
  }
  return json;
}

std::string ApiMethod::ResumeTokenOf(const std::string& bytes) const {
  const pb::FieldDescriptor* const field = ResumeToken(*response_);
  const std::unique_ptr<pb::Message> response(response_->New());
  if (field == nullptr || !response->ParseFromString(bytes)) return "";
  return response->GetReflection()->GetString(*response, field);
}

std::string ApiMethod::Resumed(const std::string& request,
                               const std::string& token) const {
  const pb::FieldDescriptor* const field = ResumeToken(*request_);
  const std::unique_ptr<pb::Message> message(request_->New());
  // What is no text cannot be one of ours, and no string of protobuf.
  const bool sound = std::all_of(token.begin(), token.end(),
                                 [](char c) { return c > ' ' && c <= '~'; });
  if (field == nullptr || !sound || !message->ParseFromString(request)) {
    return request;
  }
  message->GetReflection()->SetString(message.get(), field, token);
  return message->SerializeAsString();
}

}  // namespace callbraid::collector
