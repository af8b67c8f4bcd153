#ifndef CALLBRAID_COLLECTOR_EVENTS_CURL_POSTER_H_
#define CALLBRAID_COLLECTOR_EVENTS_CURL_POSTER_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "collector/events/http_poster.h"

namespace callbraid::collector {

// HTTP and HTTPS by libcurl: connections are kept, redirections not followed,
// what is answered not kept, proxies of the environment not used.
class CurlPoster final : public HttpPoster {
 public:
  struct Options {
    std::string url;
    // File of authorities in PEM form; "": the system's.
    std::string ca;
    // Of a request, from connecting to the end of the answer.
    absl::Duration timeout;
  };

  explicit CurlPoster(Options options);
  ~CurlPoster() override;

  std::vector<HttpAnswer> Post(const std::vector<HttpPost>& posts) override;
  void Interrupt() override { interrupted_ = true; }

 private:
  struct Transfer;

  void SetUp(const HttpPost& post, Transfer& transfer) const;
  void Finish(std::vector<std::unique_ptr<Transfer>>& transfers);

  const Options options_;
  // A CURLM.
  void* const multi_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_CURL_POSTER_H_
