#include "collector/events/event_sinks.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/events/cdr_files.h"
#include "collector/events/curl_poster.h"
#include "collector/events/hep_sink.h"
#include "collector/events/stored_call_packets.h"
#include "collector/events/syslog_sink.h"
#include "collector/events/webhook.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr absl::Duration kCutEvery = absl::Seconds(60);
constexpr int64_t kHourNs = int64_t{3'600'000'000'000};

// `words` without any mean `otherwise`.
template <typename Words>
EventKinds ChosenKinds(const Words& words, EventKinds otherwise, bool alerts) {
  EventKinds kinds = words.empty() ? std::move(otherwise) : KindsOf(words);
  if (alerts) kinds.merge(AlertKinds());
  return kinds;
}

}  // namespace

template <typename Config>
EventSinks::Runner& EventSinks::Add(const Config& config, const char* type,
                                    EventKinds kinds) {
  LogFeed::Options options;
  options.kinds = std::move(kinds);
  options.sites.assign(config.sites().begin(), config.sites().end());
  return *runners_.emplace_back(std::make_unique<Runner>(
      config.name(), type, store_.facts(), log_, std::move(options), clock_));
}

EventSinks::EventSinks(const v1::EventsConfig& config, Store& store,
                       EventLog& log, const Clock& clock)
    : config_(config), store_(store), log_(log), clock_(clock) {
  for (const v1::WebhookConfig& webhook : config_.webhooks()) {
    Runner& runner =
        Add(webhook, "webhook",
            ChosenKinds(webhook.events(), CallKinds(), webhook.alerts()));
    runner.sink = std::make_unique<Webhook>(
        webhook, runner.feed, runner.meter,
        std::make_unique<CurlPoster>(CurlPoster::Options{
            webhook.url(), webhook.ca(), absl::Seconds(webhook.timeout_s())}),
        clock_);
  }
  for (const v1::CdrFilesConfig& files : config_.cdr_files()) {
    Runner& runner = Add(files, "cdr_files", CdrFiles::Kinds());
    runner.sink =
        std::make_unique<CdrFiles>(files, runner.feed, runner.meter, clock_);
  }
  for (const v1::HepConfig& hep : config_.hep()) {
    Runner& runner = Add(hep, "hep", HepSink::Kinds());
    runner.sink = std::make_unique<HepSink>(
        hep, runner.feed, runner.meter,
        std::make_unique<StoredCallPackets>(store_, hep.mask_keys()
                                                        ? PressedKeys::kMasked
                                                        : PressedKeys::kShown),
        clock_);
  }
  for (const v1::SyslogConfig& syslog : config_.syslog()) {
    Runner& runner = Add(syslog, "syslog",
                         ChosenKinds(syslog.events(), {}, syslog.alerts()));
    runner.sink =
        std::make_unique<SyslogSink>(syslog, runner.feed, runner.meter, clock_);
  }
}

EventSinks::~EventSinks() { Stop(); }

absl::Status EventSinks::Start() {
  RETURN_IF_ERROR(log_.StartLog(clock_));
  for (const auto& runner : runners_) RETURN_IF_ERROR(runner->feed.FindPlace());
  int number = 0;
  for (const auto& runner : runners_) {
    runner->thread = Thread(absl::StrCat("event-", number++),
                            [this, &sink = *runner->sink] { Run(sink); });
  }
  keeper_ = Thread("events", [this] { Keep(); });
  return absl::OkStatus();
}

void EventSinks::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    stop_.NotifyAll();
  }
  for (const auto& runner : runners_) runner->sink->Interrupt();
  for (const auto& runner : runners_) runner->thread.Join();
  keeper_.Join();
}

std::vector<SinkState> EventSinks::States() const {
  std::vector<SinkState> states;
  for (const auto& runner : runners_) states.push_back(runner->feed.State());
  return states;
}

bool EventSinks::Wait(absl::Duration time) {
  MutexLock lock(mutex_);
  if (!stopping_ && time > absl::ZeroDuration()) stop_.WaitFor(mutex_, time);
  return !stopping_;
}

void EventSinks::Run(EventSink& sink) {
  while (Wait(sink.RunOnce())) {
  }
}

void EventSinks::Keep() {
  do {
    if (const absl::Status cut = Cut(); !cut.ok()) {
      spdlog::warn("events: what is old stays for now: {}",
                   std::string(cut.message()));
    }
  } while (Wait(kCutEvery));
}

absl::Status EventSinks::Cut() {
  const int64_t before_ns =
      clock_.WallNs() - int64_t{config_.keep_hours()} * kHourNs;
  bool more = true;
  while (more && Wait(absl::ZeroDuration())) {
    ASSIGN_OR_RETURN(more, log_.CutEvents(before_ns, config_.keep_events()));
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
