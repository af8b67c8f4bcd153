#include "collector/web/request_guard.h"

#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {
namespace {

// Of "Host": without port, in lower case.
std::string NameIn(const std::string& host) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.rfind(':');
  const bool has_port = colon != std::string::npos &&
                        (bracket == std::string::npos || colon > bracket);
  return absl::AsciiStrToLower(has_port ? host.substr(0, colon) : host);
}

std::string OwnName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "";
  return absl::AsciiStrToLower(name);
}

}  // namespace

absl::Status CheckOrigin(const HttpRequest& request) {
  const std::string& site = request.Header("sec-fetch-site");
  const std::string& origin = request.Header("origin");
  // A link from elsewhere to a page of the UI is a "GET" of a document.
  const bool changes = request.method != "GET";
  const bool by_link = !changes &&
                       request.Header("sec-fetch-mode") == "navigate" &&
                       request.Header("sec-fetch-dest") == "document";
  if (!site.empty() && site != "same-origin" && site != "none" && !by_link) {
    return absl::PermissionDeniedError("this came from another web site");
  }
  const std::string& host = request.Header("host");
  if (!origin.empty() && origin != absl::StrCat("https://", host) &&
      origin != absl::StrCat("http://", host)) {
    return absl::PermissionDeniedError("this came from another web site");
  }
  if (request.method == "POST" &&
      !absl::StartsWithIgnoreCase(request.Header("content-type"),
                                  "application/json")) {
    return absl::InvalidArgumentError(
        "the body must be JSON: content-type: application/json");
  }
  return absl::OkStatus();
}

absl::Status CheckHost(const HttpRequest& request) {
  const std::string name = NameIn(request.Header("host"));
  if (name == "localhost" || IpAddress::Parse(name)) return absl::OkStatus();
  if (!name.empty() && name == OwnName()) return absl::OkStatus();
  return absl::PermissionDeniedError(
      "this collector asks nobody for a login (insecure): it answers to its "
      "address, its host name and localhost only");
}

const HttpHeaders& SecurityHeaders() {
  static const auto& headers = *new HttpHeaders{
      {"Content-Security-Policy",
       "default-src 'self'; img-src 'self' data:; style-src 'self'; "
       "script-src 'self'; connect-src 'self'; media-src 'self' blob:; "
       "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
       "form-action 'self'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  };
  return headers;
}

}  // namespace callbraid::collector
