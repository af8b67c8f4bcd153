#include "collector/alerts/alert_rules.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kDayS = 24 * 3600;

v1::Alert Make(v1::AlertKind kind, v1::Severity severity, std::string text,
               std::string cure) {
  v1::Alert alert;
  alert.set_kind(kind);
  alert.set_severity(severity);
  alert.set_text(std::move(text));
  alert.set_cure(std::move(cure));
  return alert;
}

v1::Alert About(const v1::Sensor& sensor, v1::Alert alert) {
  alert.set_site(sensor.site());
  alert.set_sensor(sensor.id());
  return alert;
}

v1::AlertKind KindOf(v1::VerdictKind kind) {
  switch (kind) {
    case v1::VERDICT_KIND_SENSOR_AWAY:
      return v1::ALERT_KIND_SENSOR_AWAY;
    case v1::VERDICT_KIND_SPOOL_OVERFLOW:
      return v1::ALERT_KIND_SPOOL_FILLING;
    case v1::VERDICT_KIND_LINK_DOWN:
    case v1::VERDICT_KIND_NOTHING_RECEIVED:
    case v1::VERDICT_KIND_NO_SPAN_SESSION:
    case v1::VERDICT_KIND_ONE_DIRECTION:
      return v1::ALERT_KIND_MIRROR_FAULT;
    case v1::VERDICT_KIND_SPAN_OVERSUBSCRIBED:
    case v1::VERDICT_KIND_KERNEL_DROPS:
    case v1::VERDICT_KIND_INTERFACE_DROPS:
      return v1::ALERT_KIND_CAPTURE_LOSS;
    default:
      return v1::ALERT_KIND_UNSPECIFIED;
  }
}

// Of a network interface: a file that was read once stays as it was.
bool IsLive(const v1::Sensor& sensor, const std::string& capture_point) {
  return std::any_of(sensor.capture_points().begin(),
                     sensor.capture_points().end(), [&](const auto& point) {
                       return point.capture_point().name() == capture_point &&
                              point.capture_point().kind() ==
                                  v1::CAPTURE_KIND_INTERFACE;
                     });
}

// The worst comes first, and of one kind only that.
class Alerts {
 public:
  void Add(v1::Alert alert) {
    AlertKey key = KeyOf(alert);
    alerts_.try_emplace(std::move(key), std::move(alert));
  }
  std::vector<v1::Alert> Take() {
    std::vector<v1::Alert> all;
    for (auto& [key, alert] : alerts_) all.push_back(std::move(alert));
    return all;
  }

 private:
  std::map<AlertKey, v1::Alert> alerts_;
};

void AddVerdicts(const AlertFacts& facts, Alerts& alerts) {
  std::map<std::string, const v1::Sensor*> sensors;
  for (const v1::Sensor& sensor : facts.sensors) sensors[sensor.id()] = &sensor;
  for (const v1::Verdict& verdict : facts.diagnosis.verdicts()) {
    const v1::AlertKind kind = KindOf(verdict.kind());
    const auto sensor = sensors.find(verdict.sensor());
    if (kind == v1::ALERT_KIND_UNSPECIFIED || sensor == sensors.end()) continue;
    if (sensor->second->trust().has_revoke_time()) continue;
    const std::string& point = verdict.capture_point();
    if (!point.empty() && !IsLive(*sensor->second, point)) continue;
    v1::Alert alert =
        About(*sensor->second,
              Make(kind, verdict.severity(), verdict.text(), verdict.cure()));
    alert.set_capture_point(point);
    alerts.Add(std::move(alert));
  }
}

void AddSpools(const AlertFacts& facts, Alerts& alerts) {
  for (const v1::Sensor& sensor : facts.sensors) {
    for (const v1::SpoolState& spool : sensor.spools()) {
      if (spool.limit_bytes() == 0 ||
          spool.bytes() <= spool.limit_bytes() / 100 * kSpoolFullPercent) {
        continue;
      }
      alerts.Add(About(
          sensor,
          Make(v1::ALERT_KIND_SPOOL_FILLING, v1::SEVERITY_WARNING,
               absl::StrCat("A spool of the sensor is ",
                            spool.bytes() / (spool.limit_bytes() / 100 + 1),
                            " % full."),
               "The link to the collector is down or too slow. When the spool "
               "is full, what is oldest is thrown away, and the calls say "
               "so.")));
    }
  }
}

std::string EndsIn(int64_t seconds) {
  if (seconds <= 0) return "has expired";
  return absl::StrCat("expires in ", seconds / kDayS, " days and ",
                      seconds % kDayS / 3600, " hours");
}

std::optional<v1::Alert> JudgeCertificate(const std::string& of, int64_t left_s,
                                          const std::string& cure) {
  if (left_s >= kCertificateDays * kDayS) return std::nullopt;
  return Make(v1::ALERT_KIND_CERTIFICATE_EXPIRES,
              left_s <= 0 ? v1::SEVERITY_PROBLEM : v1::SEVERITY_WARNING,
              absl::StrCat("The certificate ", of, " ", EndsIn(left_s), "."),
              cure);
}

void AddCertificates(const AlertFacts& facts, Alerts& alerts) {
  const int64_t now_s = facts.now_ns / 1'000'000'000;
  for (const v1::Sensor& sensor : facts.sensors) {
    if (!sensor.trust().has_certificate_expire_time() ||
        sensor.trust().has_revoke_time()) {
      continue;
    }
    auto alert = JudgeCertificate(
        "of the sensor",
        sensor.trust().certificate_expire_time().seconds() - now_s,
        "Sensors renew by themselves when a third of the time is left; see the "
        "sensor's log for why this one did not.");
    if (alert) alerts.Add(About(sensor, *std::move(alert)));
  }
  for (const OwnCertificate& own : facts.certificates) {
    auto alert = JudgeCertificate(
        absl::StrCat("of the collector (", own.setting, ")"), own.to_s - now_s,
        "Put a new one in its place: it is read again without a restart.");
    if (!alert) continue;
    alert->set_setting(own.setting);
    alerts.Add(*std::move(alert));
  }
}

void AddDisk(const AlertFacts& facts, Alerts& alerts) {
  if (facts.disk_bytes == 0 ||
      facts.disk_free_bytes / kDiskFreePercent >= facts.disk_bytes / 100) {
    return;
  }
  alerts.Add(Make(
      v1::ALERT_KIND_DISK_FILLING, v1::SEVERITY_WARNING,
      absl::StrFormat("Of the collector's disk %.1f of %.1f GiB are free.",
                      static_cast<double>(facts.disk_free_bytes) / (1 << 30),
                      static_cast<double>(facts.disk_bytes) / (1 << 30)),
      "Make room, or keep calls for a shorter time. When it is full, sensors "
      "keep what they capture in their spools."));
}

struct WholeCalls {
  uint64_t answered = 0;
  uint64_t whole = 0;
  uint64_t deleted = 0;
};

// By site; those only of which so much is known that a share can be told.
std::map<std::string, WholeCalls> JudgedSites(const AlertFacts& facts) {
  std::map<std::string, WholeCalls> sites;
  for (const v1::DayCompleteness& day : facts.completeness) {
    WholeCalls& sum = sites[day.site()];
    sum.answered += day.answered();
    for (const v1::WholenessCount& count : day.counts()) {
      if (count.wholeness() == v1::WHOLENESS_WHOLE) sum.whole += count.calls();
      if (count.wholeness() == v1::WHOLENESS_MEDIA_DELETED) {
        sum.deleted += count.calls();
      }
    }
  }
  std::erase_if(sites, [](const auto& site) {
    return site.second.answered < kEnoughAnswered || site.second.deleted > 0;
  });
  return sites;
}

void AddIncomplete(const AlertFacts& facts, Alerts& alerts) {
  for (const auto& [site, sum] : JudgedSites(facts)) {
    if (sum.whole * 100 >= sum.answered * facts.min_whole_percent) continue;
    v1::Alert alert = Make(
        v1::ALERT_KIND_INCOMPLETE, v1::SEVERITY_PROBLEM,
        absl::StrCat("Of ", sum.answered, " calls answered in an hour only ",
                     sum.whole, " are recorded whole, less than ",
                     facts.min_whole_percent, " %."),
        "callbraid calls completeness tells what is missing, callbraid sensors "
        "doctor why.");
    alert.set_site(site);
    alerts.Add(std::move(alert));
  }
}

}  // namespace

std::vector<v1::Alert> JudgeAlerts(const AlertFacts& facts) {
  Alerts alerts;
  AddVerdicts(facts, alerts);
  AddSpools(facts, alerts);
  AddCertificates(facts, alerts);
  AddDisk(facts, alerts);
  AddIncomplete(facts, alerts);
  return alerts.Take();
}

AlertKey KeyOf(const v1::Alert& alert) {
  return {alert.kind(), alert.site(), alert.sensor(), alert.capture_point(),
          alert.setting()};
}

Unknown UnknownOf(const AlertFacts& facts) {
  Unknown unknown;
  for (const v1::Sensor& sensor : facts.sensors) {
    if (!sensor.connected() && !sensor.trust().has_revoke_time()) {
      unknown.away_sensors.insert(sensor.id());
    }
  }
  if (facts.min_whole_percent == 0) return unknown;
  unknown.sites_but.emplace();
  for (const auto& [site, sum] : JudgedSites(facts)) {
    unknown.sites_but->insert(site);
  }
  return unknown;
}

bool Unknown::Has(const v1::Alert& alert) const {
  switch (alert.kind()) {
    case v1::ALERT_KIND_MIRROR_FAULT:
    case v1::ALERT_KIND_CAPTURE_LOSS:
    case v1::ALERT_KIND_SPOOL_FILLING:
      return away_sensors.contains(alert.sensor());
    case v1::ALERT_KIND_INCOMPLETE:
      return sites_but && !sites_but->contains(alert.site());
    default:
      return false;
  }
}

absl::Duration HoldOf(v1::AlertKind kind) {
  switch (kind) {
    case v1::ALERT_KIND_SENSOR_AWAY:
    case v1::ALERT_KIND_SPOOL_FILLING:
    case v1::ALERT_KIND_CAPTURE_LOSS:
      return absl::Minutes(5);
    case v1::ALERT_KIND_MIRROR_FAULT:
      return absl::Minutes(10);
    default:
      return absl::ZeroDuration();
  }
}

}  // namespace callbraid::collector
