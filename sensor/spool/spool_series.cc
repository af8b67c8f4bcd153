#include "sensor/spool/spool_series.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {

namespace fs = std::filesystem;

SpoolSeries::SpoolSeries(SpoolOptions options, SpoolWriterOptions writer,
                         const Clock& clock, std::shared_ptr<Spool> spare)
    : options_(std::move(options)),
      writer_options_(std::move(writer)),
      clock_(clock),
      spare_(std::move(spare)) {
  if (writer_options_.lossless) return;
  writer_options_.make_room = [this](size_t bytes) { MakeRoom(bytes); };
  if (spare_ == nullptr) return;
  writer_options_.free_disk = [this, first = writer_options_.free_disk] {
    return (first && first()) || spare_->DiscardOldest();
  };
}

SpoolSeries::~SpoolSeries() {
  // Writers end first: they may be about to make room.
  Close();
}

absl::StatusOr<std::unique_ptr<SpoolSeries>> SpoolSeries::Open(
    SpoolOptions options, SpoolWriterOptions writer, const Clock& clock,
    std::shared_ptr<Spool> spare) {
  auto series = std::unique_ptr<SpoolSeries>(new SpoolSeries(
      std::move(options), std::move(writer), clock, std::move(spare)));
  RETURN_IF_ERROR(series->OpenAll());
  return series;
}

std::string SpoolSeries::DirOf(uint64_t number) const {
  return number == 1 ? options_.dir : absl::StrCat(options_.dir, "-", number);
}

absl::Status SpoolSeries::OpenAll() {
  const fs::path first(options_.dir);
  const std::string prefix = absl::StrCat(first.filename().string(), "-");
  std::vector<uint64_t> numbers;
  std::error_code error;
  if (fs::exists(first, error)) numbers.push_back(1);
  for (const auto& entry : fs::directory_iterator(first.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    uint64_t number = 0;
    if (name.starts_with(prefix) &&
        absl::SimpleAtoi(name.substr(prefix.size()), &number) && number > 1) {
      numbers.push_back(number);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  if (numbers.empty()) numbers.push_back(1);
  {
    MutexLock lock(mutex_);
    for (const uint64_t number : numbers) RETURN_IF_ERROR(Add(number));
  }
  RemoveDelivered();
  {
    MutexLock lock(mutex_);
    StartWriter();
  }
  // What an earlier process left is a backlog, too.
  SetBacklogApart();
  return absl::OkStatus();
}

absl::Status SpoolSeries::Add(uint64_t number) {
  SpoolOptions options = options_;
  options.dir = DirOf(number);
  ASSIGN_OR_RETURN(std::shared_ptr<Spool> spool, Spool::Open(options));
  members_.push_back({number, options.dir, std::move(spool), nullptr});
  return absl::OkStatus();
}

void SpoolSeries::StartWriter() {
  Member& newest = members_.back();
  newest.writer =
      std::make_shared<SpoolWriter>(writer_options_, *newest.spool, clock_);
  number_ = newest.number;
}

std::shared_ptr<SpoolWriter> SpoolSeries::writer() const {
  MutexLock lock(mutex_);
  return members_.back().writer;
}

std::vector<std::shared_ptr<Spool>> SpoolSeries::spools() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Spool>> spools;
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    spools.push_back(member->spool);
  }
  return spools;
}

bool SpoolSeries::SetBacklogApart() {
  MutexLock lock(mutex_);
  if (writer_options_.lossless || members_.size() >= kMostSpools ||
      members_.back().spool->pending_bytes() < kBacklogBytes) {
    return false;
  }
  const absl::Status added = Add(members_.back().number + 1);
  if (!added.ok()) {
    spdlog::warn(absl::StrCat(
        "what is captured now waits behind what could not be delivered: ",
        added.message()));
    return false;
  }
  StartWriter();
  return true;
}

void SpoolSeries::RemoveDelivered() {
  std::vector<Member> delivered;
  {
    MutexLock lock(mutex_);
    for (size_t i = 0; i + 1 < members_.size();) {
      Member& member = members_[i];
      const bool written_to =
          member.writer != nullptr && member.writer.use_count() > 1;
      if (written_to || member.spool->pending_frames() > 0) {
        ++i;
        continue;
      }
      delivered.push_back(std::move(member));
      members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  for (Member& member : delivered) {
    if (member.writer != nullptr) member.writer->Close();
    // What was handed over at the last moment.
    if (member.spool->pending_frames() > 0) {
      MutexLock lock(mutex_);
      member.writer = nullptr;
      const auto after = std::find_if(
          members_.begin(), members_.end(),
          [&member](const Member& m) { return m.number > member.number; });
      members_.insert(after, std::move(member));
      continue;
    }
    spools().front()->TakeOverCounter(*member.spool);
    std::error_code error;
    fs::remove_all(member.dir, error);
  }
}

void SpoolSeries::MakeRoom(size_t bytes) {
  MutexLock lock(mutex_);
  const auto others = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    uint64_t used = SpareBytes();
    for (size_t i = 0; i + 1 < members_.size(); ++i) {
      used += members_[i].spool->bytes();
    }
    return used;
  };
  const uint64_t newest = members_.back().spool->bytes() + bytes;
  while (spare_ != nullptr && newest + others() > options_.limit_bytes &&
         spare_->DiscardOldest()) {
  }
  for (size_t i = 0; i + 1 < members_.size(); ++i) {
    while (newest + others() > options_.limit_bytes &&
           members_[i].spool->DiscardOldest()) {
    }
  }
  members_.back().spool->set_limit_bytes(
      options_.limit_bytes - std::min(others(), options_.limit_bytes / 2));
}

uint64_t SpoolSeries::SpareBytes() const {
  return spare_ == nullptr ? 0 : spare_->bytes();
}

uint64_t SpoolSeries::room_for_spare() const {
  MutexLock lock(mutex_);
  uint64_t used = 0;
  for (const Member& member : members_) used += member.spool->bytes();
  return options_.limit_bytes - std::min(used, options_.limit_bytes);
}

bool SpoolSeries::DiscardOldest() {
  if (spare_ != nullptr && spare_->DiscardOldest()) return true;
  MutexLock lock(mutex_);
  return std::any_of(members_.begin(), members_.end(), [](Member& member) {
    return member.spool->DiscardOldest();
  });
}

int64_t SpoolSeries::WaitingSinceNs() const {
  MutexLock lock(mutex_);
  int64_t oldest_ns = 0;
  for (const Member& member : members_) {
    const int64_t since_ns = member.spool->State().waiting_since_ns();
    if (since_ns == 0) continue;
    oldest_ns = oldest_ns == 0 ? since_ns : std::min(oldest_ns, since_ns);
  }
  return oldest_ns;
}

uint64_t SpoolSeries::pending_frames() const {
  MutexLock lock(mutex_);
  uint64_t frames = 0;
  for (const Member& member : members_) {
    frames += member.spool->pending_frames();
  }
  return frames;
}

void SpoolSeries::Abandon() {
  MutexLock lock(mutex_);
  for (const Member& member : members_) {
    if (member.writer != nullptr) member.writer->Abandon();
  }
}

void SpoolSeries::Close() {
  std::vector<std::shared_ptr<SpoolWriter>> writers;
  {
    MutexLock lock(mutex_);
    for (const Member& member : members_) {
      if (member.writer != nullptr) writers.push_back(member.writer);
    }
  }
  for (const auto& writer : writers) writer->Close();
}

}  // namespace callbraid::sensor
