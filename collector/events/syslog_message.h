#ifndef CALLBRAID_COLLECTOR_EVENTS_SYSLOG_MESSAGE_H_
#define CALLBRAID_COLLECTOR_EVENTS_SYSLOG_MESSAGE_H_

#include <cstdint>
#include <string>

#include "callbraid/v1/event.pb.h"

namespace callbraid::collector {

// Who says it.
struct SyslogOrigin {
  uint32_t facility = 16;
  std::string host;
  int pid = 0;
};

// `event` as RFC 5424, section 6 has it, with the kind as MSGID and severity 6,
// of alerts 3 to 5;
// what happened as NAME="VALUE", where '"' and '\' stand behind a '\' and what
// controls a terminal is '?'. UTF-8, without end of line. At most 2 KiB, which
// every receiver takes that RFC 5424 would have.
std::string SyslogMessage(const SyslogOrigin& origin,
                          const v1::CallEvent& event);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_SYSLOG_MESSAGE_H_
