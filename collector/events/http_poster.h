#ifndef CALLBRAID_COLLECTOR_EVENTS_HTTP_POSTER_H_
#define CALLBRAID_COLLECTOR_EVENTS_HTTP_POSTER_H_

#include <string>
#include <vector>

namespace callbraid::collector {

struct HttpPost {
  // "Name: value".
  std::vector<std::string> headers;
  std::string body;
};

struct HttpAnswer {
  // 0: none came; `error` says why, in words for people.
  int status = 0;
  std::string error;
};

// Sends requests to one URL. One thread.
class HttpPoster {
 public:
  virtual ~HttpPoster() = default;
  // All at once; an answer for each, in their order.
  virtual std::vector<HttpAnswer> Post(const std::vector<HttpPost>& posts) = 0;
  // Ends what is under way, and all that comes. From any thread.
  virtual void Interrupt() = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_HTTP_POSTER_H_
