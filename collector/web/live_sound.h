#ifndef CALLBRAID_COLLECTOR_WEB_LIVE_SOUND_H_
#define CALLBRAID_COLLECTOR_WEB_LIVE_SOUND_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "collector/web/http_server.h"
#include "collector/web/rpc_channel.h"

namespace callbraid::collector {

// ListenToCall as a WAV file that grows while the call goes on: stereo, 16-bit
// PCM. The query's `request` is its request as JSON, without id. The answer
// begins with the first sound; what is silent although something was sent is in
// the header "Callbraid-Findings", as far as it is known then. A connection
// that takes nothing is cut.
//
// Nobody sees a client leave that waits for an answer: if there is no sound for
// so long, it is "deadline_exceeded", and whoever is still there asks again.
constexpr absl::Duration kFirstSoundPatience = absl::Seconds(30);
void ServeLiveSound(RpcChannel& channel,
                    const std::shared_ptr<HttpExchange>& exchange,
                    const std::string& call, const RpcCredentials& credentials,
                    absl::Duration patience = kFirstSoundPatience);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_LIVE_SOUND_H_
