#ifndef CALLBRAID_COLLECTOR_EVENTS_STORED_CALL_PACKETS_H_
#define CALLBRAID_COLLECTOR_EVENTS_STORED_CALL_PACKETS_H_

#include <string>

#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/quality.pb.h"
#include "collector/events/call_packets.h"
#include "collector/query/message_text.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Out of the store. Quality is measured when it is asked for, which reads the
// media of the call once. Thread-safe.
class StoredCallPackets final : public CallPackets {
 public:
  StoredCallPackets(Store& store, PressedKeys pressed_keys)
      : store_(store), pressed_keys_(pressed_keys) {}

  absl::Status Read(const std::string& call_id, const Visit& visit) override;

 private:
  absl::StatusOr<bool> ReadSip(const store::v1::CallRecord& record,
                               const Visit& visit);
  absl::StatusOr<bool> ReadRtcp(const store::v1::CallRecord& record,
                                const Visit& visit);
  absl::Status ReadStreams(const store::v1::CallRecord& record,
                           const Visit& visit);

  Store& store_;
  const PressedKeys pressed_keys_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_STORED_CALL_PACKETS_H_
