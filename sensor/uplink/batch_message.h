#ifndef CALLBRAID_SENSOR_UPLINK_BATCH_MESSAGE_H_
#define CALLBRAID_SENSOR_UPLINK_BATCH_MESSAGE_H_

#include <cstddef>
#include <cstdint>

#include "callbraid/v1/uplink.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "sensor/spool/record_cache.h"

namespace callbraid::sensor {

// A serialized v1::ConnectRequest.
struct UplinkMessage {
  grpc::ByteBuffer bytes;
  // Of the v1::FrameBatch in it: what counts against credit.
  size_t batch_bytes = 0;
};

// A batch as it comes from the spool, with the fields before its frames put in
// front. The frames are neither parsed nor copied.
UplinkMessage BatchMessage(uint64_t spool_id, uint64_t discarded_before,
                           const SpoolBatch& batch);

// Hello or heartbeat.
UplinkMessage ControlMessage(const v1::ConnectRequest& request);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_UPLINK_BATCH_MESSAGE_H_
