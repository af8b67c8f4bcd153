#ifndef CALLBRAID_SENSOR_MEDIA_ORDERS_H_
#define CALLBRAID_SENSOR_MEDIA_ORDERS_H_

#include "callbraid/v1/uplink.pb.h"
#include "sensor/frame/kept_streams.h"
#include "sensor/spool/kept_media.h"

namespace callbraid::sensor {

// Does what the collector orders about a stream: keeps its payload, which only
// a sensor is told whose operator wants it, sends it, or sends what was kept.
// What makes no sense is passed over: the collector may be of a later version.
void Obey(const v1::MediaOrder& order, KeptStreams& streams, KeptMedia& media);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_MEDIA_ORDERS_H_
