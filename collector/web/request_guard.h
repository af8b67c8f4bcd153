#ifndef CALLBRAID_COLLECTOR_WEB_REQUEST_GUARD_H_
#define CALLBRAID_COLLECTOR_WEB_REQUEST_GUARD_H_

#include "absl/status/status.h"
#include "collector/web/http_message.h"

namespace callbraid::collector {

// What keeps other web sites, which a user's browser may have open, out.

// PERMISSION_DENIED: a page of another origin sent `request` (Sec-Fetch-Site,
// Origin), or, where it changes something, might have: a form can send no
// JSON.
absl::Status CheckOrigin(const HttpRequest& request);

// PERMISSION_DENIED: "Host" is neither an address, "localhost" nor this
// machine's name. For a server that asks nobody for a login: a name of somebody
// else may have been made to lead here (DNS rebinding).
absl::Status CheckHost(const HttpRequest& request);

// Of every response: nothing but our own files runs or is shown, nobody frames
// it, and nothing guesses at types.
const HttpHeaders& SecurityHeaders();

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_REQUEST_GUARD_H_
