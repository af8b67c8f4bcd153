#include "sensor/capture/interface_probe.h"

#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace callbraid::sensor {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
// Preamble, frame check sequence and gap, which the counters leave out.
constexpr uint64_t kOverheadBytes = 24;

// A socket to ask by.
class Asking {
 public:
  explicit Asking(const std::string& interface)
      : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    interface.copy(request_.ifr_name, sizeof(request_.ifr_name) - 1);
  }
  ~Asking() {
    if (fd_ >= 0) close(fd_);
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  // Null if the kernel does not say.
  const ifreq* Ask(unsigned long question) {
    return fd_ >= 0 && ioctl(fd_, question, &request_) == 0 ? &request_
                                                            : nullptr;
  }

  template <typename Answer>
  bool AskEthtool(Answer& answer) {
    request_.ifr_data = reinterpret_cast<char*>(&answer);
    return Ask(SIOCETHTOOL) != nullptr;
  }

 private:
  const int fd_;
  ifreq request_ = {};
};

std::optional<InterfaceCounts> ReadCounts(const std::string& interface) {
  ifaddrs* addresses = nullptr;
  if (getifaddrs(&addresses) != 0) return std::nullopt;
  std::optional<InterfaceCounts> counts;
  for (const ifaddrs* at = addresses; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_PACKET ||
        at->ifa_data == nullptr || interface != at->ifa_name) {
      continue;
    }
    const auto& link = *static_cast<const rtnl_link_stats*>(at->ifa_data);
    counts = {link.rx_packets, link.rx_bytes, link.multicast, link.rx_errors};
  }
  freeifaddrs(addresses);
  return counts;
}

}  // namespace

InterfaceProbe::InterfaceProbe(std::string interface)
    : interface_(std::move(interface)) {}

void InterfaceProbe::Update(int64_t now_ns) {
  ReadLink();
  if (const auto counts = ReadCounts(interface_)) Count(*counts, now_ns);
}

void InterfaceProbe::ReadLink() {
  Asking kernel(interface_);
  const ifreq* answer = kernel.Ask(SIOCGIFFLAGS);
  if (answer == nullptr) {
    state_.set_running(false);
    return;
  }
  constexpr int kWanted = IFF_UP | IFF_RUNNING;
  state_.set_running((answer->ifr_flags & kWanted) == kWanted);
  answer = kernel.Ask(SIOCGIFMTU);
  state_.set_mtu(answer == nullptr ? 0
                                   : static_cast<uint32_t>(answer->ifr_mtu));
  answer = kernel.Ask(SIOCGIFHWADDR);
  if (answer != nullptr) state_.set_mac(answer->ifr_hwaddr.sa_data, 6);

  ethtool_cmd link = {};
  link.cmd = ETHTOOL_GSET;
  const bool has_speed = kernel.AskEthtool(link);
  const uint32_t speed = has_speed ? ethtool_cmd_speed(&link) : 0;
  // All ones: unknown.
  state_.set_speed_mbit(speed > 1'000'000 || speed == 0xffff ? 0 : speed);
  ethtool_value value = {};
  value.cmd = ETHTOOL_GGRO;
  state_.set_gro(kernel.AskEthtool(value) && value.data != 0);
  value = {};
  value.cmd = ETHTOOL_GFLAGS;
  state_.set_lro(kernel.AskEthtool(value) && (value.data & ETH_FLAG_LRO) != 0);
}

void InterfaceProbe::Count(const InterfaceCounts& now, int64_t now_ns) {
  const InterfaceCounts before = std::exchange(last_, now);
  const int64_t elapsed_ns = now_ns - std::exchange(last_ns_, now_ns);
  if (!std::exchange(begun_, true)) return;
  const uint32_t frames = now.rx_frames - before.rx_frames;
  const uint32_t bytes = now.rx_bytes - before.rx_bytes;
  state_.set_rx_frames(state_.rx_frames() + frames);
  state_.set_rx_bytes(state_.rx_bytes() + bytes);
  state_.set_rx_multicast(state_.rx_multicast() +
                          (now.rx_multicast - before.rx_multicast));
  state_.set_rx_errors(state_.rx_errors() + (now.rx_errors - before.rx_errors));
  if (elapsed_ns < kNsPerSecond / 2) return;
  const uint64_t bits = 8 * (bytes + kOverheadBytes * frames);
  const auto per_second = static_cast<uint64_t>(static_cast<double>(bits) *
                                                kNsPerSecond / elapsed_ns);
  const int64_t minute = now_ns / (60 * kNsPerSecond);
  if (minute != minute_) {
    peak_before_ = minute == minute_ + 1 ? peak_ : 0;
    peak_ = 0;
    minute_ = minute;
  }
  peak_ = std::max(peak_, per_second);
  state_.set_peak_bits_per_second(std::max(peak_, peak_before_));
}

}  // namespace callbraid::sensor
