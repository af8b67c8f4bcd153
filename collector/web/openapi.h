#ifndef CALLBRAID_COLLECTOR_WEB_OPENAPI_H_
#define CALLBRAID_COLLECTOR_WEB_OPENAPI_H_

#include <string>

namespace callbraid::collector {

// The web server's API as an OpenAPI 3.0 document, in JSON: every method of
// ApiMethod::All() with its messages and their comments in proto/, and the
// paths that are not RPCs. `version` is the collector's.
std::string OpenApi(const std::string& version);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_OPENAPI_H_
