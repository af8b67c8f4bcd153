#include "sensor/capture_thread.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "sensor/spool/capture_point_table.h"
#include "sensor/spool/wakeup.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kRegulateNs = 1'000'000'000;

// Of v1::CapturePoint.
constexpr size_t kMaxFilterBytes = 1024;
constexpr int kMaxSipPorts = 16;

// How long the end waits for what was read to be safe.
constexpr absl::Duration kFarewell = absl::Seconds(5);

bool ReadsFiles(const v1::SensorConfig& config) {
  return config.capture().interfaces().empty();
}

}  // namespace

// As MirrorSplitter has them: one for each mirror, then its own.
std::vector<v1::CapturePoint> CaptureThread::PointsOf(
    const PacketSource& source, const v1::SensorConfig& config) {
  const v1::CaptureConfig& capture = config.capture();
  v1::CapturePoint own;
  own.set_name(source.name());
  if (ReadsFiles(config)) {
    own.set_kind(v1::CAPTURE_KIND_FILE);
  } else {
    own.set_kind(v1::CAPTURE_KIND_INTERFACE);
    own.set_snaplen(capture.snaplen());
  }
  own.set_filter(capture.filter().substr(0, kMaxFilterBytes));
  for (const uint32_t port : capture.sip_ports()) {
    if (own.sip_ports_size() == kMaxSipPorts) break;
    own.add_sip_ports(port);
  }
  std::vector<v1::CapturePoint> points;
  for (const v1::MirrorConfig& mirror : capture.mirrors()) {
    points.push_back(own);
    points.back().set_name(absl::StrCat(own.name(), ":", mirror.name()));
  }
  own.set_beside_mirrors(!points.empty());
  points.push_back(own);
  return points;
}

CaptureThread::Point::Point(const Shared& shared, uint32_t index,
                            const v1::InterfaceState* interface)
    : sink(
          {shared.signalling, shared.media.writer(), shared.spare, shared.kept},
          absl::Milliseconds(shared.config.spool().flush_ms()), shared.clock),
      pipeline(shared.config, index, sink, interface, &shared.tls_keys,
               shared.kept == nullptr ? nullptr : &shared.kept_streams) {}

CaptureThread::CaptureThread(std::unique_ptr<PacketSource> source,
                             const Shared& shared,
                             const std::vector<v1::CapturePoint>& table)
    : shared_(shared),
      // Files wait for room and for the CPU.
      regulates_coding_(!ReadsFiles(shared.config) &&
                        shared.config.media().compression() == "auto"),
      source_(std::move(source)),
      media_number_(shared.media.number()) {
  const v1::SensorConfig& config = shared.config;
  std::vector<PacketSink*> sinks;
  for (const v1::CapturePoint& point : PointsOf(*source_, config)) {
    // A mirror that comes in a tunnel has no interface of its own.
    const bool is_own =
        sinks.size() == static_cast<size_t>(config.capture().mirrors_size());
    points_.push_back(
        std::make_unique<Point>(shared, CapturePointIndex(table, point),
                                is_own ? source_->interface_state() : nullptr));
    sinks.push_back(&points_.back()->pipeline);
  }
  if (sinks.size() > 1) {
    splitter_ =
        std::make_unique<MirrorSplitter>(config.capture(), std::move(sinks));
  }
}

void CaptureThread::Start(const std::string& name,
                          std::function<void()> on_end) {
  thread_ = Thread(name, [this, on_end = std::move(on_end)] {
    Run();
    on_end();
  });
}

void CaptureThread::Run() {
  PacketSink& sink = splitter_ != nullptr ? static_cast<PacketSink&>(*splitter_)
                                          : points_.front()->pipeline;
  for (;;) {
    const absl::StatusOr<bool> more = source_->Read(sink);
    if (!more.ok()) {
      status_ = more.status();
      break;
    }
    if (!*more) break;
    if (regulates_coding_) Regulate();
    OnTime();
    FollowParts();
  }
  for (const auto& point : points_) {
    point->pipeline.Finish(source_->watermark_ns(), source_->counters());
    point->sink.Flush();
  }
  const int64_t until_ns =
      shared_.clock.MonotonicNs() + absl::ToInt64Nanoseconds(kFarewell);
  FollowParts();
  while (!parts_.empty() && shared_.clock.MonotonicNs() < until_ns) {
    Wakeup().Wait(absl::Milliseconds(10));
    FollowParts();
  }
}

void CaptureThread::FollowParts() {
  if (source_->TakePart()) {
    Part& part = parts_.emplace_back();
    for (const auto& point : points_) {
      point->pipeline.Flush();
      const auto marks = point->sink.FlushAndMark();
      part.insert(part.end(), marks.begin(), marks.end());
    }
  }
  while (
      !parts_.empty() &&
      std::all_of(parts_.front().begin(), parts_.front().end(),
                  [](const SpoolSink::Mark& mark) { return mark.is_safe(); })) {
    parts_.pop_front();
    source_->PartIsSafe();
  }
}

void CaptureThread::OnTime() {
  const uint64_t number = shared_.media.number();
  const bool other_media = number != media_number_;
  media_number_ = number;
  for (const auto& point : points_) {
    point->pipeline.OnTime(source_->watermark_ns(), source_->counters());
    if (other_media) {
      point->pipeline.EndRuns();
      point->sink.SwitchMedia(shared_.media.writer());
    }
    point->sink.OnTime();
  }
}

// Once a second.
void CaptureThread::Regulate() {
  const int64_t now_ns = shared_.clock.MonotonicNs();
  const int64_t elapsed_ns = now_ns - regulated_ns_;
  if (elapsed_ns < kRegulateNs) return;
  const int64_t cpu_ns = ThreadCpuNs();
  if (regulated_ns_ != 0) {
    const int64_t since_ns = shared_.media.WaitingSinceNs();
    regulator_.Note(
        now_ns,
        static_cast<double>(cpu_ns - cpu_ns_) / static_cast<double>(elapsed_ns),
        since_ns == 0 ? 0 : shared_.clock.WallNs() - since_ns);
    for (const auto& point : points_) {
      point->pipeline.set_effort(regulator_.effort());
    }
  }
  regulated_ns_ = now_ns;
  cpu_ns_ = cpu_ns;
}

}  // namespace callbraid::sensor
