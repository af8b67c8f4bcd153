#ifndef CALLBRAID_SENSOR_INVENTORY_REGISTRATION_H_
#define CALLBRAID_SENSOR_INVENTORY_REGISTRATION_H_

#include <optional>
#include <string_view>

#include "callbraid/v1/census.pb.h"

namespace callbraid::sensor {

// What a REGISTER request (RFC 3261, section 10.2) says of the phone that sent
// it.
//
// Nullopt of anything else: a request that a proxy passes on (it has more than
// one Via), one that only asks what is registered (no Contact), one that names
// no user. Texts are UTF-8, and cut to 64 bytes.
std::optional<v1::Registration> ParseRegistration(std::string_view message);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_INVENTORY_REGISTRATION_H_
