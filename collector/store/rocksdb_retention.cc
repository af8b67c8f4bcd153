#include "collector/store/rocksdb_retention.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "collector/store/buckets.h"
#include "collector/store/call_lookup.h"
#include "collector/store/observation_identity.h"
#include "collector/store/proto_time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// No call that a rule keeps is longer: of one that is, only the last part may
// be kept.
constexpr int64_t kLongestCallNs = 86'400 * kSecondNs;
// An hour: what is kept of it is in memory.
constexpr uint32_t kBucketsAtOnce = 360;
// What can be left in tables that are not dropped as a whole: no more of it is
// worth writing them anew.
constexpr uint64_t kLeftBytes = 128 << 20;
// What is passed over where the index of calls cannot be read, and since when
// calls may be in it.
constexpr int64_t kDayNs = 86'400 * kSecondNs;
constexpr int64_t kLongestAgoNs = 3660 * kDayNs;
constexpr int64_t kReportEveryNs = 3600 * kSecondNs;

uint32_t Clamp(uint32_t bucket, uint32_t from, uint32_t last) {
  return std::min(std::max(bucket, from), last);
}

}  // namespace

absl::Status RocksDbRetention::VisitCalls(
    const std::optional<CallPosition>& from, int64_t before_ns,
    const std::function<bool(const CallPosition&,
                             const store::v1::CallIndexEntry&)>& visit) {
  const auto iterator = engine_.NewIterator(Family::kCallsByTime);
  store::v1::CallIndexEntry entry;
  int64_t reached_ns = from ? from->start_ns : before_ns - kLongestAgoNs;
  if (from) {
    iterator->SeekForPrev(EncodeCallTimeKey(*from));
  } else {
    iterator->SeekToLast();
  }
  while (true) {
    for (; iterator->Valid(); iterator->Prev()) {
      const auto position = DecodeCallTimeKey(ToView(iterator->key()));
      const rocksdb::Slice value = iterator->value();
      if (!position ||
          !entry.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
        engine_.Damaged(Family::kCallsByTime).IgnoreError();
        continue;
      }
      if (position->start_ns >= before_ns || !visit(*position, entry)) break;
      reached_ns = position->start_ns;
    }
    const absl::Status status = engine_.ToStatus(iterator->status());
    // Behind what is damaged there may be more.
    if (!absl::IsDataLoss(status) || (reached_ns += kDayNs) >= before_ns) {
      return absl::IsDataLoss(status) ? absl::OkStatus() : status;
    }
    iterator->SeekForPrev(EncodeCallTimeKey({reached_ns, ObservationId()}));
  }
}

absl::Status RocksDbRetention::AddPart(const CallPart& part,
                                       const Window& window, Kept& kept) {
  const uint32_t last = window.before - 1;
  for (const FiledFrames& filed : part.Media()) {
    std::vector<uint32_t> inside;
    for (size_t i = 0; i + 1 < filed.buckets.size(); i += 2) {
      if (filed.buckets[i] > last || filed.buckets[i + 1] < window.from) {
        continue;
      }
      inside.push_back(Clamp(filed.buckets[i], window.from, last));
      inside.push_back(Clamp(filed.buckets[i + 1], window.from, last));
    }
    const absl::Status status = media_.ForEachBucket(
        Family::kFrames, filed.id, inside,
        [&](uint32_t bucket) { kept.emplace_back(bucket, filed.id); });
    if (absl::IsDataLoss(status)) {
      // Whatever is there stays.
      for (size_t i = 0; i < inside.size(); i += 2) {
        for (uint32_t bucket = inside[i]; bucket <= inside[i + 1]; ++bucket) {
          kept.emplace_back(bucket, filed.id);
        }
      }
    } else {
      RETURN_IF_ERROR(status);
    }
  }
  return absl::OkStatus();
}

absl::Status RocksDbRetention::AddObservation(const ObservationId& id,
                                              const Window& window,
                                              Kept& kept) {
  ASSIGN_OR_RETURN(const CallPart part, parts_.Read(id));
  return AddPart(part, window, kept);
}

absl::Status RocksDbRetention::AddCall(const ObservationId& call,
                                       const Window& window, Kept& kept) {
  const auto record = facts_.GetCall(call.ToHex(), Scope::All());
  if (absl::IsNotFound(record.status()) || absl::IsDataLoss(record.status())) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(record.status());
  ASSIGN_OR_RETURN(const std::vector<CallPart> parts, parts_.Of(*record));
  for (const CallPart& part : parts) {
    RETURN_IF_ERROR(AddPart(part, window, kept));
  }
  return absl::OkStatus();
}

absl::Status RocksDbRetention::AddProtected(const Window& window,
                                            int64_t now_ns, Kept& kept) {
  ASSIGN_OR_RETURN(const std::vector<ObservationId> held, holds_.List());
  std::set<ObservationId> calls(held.begin(), held.end());
  ASSIGN_OR_RETURN(const std::vector<ObservationId> unsettled,
                   facts_.Unsettled());
  for (const ObservationId& id : unsettled) {
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     engine_.GetUnlessDamaged(Family::kMembers, id.bytes()));
    const auto call = value ? ObservationId::FromBytes(*value) : std::nullopt;
    if (!call) {
      // Of no call yet.
      RETURN_IF_ERROR(AddObservation(id, window, kept));
    } else if (calls.count(*call) == 0) {
      ASSIGN_OR_RETURN(const bool open, deletion_.IsOpen(*call, now_ns));
      if (open) calls.insert(*call);
    }
  }
  for (const ObservationId& call : calls) {
    RETURN_IF_ERROR(AddCall(call, window, kept));
  }
  return absl::OkStatus();
}

absl::Status RocksDbRetention::AddSince(uint64_t read_at, const Window& window,
                                        Kept& kept) {
  std::vector<ObservationId> changed;
  const auto iterator = engine_.NewIterator(Family::kUnsettled);
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const auto id = ObservationId::FromBytes(ToView(iterator->key()));
    const auto mark = DecodeUnsettledMark(ToView(iterator->value()));
    if (id && mark && mark->commit > read_at &&
        BucketOf(mark->first_time_ns) < window.before) {
      changed.push_back(*id);
    }
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  for (const ObservationId& id : changed) {
    RETURN_IF_ERROR(AddObservation(id, window, kept));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RocksDbRetention::Gap>> RocksDbRetention::GapsOf(
    const Window& window, Kept& kept) {
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  std::vector<Gap> gaps;
  const auto iterator = engine_.NewIterator(Family::kFrames);
  std::string begin = FramePrefix(window.from, ObservationId());
  uint32_t first = window.from;
  const auto add = [&](std::string end, uint32_t last) {
    iterator->Seek(begin);
    const bool has_any = iterator->Valid()
                             ? ToView(iterator->key()) < end
                             // What is damaged goes like what is not.
                             : iterator->status().IsCorruption();
    if (has_any) gaps.push_back({begin, std::move(end), first, last});
  };
  for (const auto& [bucket, id] : kept) {
    add(FramePrefix(bucket, id), bucket);
    begin = AfterFrames(bucket, id);
    first = bucket;
  }
  add(FramePrefix(window.before, ObservationId()), window.before);
  const absl::Status status = engine_.ToStatus(iterator->status());
  if (!absl::IsDataLoss(status)) RETURN_IF_ERROR(status);
  return gaps;
}

std::vector<RocksDbRetention::Gap> RocksDbRetention::Without(
    const Kept& kept, std::vector<Gap> gaps) {
  for (const auto& [bucket, id] : kept) {
    const std::string begin = FramePrefix(bucket, id);
    const auto gap =
        std::find_if(gaps.begin(), gaps.end(), [&begin](const Gap& one) {
          return one.begin <= begin && begin < one.end;
        });
    if (gap == gaps.end()) continue;
    Gap behind{AfterFrames(bucket, id), std::move(gap->end), bucket, gap->last};
    gap->end = begin;
    gap->last = bucket;
    gaps.insert(gap + 1, std::move(behind));
  }
  return gaps;
}

absl::StatusOr<bool> RocksDbRetention::DropMedia(int64_t before_ns,
                                                 int64_t now_ns) {
  ASSIGN_OR_RETURN(const std::optional<uint32_t> oldest, FirstBucket());
  if (!oldest || *oldest >= BucketOf(before_ns)) return false;
  // From the beginning of all, so that tables of which a part went before can
  // be dropped.
  ASSIGN_OR_RETURN(const Beginning beginning, Begin());
  Kept kept;
  return Drop({0, BucketOf(before_ns)}, beginning, now_ns, /*by_rules=*/false,
              kept);
}

absl::StatusOr<bool> RocksDbRetention::DropMediaBut(const KeepCall& keep,
                                                    int64_t before_ns,
                                                    int64_t now_ns,
                                                    bool& more) {
  more = false;
  ASSIGN_OR_RETURN(const std::optional<std::string> done,
                   engine_.Get(Family::kDefault, kMediaByRulesKey));
  ASSIGN_OR_RETURN(
      const std::optional<uint32_t> oldest,
      FirstBucket(done ? DecodeBe32(*done).value_or(0) : uint32_t{0}));
  if (!oldest || *oldest >= BucketOf(before_ns)) return false;
  Window window{*oldest, BucketOf(before_ns)};
  more = window.before - window.from > kBucketsAtOnce;
  if (more) window.before = window.from + kBucketsAtOnce;
  ASSIGN_OR_RETURN(const Beginning beginning, Begin());
  Kept kept;
  RETURN_IF_ERROR(AddKeptByRules(keep, window, kept));
  return Drop(window, beginning, now_ns, /*by_rules=*/true, kept);
}

absl::Status RocksDbRetention::AddKeptByRules(const KeepCall& keep,
                                              const Window& window,
                                              Kept& kept) {
  const int64_t from_ns = int64_t{window.from} * kBucketNs;
  std::vector<ObservationId> calls;
  RETURN_IF_ERROR(
      VisitCalls(CallPosition{from_ns - std::min(from_ns, kLongestCallNs),
                              ObservationId()},
                 int64_t{window.before} * kBucketNs,
                 [&](const CallPosition& position,
                     const store::v1::CallIndexEntry& entry) {
                   if (keep(entry)) calls.push_back(position.id);
                   return true;
                 }));
  for (const ObservationId& call : calls) {
    RETURN_IF_ERROR(AddCall(call, window, kept));
  }
  return absl::OkStatus();
}

absl::StatusOr<RocksDbRetention::Beginning> RocksDbRetention::Begin() {
  // Behind whatever is being written: a hold counts before it can be read.
  const RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  return Beginning{facts_.LastCommit(), holds_.changes()};
}

absl::StatusOr<bool> RocksDbRetention::Drop(const Window& window,
                                            const Beginning& beginning,
                                            int64_t now_ns, bool by_rules,
                                            Kept& kept) {
  RETURN_IF_ERROR(AddProtected(window, now_ns, kept));
  ASSIGN_OR_RETURN(std::vector<Gap> gaps, GapsOf(window, kept));
  {
    RocksDbBatch batch(engine_);
    RETURN_IF_ERROR(batch.status());
    if (holds_.changes() != beginning.holds) {
      return absl::AbortedError("holds have just changed; try again");
    }
    Kept since;
    RETURN_IF_ERROR(AddSince(beginning.commit, window, since));
    gaps = Without(since, std::move(gaps));
    for (const Gap& gap : gaps) {
      batch.DeleteRange(Family::kFrames, gap.begin, gap.end);
    }
    if (!gaps.empty()) media_.PutDeleted(window.before, batch);
    if (by_rules) {
      batch.Put(Family::kDefault, kMediaByRulesKey, EncodeBe32(window.before));
    }
    RETURN_IF_ERROR(batch.Write(/*sync=*/true));
    if (!gaps.empty()) media_.Deleted(window.before);
  }
  if (gaps.empty()) return false;
  // They are gone, whatever becomes of their bytes.
  const absl::Status freed = Free(gaps, !kept.empty());
  if (!freed.ok() && now_ns >= next_report_ns_) {
    next_report_ns_ = now_ns + kReportEveryNs;
    spdlog::warn("retention: media that went are on the disk for now: {}",
                 std::string(freed.message()));
  }
  return true;
}

absl::Status RocksDbRetention::Free(const std::vector<Gap>& gaps,
                                    bool is_shared) {
  for (const Gap& gap : gaps) {
    if (!gap.is_wide()) continue;
    RETURN_IF_ERROR(engine_.DropTables(Family::kFrames, gap.begin, gap.end));
  }
  ASSIGN_OR_RETURN(const uint64_t left,
                   engine_.ApproximateBytes(Family::kFrames, gaps.front().begin,
                                            gaps.back().end));
  // Tables that what is kept shares with what is not, or the newest ones, which
  // may lie anywhere.
  if (!is_shared && left <= kLeftBytes) return absl::OkStatus();
  return engine_.Rewrite(Family::kFrames, gaps.front().begin, gaps.back().end);
}

absl::StatusOr<std::optional<uint32_t>> RocksDbRetention::FirstBucket(
    uint32_t from) const {
  const auto iterator = engine_.NewIterator(Family::kFrames);
  iterator->Seek(FramePrefix(from, ObservationId()));
  const absl::Status status = engine_.ToStatus(iterator->status());
  std::string first;
  if (iterator->Valid()) {
    first = iterator->key().ToString();
  } else if (absl::IsDataLoss(status)) {
    // It is to go in its time as well.
    ASSIGN_OR_RETURN(first, engine_.FirstKeyOfTables(Family::kFrames));
  } else {
    RETURN_IF_ERROR(status);
    return std::optional<uint32_t>();
  }
  const auto key = DecodeFrameKey(first);
  if (!key) return engine_.Damaged(Family::kFrames);
  return std::optional<uint32_t>(std::max(key->bucket, from));
}

absl::StatusOr<std::optional<RocksDbRetention::Gap>>
RocksDbRetention::FirstToGo(uint32_t end, int64_t now_ns) {
  ASSIGN_OR_RETURN(std::optional<uint32_t> from, FirstBucket());
  // A window twice as wide each time: years may be on hold.
  for (uint32_t width = kBucketsAtOnce; from && *from < end; width *= 2) {
    const Window window{*from, std::min(*from + width, end)};
    Kept kept;
    RETURN_IF_ERROR(AddProtected(window, now_ns, kept));
    ASSIGN_OR_RETURN(std::vector<Gap> gaps, GapsOf(window, kept));
    if (!gaps.empty()) {
      const auto iterator = engine_.NewIterator(Family::kFrames);
      iterator->Seek(gaps.front().begin);
      // What went before may still be in tables. Not valid: it is damaged.
      if (iterator->Valid()) gaps.front().begin = iterator->key().ToString();
      const auto key = DecodeFrameKey(gaps.front().begin);
      if (key) gaps.front().first = key->bucket;
      return std::optional<Gap>(std::move(gaps.front()));
    }
    ASSIGN_OR_RETURN(from, FirstBucket(window.before));
  }
  return std::optional<Gap>();
}

absl::StatusOr<uint32_t> RocksDbRetention::BucketOfBytes(uint64_t bytes,
                                                         const Gap& gap,
                                                         uint32_t end) const {
  uint32_t low = gap.first;
  uint32_t high = end;
  while (low + 1 < high) {
    const uint32_t middle = low + (high - low) / 2;
    ASSIGN_OR_RETURN(
        const uint64_t size,
        engine_.ApproximateBytes(Family::kFrames, gap.begin,
                                 FramePrefix(middle, ObservationId())));
    (size < bytes ? low : high) = middle;
  }
  return high;
}

absl::StatusOr<std::optional<int64_t>> RocksDbRetention::DropOldest(
    uint64_t bytes, int64_t before_ns, int64_t now_ns) {
  const uint32_t end = BucketOf(before_ns);
  // What is older and stays makes no room, however much it is.
  ASSIGN_OR_RETURN(const std::optional<Gap> first, FirstToGo(end, now_ns));
  if (!first) return std::optional<int64_t>();
  ASSIGN_OR_RETURN(const uint32_t before, BucketOfBytes(bytes, *first, end));
  const int64_t dropped_ns = int64_t{before} * kBucketNs;
  ASSIGN_OR_RETURN(const bool dropped, DropMedia(dropped_ns, now_ns));
  if (!dropped) return absl::AbortedError("it has just been held; try again");
  return std::optional<int64_t>(dropped_ns);
}

absl::StatusOr<DiskUse> RocksDbRetention::Use() {
  DiskUse use;
  struct statvfs disk = {};
  if (statvfs(engine_.dir().c_str(), &disk) != 0) {
    return absl::UnavailableError(absl::StrCat("data directory ", engine_.dir(),
                                               ": ", std::strerror(errno)));
  }
  use.free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize;
  use.total_bytes = uint64_t{disk.f_blocks} * disk.f_frsize;
  use.bytes = engine_.TableBytes();
  ASSIGN_OR_RETURN(const std::optional<uint32_t> oldest, FirstBucket());
  if (oldest) use.oldest_media_ns = int64_t{*oldest} * kBucketNs;
  return use;
}

}  // namespace callbraid::collector
