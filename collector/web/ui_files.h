#ifndef CALLBRAID_COLLECTOR_WEB_UI_FILES_H_
#define CALLBRAID_COLLECTOR_WEB_UI_FILES_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "collector/web/http_message.h"

namespace callbraid::collector {

// The files of the UI, read once and kept, plain and compressed. Immutable.
class UiFiles {
 public:
  // A page that says that there is no UI.
  UiFiles() = default;
  // All files below `folder`, at most 32 MiB. NOT_FOUND: no index.html in it.
  static absl::StatusOr<UiFiles> Load(const std::string& folder);

  // The file at the request's path; the start page for a place in the UI, which
  // is a path without an ending, or a call or sensor, whose id may look like
  // one; or 404.
  HttpResponse Answer(const HttpRequest& request) const;

 private:
  struct File {
    std::string content_type;
    std::shared_ptr<const std::string> bytes;
    // Null if that is not smaller.
    std::shared_ptr<const std::string> gzip;
  };

  // By path, such as "/assets/index-4f2a.js".
  std::map<std::string, File> files_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_UI_FILES_H_
