#ifndef CALLBRAID_COLLECTOR_WEB_DOWNLOADS_H_
#define CALLBRAID_COLLECTOR_WEB_DOWNLOADS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "collector/web/http_server.h"
#include "collector/web/recording_files.h"
#include "collector/web/rpc_channel.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// Recordings, faxes and packets of a call as files, while they are made.
// Thread-safe.
class Downloads {
 public:
  // Recordings that are played are kept in `folder` meanwhile.
  Downloads(RpcChannel& channel, std::string folder, const Clock& clock)
      : channel_(channel),
        recordings_(
            std::make_shared<RecordingFiles>(std::move(folder), clock)) {}

  // GetAudio; the query's `request` is its request as JSON, without id, here as
  // in Packets(). Byte ranges where the size is known. With `download` the
  // browser is told to save it. What is silent although something was sent is
  // in the header "Callbraid-Findings".
  void Audio(const std::shared_ptr<HttpExchange>& exchange,
             const std::string& call, const RpcCredentials& credentials);
  // GetFax: its pages.
  void Fax(const std::shared_ptr<HttpExchange>& exchange,
           const std::string& call, const RpcCredentials& credentials);
  // GetPackets.
  void Packets(const std::shared_ptr<HttpExchange>& exchange,
               const std::string& call, const RpcCredentials& credentials);

  // Lets go what nobody plays, and cuts who may not hear any more what is
  // playing. Every 15 seconds.
  void Beat();

 private:
  // Calls `then` with whether `request` may still be heard.
  void CheckStill(const RecordingFiles::Request& request,
                  std::function<void(const grpc::Status&)> then);

  RpcChannel& channel_;
  // Shared with RPCs that end after this does.
  const std::shared_ptr<RecordingFiles> recordings_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_DOWNLOADS_H_
