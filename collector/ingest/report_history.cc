#include "collector/ingest/report_history.h"

#include <algorithm>

#include "collector/ingest/bounded_report.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMinuteNs = 60'000'000'000;
constexpr int64_t kHourNs = 60 * kMinuteNs;

void Sum(const v1::HostTraffic& more, v1::HostTraffic& host) {
  host.set_rtp_sent(host.rtp_sent() + more.rtp_sent());
  host.set_rtp_received(host.rtp_received() + more.rtp_received());
  host.set_sip_sent(host.sip_sent() + more.sip_sent());
  host.set_sip_received(host.sip_received() + more.sip_received());
  host.set_registers_sent(host.registers_sent() + more.registers_sent());
  host.set_registers_received(host.registers_received() +
                              more.registers_received());
  host.set_arp(host.arp() || more.arp());
  if (more.vlan_ids_size() > 0) *host.mutable_vlan_ids() = more.vlan_ids();
}

}  // namespace

void ReportHistory::Load(const std::vector<v1::Sensor>& sensors) {
  for (const v1::Sensor& sensor : sensors) {
    AddSpools(sensor.id(), sensor.spools(), 0);
    for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
      if (!point.has_report()) continue;
      Add(sensor.id(), point.capture_point().name(), point.report());
    }
  }
}

void ReportHistory::Add(const std::string& sensor,
                        const std::string& capture_point,
                        const v1::CaptureReport& report) {
  MutexLock lock(mutex_);
  const auto key = std::pair(sensor, capture_point);
  auto found = points_.find(key);
  if (found == points_.end()) {
    MakeRoomFor(sensor);
    found = points_.emplace(key, Point()).first;
  }
  found->second.order = ++order_;
  AddReport(report, found->second);
  AddHosts(report, found->second);
}

void ReportHistory::MakeRoomFor(const std::string& sensor) {
  const auto begin = points_.lower_bound({sensor, ""});
  const auto end = std::find_if(begin, points_.end(), [&](const auto& point) {
    return point.first.first != sensor;
  });
  const auto is_older = [](const auto& a, const auto& b) {
    return a.second.order < b.second.order;
  };
  if (std::distance(begin, end) >=
      static_cast<std::ptrdiff_t>(kMaxPointsOfSensor)) {
    points_.erase(std::min_element(begin, end, is_older));
  } else if (points_.size() >= kMaxPoints) {
    points_.erase(std::min_element(points_.begin(), points_.end(), is_older));
  }
}

void ReportHistory::AddReport(const v1::CaptureReport& report, Point& point) {
  auto& reports = point.reports;
  // The sensor began anew, or a file is read again.
  if (!reports.empty() && (report.since_ns() != reports.back().since_ns() ||
                           report.packets() < reports.back().packets() ||
                           report.time_ns() < reports.back().time_ns())) {
    const uint64_t order = point.order;
    point = Point();
    point.order = order;
  }
  // The newest is kept when a minute has passed since the one before it.
  if (reports.size() >= 2 &&
      reports.back().time_ns() - reports[reports.size() - 2].time_ns() <
          kMinuteNs) {
    reports.pop_back();
  }
  reports.push_back(BoundedReport(report));
  if (reports.size() > kMaxReports) reports.pop_front();
}

void ReportHistory::AddHosts(const v1::CaptureReport& report, Point& point) {
  const std::vector<v1::HostTraffic> hosts = BoundedHosts(report);
  if (hosts.empty()) return;
  const int64_t minute = report.time_ns() / kMinuteNs;
  if (point.minutes.empty() || point.minutes.back().minute != minute) {
    point.minutes.push_back({minute, {}});
  }
  auto& sums = point.minutes.back().hosts;
  for (const v1::HostTraffic& host : hosts) {
    const auto [sum, added] =
        sums.try_emplace({host.mac(), host.address()}, host);
    if (added) {
      ++point.hosts;
    } else {
      Sum(host, sum->second);
    }
  }
  while (point.minutes.size() > 1 &&
         (point.minutes.size() > kMaxMinutes || point.hosts > kMaxHosts)) {
    point.hosts -= point.minutes.front().hosts.size();
    point.minutes.pop_front();
  }
  // Within one minute, whoever comes last in order goes.
  while (point.hosts > kMaxHosts) {
    sums.erase(std::prev(sums.end()));
    --point.hosts;
  }
}

void ReportHistory::AddSpools(
    const std::string& sensor,
    const google::protobuf::RepeatedPtrField<v1::SpoolState>& spools,
    int64_t collector_ns) {
  uint64_t frames = 0;
  for (const v1::SpoolState& spool : spools) frames += spool.discarded_frames();
  MutexLock lock(mutex_);
  if (discarded_.size() >= kMaxSensors && discarded_.count(sensor) == 0) return;
  auto& totals = discarded_[sensor];
  // Another spool.
  if (!totals.empty() && frames < totals.back().frames) totals.clear();
  if (totals.size() >= 2 &&
      totals.back().time_ns - totals[totals.size() - 2].time_ns < kMinuteNs) {
    totals.pop_back();
  }
  totals.push_back({collector_ns, frames});
  while (totals.size() >= 2 && totals[1].time_ns <= collector_ns - kHourNs) {
    totals.pop_front();
  }
}

CaptureHistory ReportHistory::Of(const std::string& sensor,
                                 const std::string& capture_point) const {
  CaptureHistory history;
  MutexLock lock(mutex_);
  const auto found = points_.find({sensor, capture_point});
  if (found == points_.end()) return history;
  const Point& point = found->second;
  history.reports.assign(point.reports.begin(), point.reports.end());
  for (const Minute& minute : point.minutes) {
    CaptureHistory::Hosts& hosts = history.hosts.emplace_back();
    hosts.minute = minute.minute;
    for (const auto& [key, host] : minute.hosts) hosts.hosts.push_back(host);
  }
  return history;
}

uint64_t ReportHistory::DiscardedBy(const std::string& sensor) const {
  MutexLock lock(mutex_);
  const auto found = discarded_.find(sensor);
  if (found == discarded_.end() || found->second.empty()) return 0;
  return found->second.back().frames - found->second.front().frames;
}

}  // namespace callbraid::collector
