#include "sensor/sensor.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/rpc/credentials.h"
#include "sensor/capture/file_source.h"
#include "sensor/capture/live_source.h"
#include "sensor/sensor_config.h"
#include "sensor/spool/capture_point_table.h"

namespace callbraid::sensor {
namespace {

// How long a sensor that is stopped tries to get rid of its frames.
constexpr absl::Duration kFarewell = absl::Seconds(5);
// How often Run() looks around when nobody wakes it.
constexpr absl::Duration kLookAround = absl::Milliseconds(500);

// Of v1::CapturePoint.
constexpr size_t kMaxFilterBytes = 1024;
constexpr int kMaxSipPorts = 16;

uint64_t RandomInstanceId() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

}  // namespace

Sensor::Capture::Capture(std::unique_ptr<PacketSource> opened,
                         const std::shared_ptr<SpoolWriter>& signalling,
                         const SpoolSeries& media,
                         const v1::SensorConfig& config, uint32_t index,
                         const Clock& clock)
    : source(std::move(opened)),
      media_number(media.number()),
      sink(signalling, media.writer(),
           absl::Milliseconds(config.spool().flush_ms()), clock),
      pipeline(config, index, sink, source->interface_state()) {}

Sensor::Sensor(const v1::SensorConfig& config, const Clock& clock)
    : config_(config),
      clock_(clock),
      reads_files_(!config.capture().files().empty()) {}

Sensor::~Sensor() {
  Stop();
  FinishCaptures();
}

absl::StatusOr<std::unique_ptr<Sensor>> Sensor::Create(
    const v1::SensorConfig& config, const std::string& version,
    const Clock& clock) {
  const v1::UplinkConfig& to = config.uplink();
  ASSIGN_OR_RETURN(const auto credentials,
                   ClientCredentials(to.tls(), to.insecure()));
  auto sensor = std::unique_ptr<Sensor>(new Sensor(config, clock));
  RETURN_IF_ERROR(sensor->OpenSpools());
  RETURN_IF_ERROR(sensor->OpenCaptures(version));
  sensor->uplink_options_.target = to.collector();
  sensor->uplink_options_.tls = to.tls();
  sensor->uplink_options_.dial = [to, credentials] {
    return Dial(to.collector(), to.tls(), credentials);
  };
  sensor->uplink_options_.give_up_when_refused = sensor->reads_files_;
  sensor->uplink_options_.on_refused = [&changed = sensor->changed_] {
    changed.Raise();
  };
  return sensor;
}

absl::Status Sensor::OpenSpools() {
  const v1::SpoolConfig& spool = config_.spool();
  SpoolOptions signalling;
  signalling.dir = absl::StrCat(spool.dir(), "/signalling");
  signalling.lane = v1::SPOOL_LANE_SIGNALLING;
  signalling.limit_bytes = uint64_t{spool.signalling_mib()} << 20;
  signalling.appended = &to_send_;
  SpoolOptions media = signalling;
  media.dir = absl::StrCat(spool.dir(), "/media");
  media.lane = v1::SPOOL_LANE_MEDIA;
  media.limit_bytes = uint64_t{spool.media_mib()} << 20;
  ASSIGN_OR_RETURN(signalling_spool_, Spool::Open(std::move(signalling)));

  SpoolWriterOptions writer;
  writer.sync_interval = absl::Milliseconds(spool.sync_ms());
  writer.lossless = reads_files_;
  writer.thread_name = "spool-sip";
  signalling_writer_ =
      std::make_shared<SpoolWriter>(writer, *signalling_spool_, clock_);
  writer.thread_name = "spool-media";
  ASSIGN_OR_RETURN(
      media_, SpoolSeries::Open(std::move(media), std::move(writer), clock_));
  return absl::OkStatus();
}

std::vector<QueuedSpool> Sensor::QueuedSpools() const {
  std::vector<QueuedSpool> queue = {{signalling_spool_, /*backlog=*/false}};
  for (auto& spool : media_->spools()) {
    queue.push_back({std::move(spool), /*backlog=*/queue.size() > 1});
  }
  return queue;
}

uint64_t Sensor::PendingFrames() const {
  return signalling_spool_->pending_frames() + media_->pending_frames();
}

std::vector<v1::CapturePoint> Sensor::ConfiguredPoints() const {
  const v1::CaptureConfig& capture = config_.capture();
  std::vector<v1::CapturePoint> points;
  for (const std::string& interface : capture.interfaces()) {
    points.emplace_back().set_name(interface);
    points.back().set_kind(v1::CAPTURE_KIND_INTERFACE);
    points.back().set_snaplen(capture.snaplen());
  }
  for (const std::string& path : capture.files()) {
    points.emplace_back().set_name(FileName(path));
    points.back().set_kind(v1::CAPTURE_KIND_FILE);
  }
  for (v1::CapturePoint& point : points) {
    point.set_filter(capture.filter().substr(0, kMaxFilterBytes));
    for (const uint32_t port : capture.sip_ports()) {
      if (point.sip_ports_size() == kMaxSipPorts) break;
      point.add_sip_ports(port);
    }
  }
  return points;
}

absl::Status Sensor::OpenCaptures(const std::string& version) {
  const v1::CaptureConfig& capture = config_.capture();
  std::vector<std::unique_ptr<PacketSource>> sources;
  for (const std::string& interface : capture.interfaces()) {
    ASSIGN_OR_RETURN(sources.emplace_back(),
                     LiveSource::Open(interface, capture,
                                      config_.uplink().collector(), clock_));
  }
  for (const std::string& path : capture.files()) {
    ASSIGN_OR_RETURN(sources.emplace_back(),
                     FileSource::Open(path, capture, clock_));
  }

  const std::vector<v1::CapturePoint> configured = ConfiguredPoints();
  ASSIGN_OR_RETURN(const auto table,
                   AgreeOnCapturePoints(config_.spool().dir(), config_.id(),
                                        configured, PendingFrames() == 0));
  for (size_t i = 0; i < sources.size(); ++i) {
    captures_.push_back(std::make_unique<Capture>(
        std::move(sources[i]), signalling_writer_, *media_, config_,
        CapturePointIndex(table, configured[i]), clock_));
  }

  v1::Hello& hello = uplink_options_.hello;
  hello.set_sensor_id(config_.id());
  hello.set_site(config_.site());
  hello.set_version(version);
  hello.set_instance_id(RandomInstanceId());
  hello.mutable_capture_points()->Assign(table.begin(), table.end());
  return absl::OkStatus();
}

void Sensor::StartCaptures() {
  running_captures_ = captures_.size();
  for (size_t i = 0; i < captures_.size(); ++i) {
    Capture& capture = *captures_[i];
    capture.thread = Thread(absl::StrCat("capture-", i),
                            [this, &capture] { RunCapture(capture); });
  }
}

void Sensor::RunCapture(Capture& capture) {
  PacketSource& source = *capture.source;
  for (;;) {
    const absl::StatusOr<bool> more = source.Read(capture.pipeline);
    if (!more.ok()) {
      capture.status = more.status();
      break;
    }
    if (!*more) break;
    capture.pipeline.OnTime(source.watermark_ns(), source.counters());
    if (media_->number() != capture.media_number) {
      capture.pipeline.EndRuns();
      capture.media_number = media_->number();
      capture.sink.SwitchMedia(media_->writer());
    }
    capture.sink.OnTime();
  }
  capture.pipeline.Finish(source.watermark_ns(), source.counters());
  capture.sink.Flush();
  --running_captures_;
  changed_.Raise();
}

absl::Status Sensor::Run() {
  uplink_options_.spools = [this] { return QueuedSpools(); };
  uplink_options_.set_backlog_apart = [this] {
    return media_->SetBacklogApart();
  };
  uplink_ = std::make_unique<Uplink>(uplink_options_, to_send_, clock_);
  if (!config_.uplink().insecure()) {
    Renewal::Options renewal;
    renewal.tls = config_.uplink().tls();
    renewal.sensor_id = config_.id();
    renewal.target = uplink_options_.target;
    renewal.dial = uplink_options_.dial;
    renewal_ = std::make_unique<Renewal>(std::move(renewal), clock_);
  }
  StartCaptures();
  FinishCaptures();
  const absl::Status delivered =
      reads_files_ ? DeliverFiles() : DeliverForAWhile();
  uplink_->Stop();
  renewal_.reset();
  RETURN_IF_ERROR(delivered);
  for (const auto& capture : captures_) RETURN_IF_ERROR(capture->status);
  return absl::OkStatus();
}

void Sensor::FinishCaptures() {
  while (running_captures_ > 0 && !stopping_ && uplink_->refusal().ok()) {
    changed_.Wait(kLookAround);
    media_->RemoveDelivered();
  }
  if (running_captures_ > 0) {
    interrupted_ = true;
    for (const auto& capture : captures_) capture->source->Stop();
    // Whoever waits for room in a spool would wait for ever.
    if (reads_files_) {
      signalling_writer_->Abandon();
      media_->Abandon();
    }
  }
  for (const auto& capture : captures_) capture->thread.Join();
  if (signalling_writer_ != nullptr) signalling_writer_->Close();
  if (media_ != nullptr) media_->Close();
}

absl::Status Sensor::DeliverFiles() {
  while (!stopping_) {
    if (uplink_->WaitUntilDelivered(kLookAround)) {
      spdlog::info("everything is read, and stored by the collector");
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(uplink_->refusal());
  }
  return DeliverForAWhile();
}

absl::Status Sensor::DeliverForAWhile() {
  const bool delivered = uplink_->WaitUntilDelivered(kFarewell);
  if (!delivered) {
    spdlog::info(absl::StrCat("stopped; ", PendingFrames(),
                              " frames stay in the spool and go out with the "
                              "next start"));
  }
  RETURN_IF_ERROR(uplink_->refusal());
  if (!reads_files_ || (delivered && !interrupted_)) return absl::OkStatus();
  return absl::CancelledError(
      "stopped before everything was read and delivered; read the files again "
      "to complete them (what the collector has is not doubled)");
}

void Sensor::Stop() {
  stopping_ = true;
  changed_.Raise();
}

}  // namespace callbraid::sensor
