#include "collector/ingest/phone_book.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/store/proto_time.h"
#include "common/bytes/utf8.h"

namespace callbraid::collector {
namespace {

// Of census.proto.
constexpr int kMaxHosts = 512;
constexpr int kMaxVlansOfHost = 4;
constexpr int kMaxRegistrations = 4;
constexpr size_t kMaxTextBytes = 64;
constexpr size_t kMacBytes = 6;

constexpr int64_t kLookThroughNs = 3'600'000'000'000;

std::optional<IpAddress> AddressOf(const v1::HostTraffic& host) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(host.address().data());
  return IpAddress::FromBytes({bytes, host.address().size()});
}

// "02:10:00:00:01:03"; empty unless it is one.
std::string MacOf(const v1::HostTraffic& host) {
  if (host.mac().size() != kMacBytes) return "";
  return absl::StrJoin(host.mac(), ":", [](std::string* out, char byte) {
    absl::StrAppend(out,
                    absl::Hex(static_cast<uint8_t>(byte), absl::kZeroPad2));
  });
}

// Those that say nothing, as a request that ends a registration may, leave what
// is known.
void SetUnlessEmpty(const std::string& text, std::string& field) {
  if (!text.empty()) field = ToUtf8(text, kMaxTextBytes);
}

bool IsSeenBy(const Scope& scope, const std::string& site,
              const std::string& number) {
  if (scope.all()) return true;
  // As if it called.
  store::v1::CallIndexEntry entry;
  entry.set_caller(number);
  entry.add_sites(site);
  return scope.MaySee(entry);
}

}  // namespace

void PhoneBook::Add(const FrameOrigin& origin, const v1::CaptureReport& report,
                    int64_t now_ns) {
  MutexLock lock(mutex_);
  // Also when somebody set the clock back.
  if (now_ns - looked_through_ns_ >= kLookThroughNs ||
      now_ns < looked_through_ns_) {
    DropExpired(now_ns);
    looked_through_ns_ = now_ns;
  }
  const int hosts = std::min(report.hosts_size(), kMaxHosts);
  for (int i = 0; i < hosts; ++i) {
    const v1::HostTraffic& host = report.hosts(i);
    const int count = std::min(host.registrations_size(), kMaxRegistrations);
    for (int j = 0; j < count; ++j) {
      Note(origin, host, host.registrations(j), now_ns);
    }
  }
}

void PhoneBook::Note(const FrameOrigin& origin, const v1::HostTraffic& host,
                     const v1::Registration& registration, int64_t now_ns) {
  const std::optional<IpAddress> address = AddressOf(host);
  Key key = {origin.site, ToUtf8(registration.number(), kMaxTextBytes),
             ToUtf8(registration.domain(), kMaxTextBytes),
             address.value_or(IpAddress())};
  if (!address || key.number.empty()) return;
  auto found = phones_.find(key);
  if (found == phones_.end()) {
    if (phones_.size() >= kMaxPhones) MakeRoom();
    found = phones_.emplace(std::move(key), Entry()).first;
    v1::Phone& phone = found->second.phone;
    phone.set_site(found->first.site);
    phone.set_number(found->first.number);
    phone.set_domain(found->first.domain);
    phone.set_address(address->ToString());
    *phone.mutable_first_time() = ToTimestamp(now_ns);
    Keys& keys = sites_[origin.site];
    found->second.place = keys.insert(keys.end(), &found->first);
  }
  Entry& entry = found->second;
  Keys& keys = sites_[origin.site];
  keys.splice(keys.end(), keys, entry.place);
  entry.seen_ns = now_ns;
  v1::Phone& phone = entry.phone;
  *phone.mutable_last_time() = ToTimestamp(now_ns);
  phone.set_mac(MacOf(host));
  phone.clear_vlan_ids();
  for (int i = 0; i < std::min(host.vlan_ids_size(), kMaxVlansOfHost); ++i) {
    phone.add_vlan_ids(host.vlan_ids(i));
  }
  SetUnlessEmpty(registration.user_agent(), *phone.mutable_user_agent());
  SetUnlessEmpty(registration.contact(), *phone.mutable_contact());
  phone.set_capture_point(
      absl::StrCat(origin.sensor, "/", origin.capture_point));
  phone.set_gone(registration.gone());
}

void PhoneBook::MakeRoom() {
  const auto site = std::max_element(sites_.begin(), sites_.end(),
                                     [](const auto& a, const auto& b) {
                                       return a.second.size() < b.second.size();
                                     });
  const auto oldest = phones_.find(*site->second.front());
  pushed_out_ns_ = std::max(pushed_out_ns_, oldest->second.seen_ns);
  site->second.pop_front();
  phones_.erase(oldest);
  if (site->second.empty()) sites_.erase(site);
}

void PhoneBook::DropExpired(int64_t now_ns) {
  for (auto site = sites_.begin(); site != sites_.end();) {
    Keys& keys = site->second;
    while (!keys.empty()) {
      const auto oldest = phones_.find(*keys.front());
      if (oldest->second.seen_ns > now_ns - kKeptNs) break;
      keys.pop_front();
      phones_.erase(oldest);
    }
    site = keys.empty() ? sites_.erase(site) : std::next(site);
  }
}

v1::ListPhonesResponse PhoneBook::List(const v1::ListPhonesRequest& request,
                                       const Scope& scope,
                                       int64_t now_ns) const {
  v1::ListPhonesResponse response;
  // Who may see certain calls may see nothing besides.
  if (scope.ToProto().calls_size() > 0) return response;
  MutexLock lock(mutex_);
  for (const auto& [key, entry] : phones_) {
    if (!request.site().empty() && key.site != request.site()) continue;
    if (!key.number.starts_with(request.number_prefix())) continue;
    if (entry.seen_ns <= now_ns - kKeptNs) continue;
    if (!IsSeenBy(scope, key.site, key.number)) continue;
    *response.add_phones() = entry.phone;
  }
  response.set_truncated(pushed_out_ns_ > now_ns - kKeptNs);
  return response;
}

}  // namespace callbraid::collector
