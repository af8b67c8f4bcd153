#include "sensor/sensor.h"

#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/rpc/credentials.h"
#include "sensor/capture/file_source.h"
#include "sensor/capture/folder_source.h"
#include "sensor/capture/live_source.h"
#include "sensor/media_orders.h"
#include "sensor/sensor_config.h"
#include "sensor/spool/capture_point_table.h"

namespace callbraid::sensor {
namespace {

// How long a sensor that is stopped tries to get rid of its frames.
constexpr absl::Duration kFarewell = absl::Seconds(5);
// How often Run() looks around when nobody wakes it.
constexpr absl::Duration kLookAround = absl::Milliseconds(500);
// How often key logs are looked at for more.
constexpr absl::Duration kKeyLogInterval = absl::Milliseconds(100);
// Longer than a capture point can be behind a key log, or ahead of it.
constexpr absl::Duration kKeepKeys = absl::Hours(1);

uint64_t RandomInstanceId() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

TlsKeys::Options KeyOptionsOf(const v1::SensorConfig& config) {
  TlsKeys::Options options;
  options.expected = !config.decrypt().key_logs().empty();
  // What a file holds may be from whenever.
  if (!config.capture().interfaces().empty()) options.keep = kKeepKeys;
  return options;
}

v1::SensorConfig WithAllAskedFor(v1::SensorConfig config) {
  config.mutable_media()->clear_asked_for();
  return config;
}

}  // namespace

Sensor::Sensor(const v1::SensorConfig& config, const Clock& clock)
    : clock_(clock),
      reads_files_(!config.capture().files().empty()),
      lossless_(config.capture().interfaces().empty()),
      config_(lossless_ ? WithAllAskedFor(config) : config),
      tls_keys_(KeyOptionsOf(config), clock) {}

Sensor::~Sensor() {
  Stop();
  FinishCaptures();
  StopKeyLogs();
}

absl::StatusOr<std::unique_ptr<Sensor>> Sensor::Create(
    const v1::SensorConfig& config, const std::string& version,
    const Clock& clock) {
  const v1::UplinkConfig& to = config.uplink();
  ASSIGN_OR_RETURN(const auto credentials,
                   ClientCredentials(to.tls(), to.insecure()));
  auto sensor = std::unique_ptr<Sensor>(new Sensor(config, clock));
  RETURN_IF_ERROR(sensor->LoadServerKeys());
  RETURN_IF_ERROR(sensor->OpenKeyLogs());
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

absl::Status Sensor::LoadServerKeys() {
  ServerKeys keys;
  for (const std::string& path : config_.decrypt().server_keys()) {
    RETURN_IF_ERROR(keys.Load(path));
  }
  tls_keys_.SetServerKeys(std::move(keys));
  return absl::OkStatus();
}

// Of files, whose packets do not wait, all keys must be there at once.
absl::Status Sensor::OpenKeyLogs() {
  const auto& paths = config_.decrypt().key_logs();
  if (paths.empty()) return absl::OkStatus();
  key_logs_ = std::make_unique<KeyLogFollower>(
      std::vector<std::string>(paths.begin(), paths.end()), tls_keys_);
  if (reads_files_) return key_logs_->ReadAll();
  // Packets of a folder's files do not wait either, but there will be others.
  if (lossless_) key_logs_->Poll();
  return absl::OkStatus();
}

void Sensor::FollowKeyLogs() {
  while (!key_logs_stopping_) {
    key_logs_->Poll();
    tls_keys_.Expire();
    key_logs_stop_.Wait(kKeyLogInterval);
  }
}

void Sensor::StopKeyLogs() {
  key_logs_stopping_ = true;
  key_logs_stop_.Raise();
  key_logs_thread_.Join();
}

SpoolOptions Sensor::OptionsOf(const char* name, v1::SpoolLane lane,
                               uint32_t mib) {
  SpoolOptions options;
  options.dir = absl::StrCat(config_.spool().dir(), "/", name);
  options.lane = lane;
  options.limit_bytes = uint64_t{mib} << 20;
  options.appended = &to_send_;
  return options;
}

SpoolWriterOptions Sensor::WriterOptions(const char* thread_name) const {
  SpoolWriterOptions options;
  options.sync_interval = absl::Milliseconds(config_.spool().sync_ms());
  options.lossless = lossless_;
  options.thread_name = thread_name;
  return options;
}

absl::Status Sensor::OpenSpools() {
  const v1::SpoolConfig& spool = config_.spool();
  ASSIGN_OR_RETURN(
      signalling_spool_,
      Spool::Open(OptionsOf("signalling", v1::SPOOL_LANE_SIGNALLING,
                            spool.signalling_mib())));
  const SpoolOptions spare =
      OptionsOf("spare-media", v1::SPOOL_LANE_SPARE_MEDIA, spool.media_mib());
  std::error_code error;
  if (!config_.media().asked_for().numbers().empty() ||
      std::filesystem::exists(spare.dir, error)) {
    ASSIGN_OR_RETURN(spare_spool_, Spool::Open(spare));
  }
  RETURN_IF_ERROR(OpenKept());
  SpoolWriterOptions media = WriterOptions("spool-media");
  media.free_disk = [this] {
    return kept_ != nullptr && kept_->DiscardOldest();
  };
  ASSIGN_OR_RETURN(
      media_, SpoolSeries::Open(
                  OptionsOf("media", v1::SPOOL_LANE_MEDIA, spool.media_mib()),
                  std::move(media), clock_, spare_spool_));
  StartWriters();
  return absl::OkStatus();
}

// What was kept before is there to be asked for, for a while, also if no more
// is.
absl::Status Sensor::OpenKept() {
  SpoolOptions options = OptionsOf("kept-media", v1::SPOOL_LANE_KEPT_MEDIA,
                                   config_.spool().kept_mib());
  options.appended = nullptr;
  const std::string dir = options.dir;
  std::error_code error;
  if (!keeps_media() && !std::filesystem::exists(dir, error)) {
    return absl::OkStatus();
  }
  SpoolWriterOptions writer = WriterOptions("spool-kept");
  writer.retry_interval = KeptMedia::kRetryInterval;
  const auto media = [this] { return media_->writer(); };
  const absl::Duration keep_for =
      keeps_media() ? absl::InfiniteDuration() : KeptMedia::kExpiry;
  ASSIGN_OR_RETURN(kept_, KeptMedia::Open(std::move(options), std::move(writer),
                                          keep_for, media, clock_));
  if (!keeps_media() && kept_->empty()) {
    kept_.reset();
    std::filesystem::remove_all(dir, error);
  }
  return absl::OkStatus();
}

// In what order frames are lost when there is no room for all: docs/loss.md.
void Sensor::StartWriters() {
  if (!config_.media().asked_for().numbers().empty()) {
    SpoolWriterOptions spare = WriterOptions("spool-spare");
    spare.make_room = [this](size_t) {
      spare_spool_->set_limit_bytes(media_->room_for_spare());
    };
    spare.give_way = [this] { return media_->writer()->is_behind(); };
    spare_writer_ =
        std::make_shared<SpoolWriter>(std::move(spare), *spare_spool_, clock_);
  }
  SpoolWriterOptions signalling = WriterOptions("spool-sip");
  if (!lossless_) {
    signalling.free_disk = [this] {
      return (kept_ != nullptr && kept_->DiscardOldest()) ||
             media_->DiscardOldest();
    };
  }
  signalling_writer_ = std::make_shared<SpoolWriter>(
      std::move(signalling), *signalling_spool_, clock_);
}

std::vector<QueuedSpool> Sensor::QueuedSpools() const {
  std::vector<QueuedSpool> queue = {{signalling_spool_, /*backlog=*/false}};
  for (auto& spool : media_->spools()) {
    queue.push_back({std::move(spool), /*backlog=*/queue.size() > 1});
  }
  if (spare_spool_ != nullptr) {
    queue.push_back({spare_spool_, /*backlog=*/true});
  }
  return queue;
}

uint64_t Sensor::PendingFrames() const {
  return signalling_spool_->pending_frames() + media_->pending_frames() +
         (spare_spool_ == nullptr ? 0 : spare_spool_->pending_frames());
}

// No frame bears the number of a capture point any more.
bool Sensor::MayRename() const {
  return PendingFrames() == 0 && (kept_ == nullptr || kept_->empty());
}

absl::StatusOr<std::vector<std::unique_ptr<PacketSource>>>
Sensor::OpenSources() {
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
  for (const v1::FolderConfig& folder : capture.folders()) {
    const std::string log = absl::StrCat(config_.spool().dir(), "/read-",
                                         FolderName(folder), ".log");
    ASSIGN_OR_RETURN(sources.emplace_back(),
                     FolderSource::Open(folder, log, capture, clock_));
  }
  return sources;
}

// What is kept need not be delivered: it stops nobody who is called otherwise
// now, or has other interfaces.
absl::StatusOr<std::vector<v1::CapturePoint>> Sensor::AgreeOnTable(
    const std::vector<v1::CapturePoint>& configured) {
  const auto agree = [this, &configured] {
    return AgreeOnCapturePoints(config_.spool().dir(), config_.id(), configured,
                                MayRename());
  };
  auto table = agree();
  if (!absl::IsFailedPrecondition(table.status()) || kept_ == nullptr ||
      PendingFrames() > 0) {
    return table;
  }
  spdlog::warn(
      "kept media are dropped: they are of another sensor id, or of too many "
      "capture points that are no more");
  kept_->Clear();
  return agree();
}

absl::Status Sensor::OpenCaptures(const std::string& version) {
  ASSIGN_OR_RETURN(auto sources, OpenSources());
  std::vector<v1::CapturePoint> configured;
  for (const auto& source : sources) {
    for (v1::CapturePoint& point : CaptureThread::PointsOf(*source, config_)) {
      configured.push_back(std::move(point));
    }
  }
  ASSIGN_OR_RETURN(const auto table, AgreeOnTable(configured));
  const CaptureThread::Shared shared = {
      config_,
      *media_,
      signalling_writer_,
      spare_writer_,
      keeps_media() ? kept_->writer() : nullptr,
      kept_streams_,
      tls_keys_,
      clock_};
  for (auto& source : sources) {
    captures_.push_back(
        std::make_unique<CaptureThread>(std::move(source), shared, table));
  }

  v1::Hello& hello = uplink_options_.hello;
  hello.set_sensor_id(config_.id());
  hello.set_site(config_.site());
  hello.set_version(version);
  hello.set_instance_id(RandomInstanceId());
  hello.set_keeps_media(keeps_media());
  hello.set_has_kept_media(kept_ != nullptr);
  hello.mutable_capture_points()->Assign(table.begin(), table.end());
  return absl::OkStatus();
}

void Sensor::StartCaptures() {
  running_captures_ = captures_.size();
  for (size_t i = 0; i < captures_.size(); ++i) {
    captures_[i]->Start(absl::StrCat("capture-", i), [this] {
      --running_captures_;
      changed_.Raise();
    });
  }
}

absl::Status Sensor::Run() {
  uplink_options_.spools = [this] { return QueuedSpools(); };
  uplink_options_.set_backlog_apart = [this] {
    return media_->SetBacklogApart();
  };
  if (kept_ != nullptr) TakeMediaOrders();
  uplink_ = std::make_unique<Uplink>(uplink_options_, to_send_, clock_);
  if (!config_.uplink().insecure()) {
    Renewal::Options renewal;
    renewal.tls = config_.uplink().tls();
    renewal.sensor_id = config_.id();
    renewal.target = uplink_options_.target;
    renewal.dial = uplink_options_.dial;
    renewal_ = std::make_unique<Renewal>(std::move(renewal), clock_);
  }
  if (key_logs_ != nullptr) {
    key_logs_thread_ = Thread("key-logs", [this] { FollowKeyLogs(); });
  }
  StartCaptures();
  FinishCaptures();
  StopKeyLogs();
  const absl::Status delivered =
      reads_files_ ? DeliverFiles() : DeliverForAWhile();
  uplink_->Stop();
  renewal_.reset();
  RETURN_IF_ERROR(delivered);
  for (const auto& capture : captures_) RETURN_IF_ERROR(capture->status());
  return absl::OkStatus();
}

void Sensor::TakeMediaOrders() {
  uplink_options_.on_media_order = [this](const v1::MediaOrder& order) {
    Obey(order, kept_streams_, *kept_);
  };
  uplink_options_.on_disconnected = [this] { kept_streams_.Clear(); };
}

void Sensor::FinishCaptures() {
  while (running_captures_ > 0 && !stopping_ && uplink_->refusal().ok()) {
    changed_.Wait(kLookAround);
    media_->RemoveDelivered();
    if (kept_ != nullptr) kept_streams_.set_can_keep(kept_->is_well());
  }
  if (running_captures_ > 0) {
    interrupted_ = true;
    for (const auto& capture : captures_) capture->Stop();
    // Whoever waits for room in a spool would wait for ever.
    if (lossless_) {
      signalling_writer_->Abandon();
      media_->Abandon();
    }
  }
  for (const auto& capture : captures_) capture->Join();
  if (signalling_writer_ != nullptr) signalling_writer_->Close();
  if (spare_writer_ != nullptr) spare_writer_->Close();
  // Before the media that it hands on to.
  if (kept_ != nullptr) kept_->Close();
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
