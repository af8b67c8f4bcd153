#ifndef CALLBRAID_COLLECTOR_WEB_DOWNLOADS_H_
#define CALLBRAID_COLLECTOR_WEB_DOWNLOADS_H_

#include <memory>
#include <string>

#include "collector/web/http_server.h"
#include "collector/web/rpc_channel.h"

namespace callbraid::collector {

// Recordings and packets of a call as files, while they are made.
class Downloads {
 public:
  explicit Downloads(RpcChannel& channel) : channel_(channel) {}

  // GetAudio; the query's `request` is its request as JSON, without id. Byte
  // ranges where the size is known beforehand. With `download` the browser is
  // told to save it. What is silent although something was sent is in the
  // header "Callbraid-Findings".
  void Audio(const std::shared_ptr<HttpExchange>& exchange,
             const std::string& call, const RpcCredentials& credentials);
  // GetPackets.
  void Packets(const std::shared_ptr<HttpExchange>& exchange,
               const std::string& call, const RpcCredentials& credentials);

 private:
  RpcChannel& channel_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_DOWNLOADS_H_
