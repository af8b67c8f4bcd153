#include "collector/alerts/alert_watch.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/completeness/day_counts.h"
#include "collector/doctor/doctor.h"
#include "collector/store/proto_time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/pki/certificate.h"
#include "google/protobuf/util/json_util.h"

namespace callbraid::collector {
namespace {

constexpr absl::Duration kEvery = absl::Minutes(1);
// No sink's: those have none of '!'.
constexpr char kReader[] = "!alerts";
// What began in the last minutes may have to settle yet.
constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kSettleNs = 300 * kSecondNs;
constexpr int64_t kHourNs = 3600 * kSecondNs;
// Of who reads what is open: Prometheus asks once a minute or more often.
constexpr int64_t kAskedNs = 600 * kSecondNs;

// Those that connected, with what was decided about them.
std::vector<v1::Sensor> WithTrust(std::vector<v1::Sensor> sensors,
                                  const SensorBook& book) {
  std::map<std::string, v1::SensorTrust> trust;
  for (store::v1::SensorRecord& record : book.List()) {
    trust[record.id()] = std::move(*record.mutable_trust());
  }
  for (v1::Sensor& sensor : sensors) {
    const auto known = trust.find(sensor.id());
    if (known != trust.end()) *sensor.mutable_trust() = known->second;
  }
  return sensors;
}

}  // namespace

bool WantsAlerts(const v1::EventsConfig& config) {
  const auto wants = [](const auto& sink) { return sink.alerts(); };
  return std::any_of(config.webhooks().begin(), config.webhooks().end(),
                     wants) ||
         std::any_of(config.syslog().begin(), config.syslog().end(), wants);
}

AlertWatch::AlertWatch(const v1::CollectorConfig& config,
                       const FactSources& sources, const SensorBook& sensors,
                       EventLog& log, const Clock& clock)
    : config_(config),
      tells_(WantsAlerts(config.events())),
      sources_(sources),
      sensors_(sensors),
      log_(log),
      clock_(clock) {}

AlertWatch::~AlertWatch() { Stop(); }

absl::Status AlertWatch::Start() {
  std::optional<store::v1::EventCursor> cursor;
  if (tells_) {
    ASSIGN_OR_RETURN(cursor, log_.GetCursor(kReader));
  }
  if (cursor) {
    store::v1::OpenAlerts open;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    // Of a later version, it may not be understood: what is wrong begins anew.
    (void)google::protobuf::util::JsonStringToMessage(cursor->state(), &open,
                                                      options);
    book_ = AlertBook(open);
    MutexLock lock(mutex_);
    open_.assign(open.alerts().begin(), open.alerts().end());
  }
  thread_ = Thread("alerts", [this] { Run(); });
  return absl::OkStatus();
}

void AlertWatch::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    stop_.NotifyAll();
  }
  thread_.Join();
}

bool AlertWatch::Wait(absl::Duration time) {
  MutexLock lock(mutex_);
  if (!stopping_) stop_.WaitFor(mutex_, time);
  return !stopping_;
}

bool AlertWatch::IsStopping() const {
  MutexLock lock(mutex_);
  return stopping_;
}

bool AlertWatch::IsAsked() const {
  MutexLock lock(mutex_);
  return asked_ns_ && clock_.MonotonicNs() - *asked_ns_ < kAskedNs;
}

std::vector<v1::Alert> AlertWatch::Open() {
  MutexLock lock(mutex_);
  asked_ns_ = clock_.MonotonicNs();
  return open_;
}

void AlertWatch::Forget() {
  book_ = AlertBook();
  MutexLock lock(mutex_);
  open_.clear();
}

void AlertWatch::Run() {
  bool failed = false;
  // Sensors connect first.
  while (Wait(kEvery)) {
    if (!tells_ && !IsAsked()) {
      Forget();
      continue;
    }
    const absl::Status looked = Look();
    if (absl::IsCancelled(looked)) return;
    if (looked.ok() == failed) {
      if (failed) {
        spdlog::info("alerts: what is wrong can be told again");
      } else {
        spdlog::warn("alerts: what is wrong cannot be told for now: {}",
                     std::string(looked.message()));
      }
    }
    failed = !looked.ok();
  }
}

absl::Status AlertWatch::Look() {
  ASSIGN_OR_RETURN(const AlertFacts facts, Gather());
  AlertBook next = book_;
  const std::vector<store::v1::CallEvent> events =
      next.Update(JudgeAlerts(facts), UnknownOf(facts), facts.now_ns);
  if (tells_ && !events.empty()) {
    store::v1::EventCursor cursor;
    // Fails only for times out of range.
    (void)google::protobuf::util::MessageToJsonString(next.Open(),
                                                      cursor.mutable_state());
    RETURN_IF_ERROR(log_.AppendEvents(events, kReader, cursor));
  }
  book_ = std::move(next);
  const store::v1::OpenAlerts open = book_.Open();
  MutexLock lock(mutex_);
  open_.assign(open.alerts().begin(), open.alerts().end());
  return absl::OkStatus();
}

absl::StatusOr<AlertFacts> AlertWatch::Gather() const {
  AlertFacts facts;
  facts.now_ns = clock_.WallNs();
  ASSIGN_OR_RETURN(
      const Facts known,
      GatherFacts(sources_, v1::DiagnoseRequest(), Scope::All(), facts.now_ns));
  facts.diagnosis = Diagnose(known, "");
  facts.sensors =
      WithTrust(sources_.sensors.ListSensors(Scope::All()), sensors_);
  AddDisk(facts);
  AddCertificates(facts);
  facts.min_whole_percent = config_.events().min_whole_percent();
  if (facts.min_whole_percent == 0) return facts;
  const Scope all = Scope::All();
  CallReader calls(sources_.store.facts(), all, clock_,
                   [this] { return !IsStopping(); });
  v1::GetCompletenessRequest request;
  *request.mutable_start_before() = ToTimestamp(facts.now_ns - kSettleNs);
  *request.mutable_start_from() =
      ToTimestamp(facts.now_ns - kSettleNs - kHourNs);
  ASSIGN_OR_RETURN(const v1::GetCompletenessResponse counted,
                   CountDays(request, CountLimits(), calls));
  // A share of some of the calls tells nothing of all.
  if (!counted.truncated()) {
    facts.completeness.assign(counted.days().begin(), counted.days().end());
  }
  return facts;
}

void AlertWatch::AddDisk(AlertFacts& facts) const {
  struct statvfs disk = {};
  if (statvfs(config_.data().c_str(), &disk) != 0) return;
  facts.disk_bytes = uint64_t{disk.f_blocks} * disk.f_frsize;
  facts.disk_free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize;
}

void AlertWatch::AddCertificates(AlertFacts& facts) const {
  const std::pair<const char*, const std::string&> files[] = {
      {"tls.cert", config_.tls().cert()}, {"web.cert", config_.web().cert()}};
  for (const auto& [setting, path] : files) {
    if (path.empty()) continue;
    const auto certificates = pki::ReadCertificates(path);
    if (!certificates.ok()) continue;
    facts.certificates.push_back(
        {setting, pki::ValidityOf(*certificates->front()).to_s});
  }
}

}  // namespace callbraid::collector
