#ifndef CALLBRAID_COLLECTOR_QUERY_PACKET_EXPORT_H_
#define CALLBRAID_COLLECTOR_QUERY_PACKET_EXPORT_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/query/message_text.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Takes a piece of at most 64 KiB; an error (the reader is gone) ends the
// export.
using PieceSink = std::function<absl::Status(std::string_view)>;

enum class MediaKeys { kMasked, kShown };

struct ExportOptions {
  // What becomes of the keys of media that SIP messages name.
  MediaKeys keys = MediaKeys::kMasked;
  // Keys that were pressed (DTMF) are masked in messages; what tells them in
  // the media (KeyPackets) is exported without its payload.
  PressedKeys pressed_keys = PressedKeys::kShown;
  // Else signalling alone.
  bool media = true;
};

// Writes the frames of all of `record`'s observations as pcapng: by aligned
// time, with raw times, one interface for each capture point. Memory is bounded
// by the number of observations, not by their length. SRTP stays encrypted.
//
// Errors: those of Store and of `sink`. Stateless: any number of threads.
absl::Status ExportPackets(Store& store, const store::v1::CallRecord& record,
                           const ExportOptions& options, const PieceSink& sink);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_PACKET_EXPORT_H_
