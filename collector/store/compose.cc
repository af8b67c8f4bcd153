#include "collector/store/compose.h"

#include <algorithm>
#include <cstdint>

namespace callbraid::collector {
namespace {

// A live capture ends at its watermark, which may lie a little before the last
// packet that it handed on.
constexpr int64_t kCaptureEndSlackNs = 1'000'000'000;

int64_t KnownKeys(const v1::StreamReport& report) {
  return std::count_if(report.dtls_srtp().begin(), report.dtls_srtp().end(),
                       [](const v1::DtlsSrtp& key) {
                         return !key.master_key_and_salt().empty();
                       });
}

}  // namespace

void Compose(const v1::StreamReport* report, std::optional<int64_t> capture_end,
             StoredObservation& stored) {
  store::v1::Observation& observation = stored.observation;
  store::v1::RtpTally& tally = stored.tally;
  if (observation.has_rtp()) {
    observation.set_last_time_ns(tally.last_time_ns());
    *observation.mutable_bucket_ranges() = tally.bucket_ranges();
    *observation.mutable_rtp()->mutable_payload_types() = tally.payload_types();
    if (report != nullptr) {
      for (const v1::DtlsSrtp& key : report->dtls_srtp()) {
        store::v1::DtlsAgreement& agreed =
            *observation.mutable_rtp()->add_dtls_srtp();
        agreed.set_profile(key.profile());
        agreed.set_has_key(!key.master_key_and_salt().empty());
      }
      observation.mutable_rtp()->set_zrtp_secure_ns(report->zrtp_secure_ns());
      if (report->has_link()) {
        *observation.mutable_rtp()->mutable_link() = report->link();
      }
      tally.mutable_statistics()->set_mirror_copies(
          report->statistics().mirror_copies());
      tally.set_capture_drops(report->capture_drops());
      // Chunks come in order: what is missing before the last of them was
      // discarded on the way. What is missing behind it was, too, or waits in
      // the sensor's spool.
      const bool caught_up = tally.last_time_ns() >= report->time_ns();
      if (caught_up || report->final()) {
        const uint32_t captured = report->statistics().packets();
        const uint32_t came = tally.statistics().packets();
        tally.set_undelivered(captured - std::min(captured, came));
      }
      // Until the packets it speaks of have come, it is not the end here.
      if (caught_up && report->final()) observation.set_final(true);
    }
  }
  if (capture_end &&
      (*capture_end >= observation.last_time_ns() ||
       observation.last_time_ns() - *capture_end <= kCaptureEndSlackNs)) {
    observation.set_final(true);
  }
  if (observation.has_rtp()) tally.set_final(observation.final());
}

bool IsNewer(const v1::StreamReport& report, const v1::StreamReport& stored) {
  if (report.time_ns() != stored.time_ns()) {
    return report.time_ns() > stored.time_ns();
  }
  if (report.final() != stored.final()) return report.final();
  // A key of its stream came late.
  return KnownKeys(report) > KnownKeys(stored);
}

}  // namespace callbraid::collector
