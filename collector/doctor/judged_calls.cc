#include "collector/doctor/judged_calls.h"

#include <algorithm>
#include <limits>

namespace callbraid::collector {
namespace {

// By then a call that has media has shown some.
constexpr int64_t kMediaByNs = 10'000'000'000;

// The newest packet of each sensor that is stored.
std::map<std::string, int64_t> NewestMedia(const Facts& facts) {
  std::map<std::string, int64_t> newest;
  for (const CallFacts& call : facts.calls) {
    for (const v1::Stream& stream : call.call.streams()) {
      for (const v1::StreamObservation& seen : stream.observations()) {
        int64_t& time_ns = newest[seen.sensor()];
        time_ns = std::max(time_ns, ToNs(seen.end_time()));
      }
    }
  }
  return newest;
}

// When the media that are missing would have been captured at the latest.
int64_t MediaDueNs(const v1::Call& call) {
  if (call.has_end_time()) return ToNs(call.end_time());
  return ToNs(call.has_answer_time() ? call.answer_time() : call.start_time()) +
         kMediaByNs;
}

}  // namespace

std::set<std::string> SitesOf(const Facts& facts) {
  std::set<std::string> sites;
  for (const SensorFacts& sensor : facts.sensors) sites.insert(sensor.site);
  return sites;
}

JudgedCalls::JudgedCalls(const Facts& facts, const Blind& blind)
    : blind_(blind) {
  std::map<std::string, int64_t> newest = NewestMedia(facts);
  for (const SensorFacts& sensor : facts.sensors) {
    int64_t until_ns = std::numeric_limits<int64_t>::max();
    if (!sensor.connected && !sensor.ended) {
      until_ns = sensor.last_seen_ns - kMediaByNs;
    } else if (sensor.connected && sensor.waiting_media > 0) {
      until_ns = newest[sensor.id];
    }
    auto [site, added] = complete_until_ns_.try_emplace(sensor.site, until_ns);
    site->second = std::min(site->second, until_ns);
  }
}

bool JudgedCalls::Has(const CallFacts& call, const std::string& site) const {
  return call.sites.count(site) > 0 && !IsSeenByBlindAlone(call) &&
         !MayStillCome(call);
}

bool JudgedCalls::IsSeenByBlindAlone(const CallFacts& call) const {
  const auto is_blind = [this](const auto& seen) {
    return blind_.count({seen.sensor(), seen.capture_point()}) > 0;
  };
  const auto all_blind = [&is_blind](const auto& observed) {
    return std::all_of(
        observed.begin(), observed.end(), [&is_blind](const auto& each) {
          return std::all_of(each.observations().begin(),
                             each.observations().end(), is_blind);
        });
  };
  return all_blind(call.call.legs()) && all_blind(call.call.streams());
}

bool JudgedCalls::MayStillCome(const CallFacts& call) const {
  const int64_t due_ns = MediaDueNs(call.call);
  return std::any_of(call.sites.begin(), call.sites.end(),
                     [this, due_ns](const std::string& site) {
                       const auto found = complete_until_ns_.find(site);
                       return found != complete_until_ns_.end() &&
                              found->second < due_ns;
                     });
}

}  // namespace callbraid::collector
