#include "collector/alerts/alert_book.h"

#include <iterator>
#include <utility>

#include "absl/time/time.h"
#include "collector/alerts/alert_rules.h"
#include "collector/store/proto_time.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kWellNs = 60'000'000'000;

store::v1::CallEvent EventOf(v1::CallEventKind kind, const v1::Alert& alert,
                             int64_t now_ns) {
  store::v1::CallEvent event;
  event.set_kind(kind);
  event.set_time_ns(now_ns);
  if (!alert.site().empty()) event.add_sites(alert.site());
  *event.mutable_alert() = alert;
  return event;
}

}  // namespace

AlertBook::AlertBook(const store::v1::OpenAlerts& open) {
  for (const v1::Alert& alert : open.alerts()) {
    if (entries_.size() == kMaxOpen) break;
    entries_[KeyOf(alert)] = {alert, /*told=*/true, /*wrong_ns=*/0};
  }
}

std::vector<store::v1::CallEvent> AlertBook::Update(
    const std::vector<v1::Alert>& wrong, const Unknown& unknown,
    int64_t now_ns) {
  for (const v1::Alert& alert : wrong) {
    const auto known = entries_.find(KeyOf(alert));
    if (known != entries_.end()) {
      Entry& entry = known->second;
      entry.wrong_ns = now_ns;
      if (alert.severity() <= entry.alert.severity()) continue;
      const google::protobuf::Timestamp begin = entry.alert.begin_time();
      entry.alert = alert;
      *entry.alert.mutable_begin_time() = begin;
      entry.told = false;
    } else if (entries_.size() < kMaxOpen) {
      Entry& entry = entries_[KeyOf(alert)];
      entry = {alert, /*told=*/false, now_ns};
      *entry.alert.mutable_begin_time() = ToTimestamp(now_ns);
    }
  }
  std::vector<store::v1::CallEvent> events;
  for (auto at = entries_.begin(); at != entries_.end();) {
    Entry& entry = at->second;
    const v1::Alert& alert = entry.alert;
    if (entry.told && unknown.Has(alert)) entry.wrong_ns = now_ns;
    // Open since before a restart.
    if (entry.wrong_ns == 0) entry.wrong_ns = now_ns;
    const bool is_wrong = entry.wrong_ns == now_ns;
    const int64_t hold_ns = absl::ToInt64Nanoseconds(HoldOf(alert.kind()));
    if (is_wrong && !entry.told &&
        now_ns - ToNs(alert.begin_time()) >= hold_ns) {
      entry.told = true;
      events.push_back(EventOf(v1::CALL_EVENT_KIND_ALERT_BEGAN, alert, now_ns));
    }
    // What was not told of must hold without a break.
    const bool is_over =
        !is_wrong && (!entry.told || now_ns - entry.wrong_ns >= kWellNs);
    if (is_over && entry.told) {
      events.push_back(EventOf(v1::CALL_EVENT_KIND_ALERT_ENDED, alert, now_ns));
    }
    at = is_over ? entries_.erase(at) : std::next(at);
  }
  return events;
}

store::v1::OpenAlerts AlertBook::Open() const {
  store::v1::OpenAlerts open;
  for (const auto& [key, entry] : entries_) {
    if (entry.told) *open.add_alerts() = entry.alert;
  }
  return open;
}

}  // namespace callbraid::collector
