#include "collector/web/request_guard.h"

#include <map>
#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

HttpRequest With(const std::string& method,
                 std::map<std::string, std::string> headers) {
  HttpRequest request;
  request.method = method;
  request.headers = std::move(headers);
  request.headers.insert({"host", "calls.example.org:8443"});
  return request;
}

TEST(RequestGuard, OurOwnPagesMayAsk) {
  EXPECT_TRUE(CheckOrigin(With("GET", {})).ok());
  EXPECT_TRUE(
      CheckOrigin(With("POST", {{"content-type", "application/json"}})).ok());
  EXPECT_TRUE(
      CheckOrigin(
          With("POST", {{"content-type", "application/json; charset=utf-8"},
                        {"sec-fetch-site", "same-origin"},
                        {"origin", "https://calls.example.org:8443"}}))
          .ok());
  // Typed by hand, and a link in a mail.
  EXPECT_TRUE(CheckOrigin(With("GET", {{"sec-fetch-site", "none"}})).ok());
  EXPECT_TRUE(CheckOrigin(With("GET", {{"sec-fetch-site", "cross-site"},
                                       {"sec-fetch-mode", "navigate"},
                                       {"sec-fetch-dest", "document"}}))
                  .ok());
}

TEST(RequestGuard, PagesOfOthersMayNot) {
  EXPECT_FALSE(
      CheckOrigin(With("GET", {{"sec-fetch-site", "cross-site"}})).ok());
  EXPECT_FALSE(
      CheckOrigin(With("GET", {{"sec-fetch-site", "same-site"}})).ok());
  EXPECT_FALSE(CheckOrigin(With("GET", {{"sec-fetch-site", "cross-site"},
                                        {"sec-fetch-mode", "navigate"},
                                        {"sec-fetch-dest", "iframe"}}))
                   .ok());
  EXPECT_FALSE(CheckOrigin(With("POST", {{"content-type", "application/json"},
                                         {"sec-fetch-site", "cross-site"},
                                         {"sec-fetch-mode", "navigate"},
                                         {"sec-fetch-dest", "document"}}))
                   .ok());
  for (const char* origin :
       {"https://evil.example", "null", "https://calls.example.org",
        "https://calls.example.org:8443.evil.example"}) {
    EXPECT_FALSE(CheckOrigin(With("POST", {{"content-type", "application/json"},
                                           {"origin", origin}}))
                     .ok())
        << origin;
  }
  // What a form of another site can send.
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x"}) {
    EXPECT_FALSE(CheckOrigin(With("POST", {{"content-type", type}})).ok())
        << type;
  }
}

TEST(RequestGuard, AnOpenServerAnswersToNoNameOfOthers) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[::1]",
                           "10.0.0.1:80", "localhost", "LOCALHOST:8080"}) {
    EXPECT_TRUE(CheckHost(With("GET", {{"host", host}})).ok()) << host;
  }
  for (const char* host :
       {"evil.example", "evil.example:8080", "", ":8080",
        "localhost.evil.example", "127.0.0.1.evil.example"}) {
    EXPECT_FALSE(CheckHost(With("GET", {{"host", host}})).ok()) << host;
  }
}

}  // namespace
}  // namespace callbraid::collector
