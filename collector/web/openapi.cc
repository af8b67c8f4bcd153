#include "collector/web/openapi.h"

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "collector/web/api_descriptors.h"
#include "collector/web/api_method.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "nlohmann/json.hpp"

namespace callbraid::collector {
namespace {

using Json = nlohmann::ordered_json;
namespace pb = google::protobuf;

constexpr char kAbout[] =
    "Calls that Callbraid recorded. Every RPC of callbraid.v1 that people may "
    "call, by the Connect protocol (POST JSON, get JSON); streams as "
    "server-sent events. Send a token: authorization: Bearer cbt_... Fields "
    "with their default value are absent from responses.";

template <typename Descriptor>
void Describe(const Descriptor& descriptor, Json& into) {
  pb::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return;
  const std::string comment(
      absl::StripAsciiWhitespace(location.leading_comments));
  if (!comment.empty()) into["description"] = comment;
}

Json Reference(const std::string& name) {
  return {{"$ref", absl::StrCat("#/components/schemas/", name)}};
}

Json Content(const char* type, Json schema) {
  return {{type, {{"schema", std::move(schema)}}}};
}

// Protobuf's JSON mapping as schemas, for all that a message leads to.
class Schemas {
 public:
  // The schema of `message`, by reference.
  Json Of(const pb::Descriptor& message) {
    if (message.full_name() == "google.protobuf.Timestamp") {
      return {{"type", "string"}, {"format", "date-time"}};
    }
    if (message.full_name() == "google.protobuf.Duration") {
      return {{"type", "string"}, {"example", "3.5s"}};
    }
    if (made_.insert(message.name()).second) {
      Json schema = {{"type", "object"}};
      Describe(message, schema);
      Json properties = Json::object();
      for (int i = 0; i < message.field_count(); ++i) {
        const pb::FieldDescriptor& field = *message.field(i);
        properties[field.json_name()] = OfField(field);
      }
      schema["properties"] = std::move(properties);
      schemas_[message.name()] = std::move(schema);
    }
    return Reference(message.name());
  }

  Json Take() { return std::move(schemas_); }

 private:
  Json OfField(const pb::FieldDescriptor& field) {
    Json schema;
    if (field.is_map()) {
      schema = {
          {"type", "object"},
          {"additionalProperties", OfValue(*field.message_type()->field(1))}};
    } else if (field.is_repeated()) {
      schema = {{"type", "array"}, {"items", OfValue(field)}};
    } else {
      schema = OfValue(field);
    }
    // Nothing stands beside a reference in OpenAPI 3.0.
    if (schema.contains("$ref")) schema = {{"allOf", Json::array({schema})}};
    Describe(field, schema);
    return schema;
  }

  Json OfValue(const pb::FieldDescriptor& field) {
    switch (field.type()) {
      case pb::FieldDescriptor::TYPE_MESSAGE:
        return Of(*field.message_type());
      case pb::FieldDescriptor::TYPE_ENUM:
        return OfEnum(*field.enum_type());
      case pb::FieldDescriptor::TYPE_BOOL:
        return {{"type", "boolean"}};
      case pb::FieldDescriptor::TYPE_STRING:
        return {{"type", "string"}};
      case pb::FieldDescriptor::TYPE_BYTES:
        return {{"type", "string"}, {"format", "byte"}};
      case pb::FieldDescriptor::TYPE_DOUBLE:
      case pb::FieldDescriptor::TYPE_FLOAT:
        return {{"type", "number"}};
      default:
        break;
    }
    // 64 bits do not fit into a number of JSON.
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_INT64:
        return {{"type", "string"}, {"format", "int64"}};
      case pb::FieldDescriptor::CPPTYPE_UINT64:
        return {{"type", "string"}, {"format", "uint64"}};
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        return {{"type", "integer"}, {"format", "int64"}, {"minimum", 0}};
      default:
        return {{"type", "integer"}, {"format", "int32"}};
    }
  }

  Json OfEnum(const pb::EnumDescriptor& type) {
    if (made_.insert(type.name()).second) {
      Json schema = {{"type", "string"}};
      Describe(type, schema);
      Json names = Json::array();
      std::string words;
      for (int i = 0; i < type.value_count(); ++i) {
        const pb::EnumValueDescriptor& value = *type.value(i);
        names.push_back(value.name());
        Json about;
        Describe(value, about);
        if (!about.contains("description")) continue;
        absl::StrAppend(&words, words.empty() ? "" : "\n", value.name(), ": ",
                        about["description"].get<std::string>());
      }
      schema["enum"] = std::move(names);
      if (!words.empty()) {
        schema["description"] =
            schema.contains("description")
                ? absl::StrCat(schema["description"].get<std::string>(), "\n",
                               words)
                : words;
      }
      schemas_[type.name()] = std::move(schema);
    }
    return Reference(type.name());
  }

  std::set<std::string> made_;
  Json schemas_ = Json::object();
};

Json Errors() {
  return {{"description", "What went wrong, in words; docs/web.md."},
          {"content", Content("application/json", Reference("Error"))}};
}

Json Parameter(const char* name, const char* in, const char* about,
               Json schema) {
  return {{"name", name},
          {"in", in},
          {"required", std::string_view(in) == "path"},
          {"description", about},
          {"schema", std::move(schema)}};
}

// A query parameter whose value is JSON.
Json JsonParameter(Json schema) {
  return {{"name", "request"},
          {"in", "query"},
          {"description", "The request, as JSON."},
          {"content", Content("application/json", std::move(schema))}};
}

Json Operation(const pb::MethodDescriptor& method, Schemas& schemas) {
  Json operation = {
      {"operationId",
       absl::StrCat(method.service()->name(), "_", method.name())},
      {"tags", Json::array({method.service()->name()})},
  };
  Describe(method, operation);
  Json request = schemas.Of(*method.input_type());
  Json response = schemas.Of(*method.output_type());
  const bool streams = method.server_streaming();
  if (streams) {
    operation["parameters"] = Json::array({JsonParameter(std::move(request))});
    response = {
        {"type", "string"},
        {"description",
         absl::StrCat("Events, each with a ", method.output_type()->name(),
                      " as JSON; the event \"end\" comes last.")}};
  } else {
    operation["requestBody"] = {
        {"required", true},
        {"content", Content("application/json", std::move(request))}};
  }
  operation["responses"] = {
      {"200",
       {{"description", "OK"},
        {"content", Content(streams ? "text/event-stream" : "application/json",
                            std::move(response))}}},
      {"default", Errors()}};
  return operation;
}

Json FileOperation(const char* id, const char* about, const char* type,
                   Json parameters) {
  return {{"operationId", id},
          {"tags", Json::array({"files"})},
          {"description", about},
          {"parameters", std::move(parameters)},
          {"responses",
           {{"200",
             {{"description", "OK"},
              {"content",
               Content(type, {{"type", "string"}, {"format", "binary"}})}}},
            {"default", Errors()}}}};
}

void AddFiles(Schemas& schemas, const pb::DescriptorPool& pool, Json& paths) {
  const Json id =
      Parameter("id", "path", "Any id of the call.", {{"type", "string"}});
  const auto* audio =
      pool.FindMessageTypeByName("callbraid.v1.GetAudioRequest");
  paths["/calls/{id}/audio"]["get"] = FileOperation(
      "audio", "GetAudio as a file, with byte ranges.", "audio/*",
      Json::array({id, JsonParameter(schemas.Of(*audio)),
                   Parameter("download", "query", "1: to be saved.",
                             {{"type", "string"}})}));
  paths["/calls/{id}/fax"]["get"] = FileOperation(
      "fax", "GetFax as a file: its pages.", "image/tiff", Json::array({id}));
  const auto* listen =
      pool.FindMessageTypeByName("callbraid.v1.ListenToCallRequest");
  paths["/calls/{id}/listen"]["get"] = FileOperation(
      "listen", "ListenToCall as a WAV file that grows with the call.",
      "audio/wav", Json::array({id, JsonParameter(schemas.Of(*listen))}));
  paths["/calls/{id}/packets"]["get"] =
      FileOperation("packets", "GetPackets as a file.", "application/x-pcapng",
                    Json::array({id}));
}

}  // namespace

std::string OpenApi(const std::string& version) {
  pb::FileDescriptorSet files;
  files.ParseFromArray(kApiDescriptors, static_cast<int>(kApiDescriptorsSize));
  pb::DescriptorPool pool;
  for (const auto& file : files.file()) pool.BuildFile(file);

  Schemas schemas;
  Json paths = Json::object();
  for (const ApiMethod& method : ApiMethod::All()) {
    const auto* described =
        pool.FindMethodByName(method.descriptor().full_name());
    if (described == nullptr) continue;
    const bool streams = method.server_streaming();
    paths[streams ? absl::StrCat("/events", method.path()) : method.path()]
         [streams ? "get" : "post"] = Operation(*described, schemas);
  }
  AddFiles(schemas, pool, paths);
  Json all = schemas.Take();
  all["Error"] = {{"type", "object"},
                  {"properties",
                   {{"code", {{"type", "string"}, {"example", "not_found"}}},
                    {"message", {{"type", "string"}}}}}};
  const Json document = {
      {"openapi", "3.0.3"},
      {"info",
       {{"title", "Callbraid"},
        {"version", version},
        {"description", kAbout},
        {"license", {{"name", "Apache-2.0"}}}}},
      {"security", Json::array({{{"token", Json::array()}}})},
      {"paths", std::move(paths)},
      {"components",
       {{"securitySchemes",
         {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}},
        {"schemas", std::move(all)}}},
  };
  return document.dump(1);
}

}  // namespace callbraid::collector
