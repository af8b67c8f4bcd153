#include "sensor/spool/spool_meta.h"

#include <random>
#include <span>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/bytes/byte_reader.h"
#include "common/bytes/byte_writer.h"
#include "sensor/spool/checksum.h"
#include "sensor/spool/file.h"

namespace callbraid::sensor {
namespace {

constexpr uint32_t kMagic = 0x4342534d;  // "CBSM"
constexpr uint32_t kVersion = 1;
constexpr size_t kCheckedBytes = 48;
constexpr char kName[] = "meta";

}  // namespace

uint64_t RandomSpoolId() {
  std::random_device random;
  uint64_t id = 0;
  while (id == 0) id = uint64_t{random()} << 32 | random();
  return id;
}

absl::StatusOr<std::optional<SpoolMeta>> ReadSpoolMeta(const std::string& dir) {
  const std::string path = absl::StrCat(dir, "/", kName);
  auto contents = ReadFile(path, 4096);
  if (absl::IsNotFound(contents.status()) ||
      absl::IsOutOfRange(contents.status())) {
    return std::nullopt;
  }
  RETURN_IF_ERROR(contents.status());
  ByteReader in(
      {reinterpret_cast<const uint8_t*>(contents->data()), contents->size()});
  const bool ours = in.U32() == kMagic;
  const uint32_t version = in.U32();
  if (ours && version > kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " was written by a later callbraid-sensor (version ",
                     version, "); start that one, or name an empty folder"));
  }
  SpoolMeta meta;
  meta.spool_id = in.U64();
  meta.base = in.U64();
  meta.acked = in.U64();
  meta.discarded_frames = in.U64();
  meta.unconfirmed = in.U64();
  const uint64_t checksum = in.U64();
  if (!ours || version != kVersion || !in.ok() || meta.spool_id == 0 ||
      meta.acked < meta.base ||
      checksum != Checksum({contents->data(), kCheckedBytes})) {
    return std::nullopt;
  }
  return meta;
}

absl::Status WriteSpoolMeta(const std::string& dir, const SpoolMeta& meta) {
  std::string contents;
  ByteWriter out(contents);
  out.U32(kMagic);
  out.U32(kVersion);
  out.U64(meta.spool_id);
  out.U64(meta.base);
  out.U64(meta.acked);
  out.U64(meta.discarded_frames);
  out.U64(meta.unconfirmed);
  out.U64(Checksum(contents));
  return ReplaceFile(dir, kName, contents);
}

}  // namespace callbraid::sensor
