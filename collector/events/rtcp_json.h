#ifndef CALLBRAID_COLLECTOR_EVENTS_RTCP_JSON_H_
#define CALLBRAID_COLLECTOR_EVENTS_RTCP_JSON_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace callbraid::collector {

// The first sender or receiver report of a datagram of RTCP (RFC 3550, section
// 6.4) in the JSON that Homer's agents send: sender_information, ssrc, type,
// report_count, report_blocks. Nullopt if there is none: another kind, cut, or
// encrypted.
std::optional<std::string> RtcpToJson(std::span<const uint8_t> datagram);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_RTCP_JSON_H_
