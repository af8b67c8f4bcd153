#include "sensor/capture/unpack.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kPackedBytes = size_t{128} << 10;
constexpr int kMaxWindowLog = 27;  // 128 MiB.

class FileBytes final : public ByteSource {
 public:
  FileBytes(File file, std::string head)
      : file_(std::move(file)), head_(std::move(head)) {}

  ssize_t Read(char* buffer, size_t size) override {
    if (!head_.empty()) {
      const size_t count = head_.copy(buffer, size);
      head_.erase(0, count);
      return static_cast<ssize_t>(count);
    }
    ssize_t count = 0;
    do {
      count = read(fileno(file_.get()), buffer, size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) error_ = std::strerror(errno);
    return count;
  }
  const std::string& error() const override { return error_; }

 private:
  const File file_;
  std::string head_;
  std::string error_;
};

// What the two have in common: a buffer of what is packed, and what is wrong.
class Unpacker : public ByteSource {
 public:
  explicit Unpacker(std::unique_ptr<ByteSource> packed)
      : packed_(std::move(packed)), buffer_(kPackedBytes) {}

  ssize_t Read(char* buffer, size_t size) final {
    if (failure_.empty() && !ended_) {
      const size_t count = Unpack(buffer, size);
      // What was unpacked before the damage is good.
      if (count > 0 || failure_.empty()) return static_cast<ssize_t>(count);
    }
    error_ = failure_;
    return error_.empty() ? 0 : -1;
  }
  const std::string& error() const final { return error_; }

 protected:
  // 0 if it called End() or Fail().
  virtual size_t Unpack(char* buffer, size_t size) = 0;

  // More of what is packed; none of it at its end, and where it failed.
  std::span<char> Fill() {
    const ssize_t count = packed_->Read(buffer_.data(), buffer_.size());
    if (count < 0) Fail(packed_->error());
    return {buffer_.data(), static_cast<size_t>(std::max<ssize_t>(count, 0))};
  }
  // The first failure counts.
  void Fail(std::string why) {
    if (failure_.empty()) failure_ = std::move(why);
  }
  void End() { ended_ = true; }

 private:
  const std::unique_ptr<ByteSource> packed_;
  std::vector<char> buffer_;
  bool ended_ = false;
  std::string failure_;
  std::string error_;
};

class GzipUnpacker final : public Unpacker {
 public:
  explicit GzipUnpacker(std::unique_ptr<ByteSource> packed)
      : Unpacker(std::move(packed)) {
    // 16: with the header and the trailer of gzip.
    if (inflateInit2(&stream_, MAX_WBITS + 16) != Z_OK) Fail("out of memory");
  }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;
  ~GzipUnpacker() override { inflateEnd(&stream_); }

 private:
  size_t Unpack(char* buffer, size_t size) override {
    const auto room =
        static_cast<uInt>(std::min<size_t>(size, size_t{1} << 30));
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = room;
    while (stream_.avail_out == room && PrepareInput()) {
      switch (inflate(&stream_, Z_NO_FLUSH)) {
        case Z_OK:
          break;
        case Z_STREAM_END:
          in_member_ = false;
          break;
        default:
          Fail("its gzip compression is damaged");
          return room - stream_.avail_out;
      }
    }
    return room - stream_.avail_out;
  }

  // False at the end, and where it is damaged.
  bool PrepareInput() {
    if (stream_.avail_in == 0) {
      const std::span<char> packed = Fill();
      stream_.next_in = reinterpret_cast<Bytef*>(packed.data());
      stream_.avail_in = static_cast<uInt>(packed.size());
      if (packed.empty()) {
        if (in_member_) Fail("its gzip compression is cut off");
        End();
        return false;
      }
    }
    if (in_member_) return true;
    constexpr Bytef kFirstByte = 0x1f;
    if (*stream_.next_in != kFirstByte) {
      End();
      return false;
    }
    inflateReset(&stream_);
    in_member_ = true;
    return true;
  }

  z_stream stream_ = {};
  bool in_member_ = false;
};

class ZstdUnpacker final : public Unpacker {
 public:
  explicit ZstdUnpacker(std::unique_ptr<ByteSource> packed)
      : Unpacker(std::move(packed)), context_(ZSTD_createDCtx()) {
    if (context_ == nullptr ||
        ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax,
                                            kMaxWindowLog))) {
      Fail("out of memory");
    }
  }
  ZstdUnpacker(const ZstdUnpacker&) = delete;
  ZstdUnpacker& operator=(const ZstdUnpacker&) = delete;
  ~ZstdUnpacker() override { ZSTD_freeDCtx(context_); }

 private:
  size_t Unpack(char* buffer, size_t size) override {
    ZSTD_outBuffer out = {buffer, size, 0};
    while (out.pos == 0) {
      if (input_.pos == input_.size && !holds_more_ && !Refill()) return 0;
      const size_t rest = ZSTD_decompressStream(context_, &out, &input_);
      if (ZSTD_isError(rest)) {
        Fail(Describe(rest));
        return out.pos;
      }
      in_frame_ = rest != 0;
      holds_more_ = in_frame_ && out.pos == out.size;
    }
    return out.pos;
  }

  bool Refill() {
    const std::span<char> packed = Fill();
    input_ = {packed.data(), packed.size(), 0};
    if (!packed.empty()) return true;
    if (in_frame_) Fail("its zstd compression is cut off");
    End();
    return false;
  }

  static std::string Describe(size_t code) {
    if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge) {
      return "it is compressed by zstd with a window of more than 128 MiB; "
             "unpack it on the way: `zstd -dc --long=31 FILE | "
             "callbraid-sensor "
             "--read /dev/stdin`";
    }
    return absl::StrCat("its zstd compression is damaged (",
                        ZSTD_getErrorName(code), ")");
  }

  ZSTD_DCtx* const context_;
  ZSTD_inBuffer input_ = {nullptr, 0, 0};
  bool in_frame_ = false;
  // There was no room for all of what was unpacked.
  bool holds_more_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> ReadFile(File file, std::string head) {
  return std::make_unique<FileBytes>(std::move(file), std::move(head));
}

std::unique_ptr<ByteSource> Gunzip(std::unique_ptr<ByteSource> packed) {
  return std::make_unique<GzipUnpacker>(std::move(packed));
}

std::unique_ptr<ByteSource> Unzstd(std::unique_ptr<ByteSource> packed) {
  return std::make_unique<ZstdUnpacker>(std::move(packed));
}

}  // namespace callbraid::sensor
