#ifndef CALLBRAID_COLLECTOR_WEB_API_METHOD_H_
#define CALLBRAID_COLLECTOR_WEB_API_METHOD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace callbraid::collector {

// An RPC that people may call (access/roles.h), and its messages as JSON
// (protobuf's own mapping). Immutable.
class ApiMethod {
 public:
  // All of them.
  static const std::vector<ApiMethod>& All();
  // By "/callbraid.v1.CallService/GetCall"; null if there is none.
  static const ApiMethod* Find(const std::string& path);

  const std::string& path() const { return path_; }
  bool server_streaming() const { return descriptor_->server_streaming(); }
  const google::protobuf::MethodDescriptor& descriptor() const {
    return *descriptor_;
  }

  // The request, serialized. "" is the empty one. INVALID_ARGUMENT says where
  // the text is no request.
  absl::StatusOr<std::string> RequestFromJson(const std::string& json) const;
  // A response in one line. INTERNAL: `bytes` is none.
  absl::StatusOr<std::string> ResponseToJson(const std::string& bytes) const;

  // Of a stream that can be resumed: its messages have a `resume_token`. The
  // one of a response; "" if there is none.
  std::string ResumeTokenOf(const std::string& bytes) const;
  // `request`, to go on from `token`; as it is, if that cannot be.
  std::string Resumed(const std::string& request,
                      const std::string& token) const;

 private:
  explicit ApiMethod(const google::protobuf::MethodDescriptor& descriptor);

  const google::protobuf::MethodDescriptor* descriptor_;
  std::string path_;
  const google::protobuf::Message* request_;
  const google::protobuf::Message* response_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_API_METHOD_H_
