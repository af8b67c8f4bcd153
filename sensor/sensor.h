#ifndef CALLBRAID_SENSOR_SENSOR_H_
#define CALLBRAID_SENSOR_SENSOR_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "common/base/clock.h"
#include "common/base/thread.h"
#include "sensor/capture/packet_source.h"
#include "sensor/capture_thread.h"
#include "sensor/frame/kept_streams.h"
#include "sensor/spool/kept_media.h"
#include "sensor/spool/spool.h"
#include "sensor/spool/spool_series.h"
#include "sensor/spool/spool_writer.h"
#include "sensor/spool/wakeup.h"
#include "sensor/tls/key_log_follower.h"
#include "sensor/tls/tls_keys.h"
#include "sensor/uplink/renewal.h"
#include "sensor/uplink/uplink.h"

namespace callbraid::sensor {

// The whole sensor: captures, pipelines, spools, uplink, and the threads they
// run on. The path of a packet:
//
//   thread capture-N       PacketSource -> CapturePipeline -> SpoolSink
//   thread spool-<lane>    SpoolWriter -> Spool (disk)
//   thread kept-media      what was kept and is missed -> Spool
//   thread key-logs        files of TLS keys -> TlsKeys, if there are any
//   thread uplink          Spool -> Uplink -> collector, acks back to the Spool
//   thread renewal         the next certificate
class Sensor {
 public:
  // Opens everything that can be refused: sources, TLS files, spools. `config`
  // has passed Validate() and SetDefaults(). `version` is for people. `clock`
  // must outlive the sensor.
  static absl::StatusOr<std::unique_ptr<Sensor>> Create(
      const v1::SensorConfig& config, const std::string& version,
      const Clock& clock);
  ~Sensor();

  // Live, and of folders: runs until Stop(), then hands on what was captured
  // and tries for a few seconds to deliver it; the rest stays in the spool.
  // Files: returns when they are read and the collector has stored everything.
  // Errors: CANCELLED (Stop() before that), DATA_LOSS (a file is damaged), what
  // the collector refused us for.
  absl::Status Run();

  // From any thread, but not from a signal handler.
  void Stop();

 private:
  Sensor(const v1::SensorConfig& config, const Clock& clock);

  absl::Status LoadServerKeys();
  absl::Status OpenKeyLogs();
  void FollowKeyLogs();
  void StopKeyLogs();
  absl::Status OpenSpools();
  SpoolOptions OptionsOf(const char* name, v1::SpoolLane lane, uint32_t mib);
  SpoolWriterOptions WriterOptions(const char* thread_name) const;
  void StartWriters();
  absl::Status OpenKept();
  void TakeMediaOrders();
  std::vector<QueuedSpool> QueuedSpools() const;
  absl::Status OpenCaptures(const std::string& version);
  absl::StatusOr<std::vector<std::unique_ptr<PacketSource>>> OpenSources();
  absl::StatusOr<std::vector<v1::CapturePoint>> AgreeOnTable(
      const std::vector<v1::CapturePoint>& configured);
  void StartCaptures();
  // Waits for the end of all captures, Stop(), or a refusal; then ends them.
  void FinishCaptures();
  absl::Status DeliverFiles();
  absl::Status DeliverForAWhile();
  uint64_t PendingFrames() const;
  bool MayRename() const;
  bool keeps_media() const {
    return config_.media().seen_elsewhere() == "keep";
  }

  const Clock& clock_;
  // Files come to an end.
  const bool reads_files_;
  // Files and folders are read without loss, interfaces without delay.
  const bool lossless_;
  const v1::SensorConfig config_;

  // Raised for the uplink's thread, and for Run().
  Wakeup to_send_;
  Wakeup changed_;
  std::atomic<bool> stopping_ = false;
  std::atomic<size_t> running_captures_ = 0;
  // Captures were ended before their files were.
  bool interrupted_ = false;

  // In the order of their construction: each uses those before it.
  TlsKeys tls_keys_;
  // Null without key logs. Of the thread, once that runs.
  std::unique_ptr<KeyLogFollower> key_logs_;
  std::atomic<bool> key_logs_stopping_ = false;
  Wakeup key_logs_stop_;
  Thread key_logs_thread_;
  std::shared_ptr<Spool> signalling_spool_;
  // Null if all media is asked for, and no earlier process left any that was
  // not.
  std::shared_ptr<Spool> spare_spool_;
  std::unique_ptr<SpoolSeries> media_;
  // Null if all media is asked for.
  std::shared_ptr<SpoolWriter> spare_writer_;
  KeptStreams kept_streams_;
  // Null if all media is sent.
  std::unique_ptr<KeptMedia> kept_;
  std::shared_ptr<SpoolWriter> signalling_writer_;
  std::vector<std::unique_ptr<CaptureThread>> captures_;
  UplinkOptions uplink_options_;
  std::unique_ptr<Uplink> uplink_;
  std::unique_ptr<Renewal> renewal_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SENSOR_H_
