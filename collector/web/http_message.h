#ifndef CALLBRAID_COLLECTOR_WEB_HTTP_MESSAGE_H_
#define CALLBRAID_COLLECTOR_WEB_HTTP_MESSAGE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/web/body_source.h"

namespace callbraid::collector {

// A request, whole. Values.
struct HttpRequest {
  // "GET"; a HEAD comes as the GET that it stands for.
  std::string method;
  // Without query, percent-decoded; begins with '/'.
  std::string path;
  // Decoded; of a name that is there twice, the last.
  std::map<std::string, std::string> query;
  // Names in lower case; of a name that is there twice, both values with ", "
  // between them.
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> cookies;
  std::string body;
  // Of the client, without port.
  std::string address;

  // "" if there is none.
  const std::string& Header(const std::string& name) const {
    return Find(headers, name);
  }
  const std::string& Query(const std::string& name) const {
    return Find(query, name);
  }

 private:
  static const std::string& Find(
      const std::map<std::string, std::string>& values,
      const std::string& name) {
    static const std::string& none = *new std::string;
    const auto found = values.find(name);
    return found == values.end() ? none : found->second;
  }
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  // The body; or one of the next two instead.
  std::string body;
  std::shared_ptr<const std::string> shared_body;
  std::shared_ptr<BodySource> stream;
  // Of the stream; unknown if not set.
  std::optional<uint64_t> stream_bytes;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_HTTP_MESSAGE_H_
