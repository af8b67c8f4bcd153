#ifndef CALLBRAID_TESTS_FAKES_SMALL_DISK_H_
#define CALLBRAID_TESTS_FAKES_SMALL_DISK_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "rocksdb/file_system.h"

namespace callbraid::fakes {

// A disk that takes so many bytes more. What does not fit is written up to
// there, as a real one does. Removed files make no room: set_room() does.
class SmallDisk final : public rocksdb::FileSystemWrapper {
 public:
  static constexpr int64_t kRoomy = int64_t{1} << 40;

  SmallDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "SmallDisk"; }

  void set_room(int64_t bytes) { room_ = bytes; }

  rocksdb::IOStatus NewWritableFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> real;
    const auto status =
        FileSystemWrapper::NewWritableFile(name, options, &real, debug);
    if (status.ok()) *file = std::make_unique<File>(std::move(real), *this);
    return status;
  }

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> real, SmallDisk& disk)
        : FSWritableFileOwnerWrapper(std::move(real)), disk_(disk) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      const int64_t room = disk_.room_.fetch_sub(
          static_cast<int64_t>(data.size()), std::memory_order_relaxed);
      if (room >= static_cast<int64_t>(data.size())) {
        return FSWritableFileOwnerWrapper::Append(data, options, debug);
      }
      disk_.room_ = 0;
      const rocksdb::Slice part(
          data.data(), static_cast<size_t>(std::max<int64_t>(room, 0)));
      FSWritableFileOwnerWrapper::Append(part, options, debug)
          .PermitUncheckedError();
      return rocksdb::IOStatus::NoSpace("No space left on device");
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data,
                             const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& /*unused*/,
                             rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }

   private:
    SmallDisk& disk_;
  };

  std::atomic<int64_t> room_ = kRoomy;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_SMALL_DISK_H_
