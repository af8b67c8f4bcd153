#ifndef CALLBRAID_COLLECTOR_EVENTS_CDR_ROW_H_
#define CALLBRAID_COLLECTOR_EVENTS_CDR_ROW_H_

#include <string>

#include "callbraid/v1/event.pb.h"

namespace callbraid::collector {

// How a call detail record is written. All are lines with their end.

enum class CdrFormat { kCsv, kJsonLines };

// ".csv" or ".jsonl".
std::string ExtensionOf(CdrFormat format);
// What a file begins with; "" for JSON lines.
std::string CdrHeader(CdrFormat format);

// Of SETTLED: the call. Of MERGED and REMOVED: that a call which was settled,
// and may have a line, is no call of its own.
//
// CSV is that of RFC 4180, in UTF-8, times in UTC (RFC 3339), with commas. JSON
// is a Call; of the others, its "id" and "mergedInto".
std::string CdrRow(CdrFormat format, const v1::CallEvent& event);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_CDR_ROW_H_
