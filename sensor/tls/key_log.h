#ifndef CALLBRAID_SENSOR_TLS_KEY_LOG_H_
#define CALLBRAID_SENSOR_TLS_KEY_LOG_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "sensor/tls/secret.h"

namespace callbraid::sensor {

// By which both sides of a handshake, and a key log, know a connection.
using ClientRandom = std::array<uint8_t, 32>;

enum class SecretKind : uint8_t {
  kMaster,         // Of TLS 1.2 (RFC 5246, section 8.1).
  kClientTraffic,  // Of TLS 1.3: application_traffic_secret_0 (RFC 8446,
  kServerTraffic,  // section 7.1) of what the client and the server send.
  kExporter,       // exporter_master_secret (RFC 8446, section 7.5).
};

struct KeyLogEntry {
  SecretKind kind = SecretKind::kMaster;
  ClientRandom client_random = {};
  Secret secret;
};

enum class KeyLogLine : uint8_t {
  kEntry,
  // A comment, an empty line, or a secret that is of no use here: of the
  // handshake, or of early data.
  kIgnored,
  kMalformed,
};

// Reads a line of a key log in the format of NSS (SSLKEYLOGFILE; RFC 9850),
// with or without its line end: LABEL <client random> <secret>, in hexadecimal.
// `entry` is set if it is one.
KeyLogLine ParseKeyLogLine(std::string_view line, KeyLogEntry& entry);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_KEY_LOG_H_
