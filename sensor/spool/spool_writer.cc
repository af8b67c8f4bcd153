#include "sensor/spool/spool_writer.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"

namespace callbraid::sensor {
namespace {

// How often a lossless writer that waits for room looks whether it is
// abandoned.
constexpr absl::Duration kLookAround = absl::Milliseconds(200);

}  // namespace

SpoolWriter::SpoolWriter(SpoolWriterOptions options, Spool& spool,
                         const Clock& clock)
    : options_(std::move(options)),
      spool_(spool),
      clock_(clock),
      queue_(options_.queue_capacity),
      discarded_frames_(spool.State().discarded_frames()),
      thread_(options_.thread_name, [this] { Run(); }) {}

SpoolWriter::~SpoolWriter() { Close(); }

void SpoolWriter::Write(FrameBuffer buffer) {
  const uint32_t frame_count = buffer.frame_count;
  if (frame_count == 0) return;
  // Before it is in the queue: whoever asks then waits for too much, not for
  // too little.
  ++handed_over_;
  const bool taken = options_.lossless && !abandoned_
                         ? queue_.PushWait(std::move(buffer))
                         : queue_.Push(std::move(buffer));
  if (taken) return;
  lost_ += frame_count;
  total_lost_ += frame_count;
}

void SpoolWriter::Abandon() {
  abandoned_ = true;
  retry_.Raise();
}

void SpoolWriter::Close() {
  queue_.Close();
  thread_.Join();
}

void SpoolWriter::Run() {
  const int64_t interval_ns = absl::ToInt64Nanoseconds(options_.sync_interval);
  int64_t next_sync_ns = clock_.MonotonicNs() + interval_ns;
  while (!queue_.closed_and_empty()) {
    auto buffer = queue_.Pop(options_.sync_interval);
    if (buffer) WriteToSpool(*std::move(buffer));
    if (clock_.MonotonicNs() < next_sync_ns) continue;
    Sync();
    next_sync_ns = clock_.MonotonicNs() + interval_ns;
  }
  if (const uint64_t lost = lost_.exchange(0); lost > 0) spool_.Lose(lost);
  Sync();
}

void SpoolWriter::WriteToSpool(FrameBuffer buffer) {
  if (const uint64_t lost = lost_.exchange(0); lost > 0) spool_.Lose(lost);
  const uint32_t frame_count = buffer.frame_count;
  if (Append(std::move(buffer))) {
    ++appended_;
  } else {
    spool_.Lose(frame_count);
    total_lost_ += frame_count;
  }
  LogOverflow();
}

bool SpoolWriter::Append(FrameBuffer buffer) {
  if (options_.give_way && options_.give_way()) return false;
  const auto frames =
      std::make_shared<const std::string>(std::move(buffer.frames));
  while (options_.lossless &&
         !spool_.WaitForRoom(frames->size(), kLookAround)) {
    if (abandoned_) return false;
  }
  if (options_.make_room) options_.make_room(frames->size());
  for (;;) {
    const absl::Status status = spool_.Append(frames, buffer.frame_count);
    if (absl::IsResourceExhausted(status) && options_.free_disk &&
        options_.free_disk()) {
      continue;
    }
    if (status.ok() && disk_failed_) {
      spdlog::info(
          absl::StrCat(options_.thread_name, ": the disk takes frames again"));
    }
    if (!status.ok() && !disk_failed_) LogFailure(status);
    disk_failed_ = !status.ok();
    if (status.ok()) return true;
    const bool can_wait = options_.lossless || options_.is_ring;
    if (!can_wait || abandoned_) return false;
    // Room may come from acknowledgements, too.
    retry_.Wait(options_.retry_interval);
  }
}

void SpoolWriter::LogFailure(const absl::Status& status) const {
  const char* const meanwhile = options_.lossless ? "reading waits"
                                : options_.is_ring
                                    ? "frames are sent that could be kept"
                                    : "frames are lost";
  spdlog::error(absl::StrCat(options_.thread_name, ": ", status.message(), "; ",
                             meanwhile, " until the disk takes them again"));
}

void SpoolWriter::Sync() {
  const absl::Status status = spool_.Sync();
  if (status.ok()) synced_ = appended_;
  if (status.ok() == !sync_failed_) return;
  sync_failed_ = !status.ok();
  if (sync_failed_) {
    spdlog::error(absl::StrCat(options_.thread_name, ": ", status.message(),
                               "; a power failure would lose frames"));
  } else {
    spdlog::info(absl::StrCat(options_.thread_name, ": the disk syncs again"));
  }
}

void SpoolWriter::LogOverflow() {
  if (options_.is_ring) return;
  const v1::SpoolState state = spool_.State();
  const bool discarded = state.discarded_frames() > discarded_frames_;
  discarded_frames_ = state.discarded_frames();
  if (disk_failed_) return;
  if (discarded && !overflowing_) {
    overflowing_ = true;
    spdlog::warn(absl::StrCat(
        options_.thread_name, ": frames are lost: the spool is full (",
        state.limit_bytes() >> 20,
        " MiB) or the disk too slow; they are counted and the collector is "
        "told"));
  } else if (overflowing_ && state.bytes() < state.limit_bytes() / 2) {
    overflowing_ = false;
    spdlog::info(
        absl::StrCat(options_.thread_name, ": the spool has room again; ",
                     state.discarded_frames(), " frames were lost so far"));
  }
}

}  // namespace callbraid::sensor
