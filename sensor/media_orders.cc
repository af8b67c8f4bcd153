#include "sensor/media_orders.h"

#include "common/net/endpoint.h"

namespace callbraid::sensor {

void Obey(const v1::MediaOrder& order, KeptStreams& streams, KeptMedia& media) {
  const auto source = FromProto(order.source());
  const auto destination = FromProto(order.destination());
  if (!source || !destination) return;
  const FlowKey flow = {*source, *destination};
  switch (order.kind()) {
    case v1::MediaOrder::KIND_KEEP:
      streams.Keep({order.capture_point(), flow, order.ssrc()});
      break;
    case v1::MediaOrder::KIND_SEND:
      streams.Send({order.capture_point(), flow, order.ssrc()});
      break;
    case v1::MediaOrder::KIND_DELIVER:
      if (order.first_sequence() > 0xffff || order.packets() > 0x8000) return;
      media.Deliver({{order.capture_point(), flow, order.ssrc()},
                     static_cast<uint16_t>(order.first_sequence()),
                     order.packets(),
                     order.near_ns()});
      break;
    default:
      break;
  }
}

}  // namespace callbraid::sensor
