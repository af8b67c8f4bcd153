#ifndef CALLBRAID_COLLECTOR_DOCTOR_HOST_BOOK_H_
#define CALLBRAID_COLLECTOR_DOCTOR_HOST_BOOK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "callbraid/v1/diagnosis.pb.h"
#include "collector/doctor/facts.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {

// One host of a site, from all that was seen of it.
struct SiteHost {
  std::string site;
  IpAddress address;
  // Empty if not known, or if it is a router's, behind which the host is.
  std::string mac;
  std::string router_mac;
  std::vector<uint32_t> vlan_ids;
  std::string number;
  bool is_server = false;
  uint64_t sip_sent = 0;
  uint64_t sip_received = 0;
  uint64_t rtp_sent = 0;
  uint64_t rtp_received = 0;
  // See SignallingHost.
  uint32_t calls = 0;
  uint32_t calls_heard = 0;
  uint32_t calls_reached = 0;
  // When the first call in which it is heard began.
  std::optional<int64_t> heard_since_ns;
  // Capture points ("sensor/name") that saw its SIP.
  std::set<std::string> capture_points;

  // What is missing of it in `call` is no matter any more: it was never heard
  // before, and is since. Somebody mended the mirror.
  bool IsHeardSince(const CallFacts& call) const {
    return heard_since_ns && *heard_since_ns > ToNs(call.call.start_time());
  }

  // "phone 103 (10.10.0.103, MAC 02:10:00:00:01:03, VLAN 100)", "PBX
  // 10.10.0.10 (...)", "10.10.0.7 (...)".
  std::string Words() const;
  // "phone 103", "PBX 10.10.0.10", "10.10.0.7".
  std::string Name() const;
};

// Who is who at each site.
class HostBook {
 public:
  explicit HostBook(const Facts& facts);

  // One that nothing is known of, for a stranger.
  SiteHost Of(const std::string& site, const IpAddress& address) const;
  // By site and address.
  const std::map<std::pair<std::string, IpAddress>, SiteHost>& hosts() const {
    return hosts_;
  }

  // For the response; at most `limit`. False if there were more.
  bool FillResponse(size_t limit, v1::DiagnoseResponse& response) const;

 private:
  SiteHost& At(const std::string& site, const IpAddress& address);
  void AddPoint(const PointFacts& point);
  void AddCall(const CallFacts& call);
  void AddNumbers(const CallFacts& call);
  void FindServers();
  void FindNumbers();

  std::map<std::pair<std::string, IpAddress>, SiteHost> hosts_;
  // Numbers under which each called, and was called.
  std::map<std::pair<std::string, IpAddress>, std::set<std::string>> callers_;
  std::map<std::pair<std::string, IpAddress>, std::set<std::string>> callees_;
  // REGISTER requests that each got.
  std::map<std::pair<std::string, IpAddress>, uint64_t> registers_;
  // Addresses behind the best MAC known of each host.
  std::map<std::pair<std::string, IpAddress>, size_t> shared_by_;
};

// What a verdict is about.
void SetHost(const SiteHost& host, v1::Verdict& verdict);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_HOST_BOOK_H_
