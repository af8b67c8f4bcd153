#ifndef CALLBRAID_SENSOR_CAPTURE_OPEN_LIVE_H_
#define CALLBRAID_SENSOR_CAPTURE_OPEN_LIVE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "sensor/capture/bpf_filter.h"
#include "sensor/capture/pcap_handle.h"

namespace callbraid::sensor {

// How an interface is opened; CaptureConfig with its defaults filled in.
struct LiveOptions {
  int ring_bytes = 0;
  int snaplen = 0;
  int read_timeout_ms = 0;
  // In place of the built-in filter, if not empty.
  std::string filter;
  FilterOptions built_in;
};

// INVALID_ARGUMENT if a setting is out of its range. `collector`: see
// FilterOptions.
absl::StatusOr<LiveOptions> ToLiveOptions(const v1::CaptureConfig& config,
                                          const std::string& collector);

// Starts a capture: promiscuous, TPACKET_V3 with its read timeout (immediate
// mode costs 20 to 50 times more CPU), nanoseconds where the system has them,
// non-blocking. Errors say in one line what is wrong and what to do: NOT_FOUND,
// PERMISSION_DENIED, INVALID_ARGUMENT (filter; the `any` device, which shows a
// frame on a VLAN twice, with and without its tag), UNAVAILABLE (the interface
// is down).
absl::StatusOr<PcapHandle> OpenLive(const std::string& interface,
                                    const LiveOptions& options);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_OPEN_LIVE_H_
