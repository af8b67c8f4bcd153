#include "sensor/capture/open_live.h"

#include <net/if.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

constexpr uint32_t kDefaultRingMib = 64;
constexpr uint32_t kMaxRingMib = 2047;  // libpcap takes bytes in an int.
constexpr uint32_t kDefaultSnaplen = 2048;
constexpr uint32_t kMinSnaplen = 64;
constexpr uint32_t kMaxSnaplen = 262144;
constexpr uint32_t kDefaultReadTimeoutMs = 40;
constexpr uint32_t kMaxReadTimeoutMs = 10'000;

absl::StatusOr<int> InRange(const char* name, uint32_t value,
                            uint32_t default_value, uint32_t min,
                            uint32_t max) {
  if (value == 0) value = default_value;
  if (value < min || value > max) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is ", value, ", not within ", min, " and ", max));
  }
  return static_cast<int>(value);
}

std::string InterfaceNames() {
  std::vector<std::string> names;
  struct if_nameindex* interfaces = if_nameindex();
  if (interfaces == nullptr) return "none";
  for (const struct if_nameindex* at = interfaces; at->if_index != 0; ++at) {
    names.push_back(at->if_name);
  }
  if_freenameindex(interfaces);
  return absl::StrJoin(names, ", ");
}

absl::Status ActivationError(const std::string& interface, int result,
                             const char* detail) {
  switch (result) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return absl::NotFoundError(
          absl::StrCat("no interface '", interface,
                       "' to capture from; there are: ", InterfaceNames()));
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return absl::PermissionDeniedError(absl::StrCat(
          "no permission to capture from '", interface,
          "': the sensor needs CAP_NET_RAW; run it by its systemd unit "
          "(AmbientCapabilities=CAP_NET_RAW) or give it to the program with "
          "`setcap cap_net_raw+ep PROGRAM`"));
    case PCAP_ERROR_IFACE_NOT_UP:
      return absl::UnavailableError(absl::StrCat("interface '", interface,
                                                 "' is down; `ip link set ",
                                                 interface, " up`"));
    default:
      return absl::UnavailableError(absl::StrCat(
          "cannot capture from '", interface, "': ", pcap_statustostr(result),
          detail[0] != '\0' ? ": " : "", detail));
  }
}

}  // namespace

absl::StatusOr<LiveOptions> ToLiveOptions(const v1::CaptureConfig& config,
                                          const std::string& collector) {
  LiveOptions options;
  ASSIGN_OR_RETURN(
      const int ring_mib,
      InRange("ring_mib", config.ring_mib(), kDefaultRingMib, 1, kMaxRingMib));
  options.ring_bytes = ring_mib << 20;
  ASSIGN_OR_RETURN(options.snaplen,
                   InRange("snaplen", config.snaplen(), kDefaultSnaplen,
                           kMinSnaplen, kMaxSnaplen));
  ASSIGN_OR_RETURN(options.read_timeout_ms,
                   InRange("read_timeout_ms", config.read_timeout_ms(),
                           kDefaultReadTimeoutMs, 1, kMaxReadTimeoutMs));
  options.filter = config.filter();
  for (const uint32_t port : config.sip_ports()) {
    if (port == 0 || port > 65535) {
      return absl::InvalidArgumentError(
          absl::StrCat("sip_ports: ", port, " is no port"));
    }
    options.built_in.sip_ports.push_back(static_cast<uint16_t>(port));
  }
  options.built_in.collector = collector;
  return options;
}

absl::StatusOr<PcapHandle> OpenLive(const std::string& interface,
                                    const LiveOptions& options) {
  if (interface == "any") {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot capture from 'any': it shows frames on a VLAN twice; name the "
        "interfaces, of: ",
        InterfaceNames()));
  }
  char error[PCAP_ERRBUF_SIZE] = "";
  PcapHandle pcap(pcap_create(interface.c_str(), error));
  if (pcap == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("cannot capture from '", interface, "': ", error));
  }
  pcap_set_snaplen(pcap.get(), options.snaplen);
  pcap_set_promisc(pcap.get(), 1);
  pcap_set_buffer_size(pcap.get(), options.ring_bytes);
  pcap_set_timeout(pcap.get(), options.read_timeout_ms);
  // Where this fails, times come in microseconds, and the handle says so.
  pcap_set_tstamp_precision(pcap.get(), PCAP_TSTAMP_PRECISION_NANO);
  const int result = pcap_activate(pcap.get());
  if (result < 0) {
    return ActivationError(interface, result, pcap_geterr(pcap.get()));
  }
  if (result > 0) {
    spdlog::warn("{}: {}", interface, pcap_statustostr(result));
  }
  RETURN_IF_ERROR(SetFilter(
      pcap.get(),
      !options.filter.empty()
          ? options.filter
          : DefaultFilter(options.built_in, pcap_datalink(pcap.get()))));
  // A blocking pcap_dispatch() on TPACKET_V3 does not return on an idle link,
  // whatever the timeout.
  if (pcap_setnonblock(pcap.get(), 1, error) != 0 ||
      pcap_get_selectable_fd(pcap.get()) < 0) {
    return absl::InternalError(absl::StrCat("cannot capture from '", interface,
                                            "' without blocking: ", error));
  }
  return pcap;
}

}  // namespace callbraid::sensor
