#include "collector/doctor/gather.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/doctor/call_facts.h"
#include "collector/doctor/report_window.h"
#include "collector/store/proto_time.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHourNs = 3600 * kSecond;
constexpr size_t kMaxPoints = 1024;
constexpr size_t kMaxCalls = 2000;
constexpr uint32_t kPageSize = 500;
// Calls of which RTCP is read.
constexpr int kMaxCallsWithRtcp = 200;

absl::Status Check(const v1::DiagnoseRequest& request) {
  for (const auto* time : {&request.from(), &request.before()}) {
    constexpr int64_t kMaxSeconds = 4'000'000'000;
    if (time->seconds() < 0 || time->seconds() > kMaxSeconds ||
        time->nanos() < 0 || time->nanos() >= kSecond) {
      return absl::InvalidArgumentError("from, before: no time of day");
    }
  }
  if (request.has_from() && request.has_before() &&
      ToNs(request.from()) >= ToNs(request.before())) {
    return absl::InvalidArgumentError("before: is not after from");
  }
  if (!v1::SwitchFamily_IsValid(request.switch_family())) {
    return absl::InvalidArgumentError("switch_family: is not known here");
  }
  return absl::OkStatus();
}

// The sensors asked for, with all others of their sites.
absl::StatusOr<std::vector<v1::Sensor>> SensorsOf(
    const SensorDirectory& directory, const v1::DiagnoseRequest& request,
    const Scope& scope) {
  std::vector<v1::Sensor> all = directory.ListSensors(scope);
  std::set<std::string> sites;
  for (const v1::Sensor& sensor : all) {
    if ((request.sensor().empty() || sensor.id() == request.sensor()) &&
        (request.site().empty() || sensor.site() == request.site())) {
      sites.insert(sensor.site());
    }
  }
  if (sites.empty() && !request.sensor().empty()) {
    return absl::NotFoundError(
        absl::StrCat("no sensor '", request.sensor(), "'",
                     request.site().empty() ? "" : " at that site"));
  }
  if (sites.empty() && !request.site().empty()) {
    return absl::NotFoundError(absl::StrCat("no site '", request.site(), "'"));
  }
  std::vector<v1::Sensor> sensors;
  for (v1::Sensor& sensor : all) {
    if (sites.count(sensor.site()) > 0) sensors.push_back(std::move(sensor));
  }
  return sensors;
}

SensorFacts ToFacts(const v1::Sensor& sensor, const FactSources& from) {
  SensorFacts facts;
  facts.id = sensor.id();
  facts.site = sensor.site();
  facts.connected = sensor.connected();
  facts.last_seen_ns = ToNs(sensor.last_seen_time());
  facts.ended = std::all_of(sensor.capture_points().begin(),
                            sensor.capture_points().end(),
                            [](const v1::SensorCapturePoint& point) {
                              return point.report().final();
                            });
  for (const v1::SpoolState& spool : sensor.spools()) {
    if (spool.lane() == v1::SPOOL_LANE_SIGNALLING) continue;
    facts.waiting_media +=
        spool.next_sequence() -
        std::min(spool.next_sequence(), spool.first_sequence());
  }
  facts.discarded_frames = from.reports.DiscardedBy(sensor.id());
  if (sensor.has_round_trip() && !sensor.clock_epochs().empty()) {
    facts.round_trip = sensor.round_trip();
  }
  facts.clock = from.clocks.Of(sensor.id());
  return facts;
}

PointFacts ToFacts(const v1::Sensor& sensor,
                   const v1::SensorCapturePoint& point,
                   const CaptureHistory& history,
                   const v1::DiagnoseRequest& request) {
  PointFacts facts;
  facts.site = sensor.site();
  facts.sensor = sensor.id();
  facts.point = point.capture_point();
  facts.ended = point.report().final();
  CaptureHistory known = history;
  if (known.reports.empty() && point.has_report()) {
    known.reports.push_back(point.report());
  }
  if (known.reports.empty()) return facts;
  const int64_t newest_ns = known.reports.back().time_ns();
  const int64_t to_ns =
      request.has_before() ? ToNs(request.before()) : newest_ns;
  const int64_t from_ns =
      request.has_from() ? ToNs(request.from()) : to_ns - kHourNs;
  // Nothing is known of that time.
  if (known.reports.front().since_ns() > to_ns) return facts;
  ReportWindow window = WindowOf(known, from_ns, to_ns);
  facts.has_report = true;
  facts.from_ns = window.from_ns;
  facts.to_ns = window.to_ns;
  facts.window = std::move(window.report);
  facts.hosts = std::move(window.hosts);
  return facts;
}

struct Range {
  int64_t from_ns = 0;
  int64_t before_ns = 0;
};

// When calls are looked for: the time range, or when points reported. Newest
// first, without overlap.
std::vector<Range> RangesOf(const v1::DiagnoseRequest& request,
                            const std::vector<PointFacts>& points) {
  std::vector<Range> ranges;
  for (const PointFacts& point : points) {
    if (!point.has_report) continue;
    ranges.push_back(
        {request.has_from() ? ToNs(request.from()) : point.to_ns - kHourNs,
         request.has_before() ? ToNs(request.before())
                              : point.to_ns + 5 * kSecond});
  }
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return a.before_ns > b.before_ns;
  });
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (!merged.empty() && range.before_ns >= merged.back().from_ns) {
      merged.back().from_ns = std::min(merged.back().from_ns, range.from_ns);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

// Adds the call to `facts` if it concerns a site of them.
absl::Status AddCall(Store& store, const std::string& id, const Scope& scope,
                     const std::set<std::string>& sites, int& rtcp_left,
                     Facts& facts) {
  const auto record = store.facts().GetCall(id, scope);
  // It may just have become a part of another call.
  if (absl::IsNotFound(record.status())) return absl::OkStatus();
  RETURN_IF_ERROR(record.status());
  const bool with_rtcp = rtcp_left > 0 && WantsRtcp(record->call());
  if (with_rtcp) --rtcp_left;
  ASSIGN_OR_RETURN(CallFacts call, ReadCall(store, *record, with_rtcp));
  const bool concerns = std::any_of(
      call.sites.begin(), call.sites.end(),
      [&sites](const std::string& site) { return sites.count(site) > 0; });
  if (concerns) facts.calls.push_back(std::move(call));
  return absl::OkStatus();
}

absl::Status AddCalls(Store& store, const std::vector<Range>& ranges,
                      const std::set<std::string>& sites, const Scope& scope,
                      Facts& facts) {
  int rtcp_left = kMaxCallsWithRtcp;
  size_t looked_at = 0;
  for (const Range& range : ranges) {
    v1::ListCallsRequest listing;
    *listing.mutable_start_from() = ToTimestamp(range.from_ns);
    *listing.mutable_start_before() = ToTimestamp(range.before_ns);
    listing.set_page_size(kPageSize);
    do {
      ASSIGN_OR_RETURN(const CallPage page,
                       store.facts().ListCalls(listing, scope));
      for (const v1::Call& call : page.calls) {
        if (looked_at++ == kMaxCalls) {
          facts.truncated = true;
          return absl::OkStatus();
        }
        RETURN_IF_ERROR(
            AddCall(store, call.id(), scope, sites, rtcp_left, facts));
      }
      listing.set_page_token(page.next_page_token);
    } while (!listing.page_token().empty());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Facts> GatherFacts(const FactSources& from,
                                  const v1::DiagnoseRequest& request,
                                  const Scope& scope, int64_t now_ns) {
  RETURN_IF_ERROR(Check(request));
  ASSIGN_OR_RETURN(const std::vector<v1::Sensor> sensors,
                   SensorsOf(from.sensors, request, scope));
  Facts facts;
  facts.now_ns = now_ns;
  if (request.switch_family() != v1::SWITCH_FAMILY_UNSPECIFIED) {
    facts.family = request.switch_family();
  }
  std::set<std::string> sites;
  std::set<std::string> seen;
  for (const v1::Sensor& sensor : from.sensors.ListSensors(scope)) {
    seen.insert(sensor.id());
  }
  for (const v1::Sensor& sensor : sensors) {
    sites.insert(sensor.site());
    SensorFacts& known = facts.sensors.emplace_back(ToFacts(sensor, from));
    // Not by a sensor that must not be known of.
    if (!scope.all() && known.clock && !known.clock->reference().empty() &&
        seen.count(known.clock->reference()) == 0) {
      known.clock.reset();
    }
    for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
      if (facts.points.size() == kMaxPoints) {
        facts.truncated = true;
        break;
      }
      facts.points.push_back(ToFacts(
          sensor, point,
          from.reports.Of(sensor.id(), point.capture_point().name()), request));
    }
  }
  RETURN_IF_ERROR(AddCalls(from.store, RangesOf(request, facts.points), sites,
                           scope, facts));
  return facts;
}

}  // namespace callbraid::collector
