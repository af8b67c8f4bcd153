#include "sensor/spool/kept_media.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "sensor/spool/wakeup.h"

namespace callbraid::sensor {
namespace {

constexpr absl::Duration kWait = absl::Seconds(1);
constexpr int64_t kForgetNs = 60'000'000'000;
constexpr absl::Duration kGiveWay = absl::Milliseconds(20);

}  // namespace

absl::StatusOr<std::unique_ptr<KeptMedia>> KeptMedia::Open(
    SpoolOptions options, SpoolWriterOptions writer, absl::Duration keep_for,
    std::function<std::shared_ptr<SpoolWriter>()> media, const Clock& clock) {
  writer.is_ring = true;
  ASSIGN_OR_RETURN(auto spool, Spool::Open(std::move(options)));
  return std::unique_ptr<KeptMedia>(new KeptMedia(
      std::move(spool), std::move(writer), keep_for, std::move(media), clock));
}

KeptMedia::KeptMedia(std::unique_ptr<Spool> spool, SpoolWriterOptions writer,
                     absl::Duration keep_for,
                     std::function<std::shared_ptr<SpoolWriter>()> media,
                     const Clock& clock)
    : spool_(std::move(spool)),
      keep_for_(keep_for),
      media_(std::move(media)),
      clock_(clock),
      writer_(std::make_shared<SpoolWriter>(std::move(writer), *spool_, clock)),
      gaps_(kMaxGaps),
      thread_("kept-media", [this] { Run(); }) {}

KeptMedia::~KeptMedia() { Close(); }

void KeptMedia::Close() {
  closing_ = true;
  gaps_.Close();
  thread_.Join();
  writer_->Abandon();
  writer_->Close();
}

void KeptMedia::Deliver(const Gap& gap) {
  MutexLock lock(mutex_);
  if (!waiting_.insert(gap).second) return;
  // Whoever asked asks again.
  if (!gaps_.Push(gap)) waiting_.erase(gap);
}

void KeptMedia::Run() {
  while (!closing_) {
    const std::optional<Gap> gap = gaps_.Pop(kWait);
    Follow();
    Expire();
    if (!gap || closing_) continue;
    HandOn(*gap);
    MutexLock lock(mutex_);
    waiting_.erase(*gap);
  }
}

void KeptMedia::Follow() {
  const uint64_t oldest = spool_->oldest_sequence();
  if (next_ < oldest) next_ = oldest;
  while (!closing_) {
    const std::optional<SpoolBatch> read = spool_->Read(next_);
    if (!read) break;
    next_ = read->next_sequence();
    if (!batch_.ParseFromString(*read->frames)) continue;
    for (int i = 0; i < batch_.frames_size(); ++i) {
      const v1::CallFrame& frame = batch_.frames(i);
      index_.Add(frame.capture_point(), frame.media(),
                 read->first_sequence + static_cast<uint64_t>(i));
      newest_ns_ = std::max(newest_ns_, frame.media().first_time_ns());
    }
  }
  const int64_t now_ns = clock_.MonotonicNs();
  if (now_ns - forgotten_ns_ < kForgetNs) return;
  forgotten_ns_ = now_ns;
  index_.ForgetBefore(spool_->oldest_sequence());
}

void KeptMedia::Expire() {
  if (spool_->bytes() == 0 || newest_ns_ == 0 ||
      absl::Nanoseconds(clock_.WallNs() - newest_ns_) <= keep_for_) {
    return;
  }
  spdlog::info("kept media are dropped: they are older than {}",
               absl::FormatDuration(keep_for_));
  spool_->Clear();
}

void KeptMedia::HandOn(const Gap& gap) {
  SpoolSink out({.signalling = nullptr, .media = media_(), .spare = nullptr},
                absl::ZeroDuration(), clock_);
  uint64_t first = 0;
  batch_.Clear();
  for (const KeptIndex::Chunk& chunk :
       index_.Find(gap.stream, gap.first_sequence, gap.packets, gap.near_ns)) {
    if (closing_) return;
    // Several of them came to the spool together.
    const auto size = static_cast<uint64_t>(batch_.frames_size());
    if (chunk.frame < first || chunk.frame >= first + size) {
      const std::optional<SpoolBatch> read = spool_->Read(chunk.frame);
      if (!read || read->first_sequence > chunk.frame ||
          !batch_.ParseFromString(*read->frames)) {
        batch_.Clear();
        continue;
      }
      first = read->first_sequence;
    }
    WaitForRoom();
    out.OnFrame(v1::SPOOL_LANE_MEDIA,
                batch_.frames(static_cast<int>(chunk.frame - first)));
  }
  out.Flush();
}

void KeptMedia::WaitForRoom() {
  while (!closing_ && media_()->is_behind()) Wakeup().Wait(kGiveWay);
}

}  // namespace callbraid::sensor
