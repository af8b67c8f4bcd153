#include "collector/fax/page_decoder.h"

#include <spandsp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"

namespace callbraid::collector {
namespace {

// Twice what the longest paper has at 400 dots an inch. A row may cost a bit in
// T.6, so it is looked often enough that no more than some MB are decoded
// beyond.
constexpr uint32_t kMaxRows = 20'000;
constexpr size_t kChunkBytes = 64;

// spandsp's receiver wants a TIFF file, into which it puts nothing if rows are
// taken by a handler, and removes it if there was no page: a file in memory.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("fax", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return absl::StrCat("/proc/self/fd/", fd_); }

 private:
  const int fd_;
};

struct FreeReceiver {
  void operator()(t4_rx_state_t* receiver) const { t4_rx_free(receiver); }
};
using Receiver = std::unique_ptr<t4_rx_state_t, FreeReceiver>;

// A t4_row_write_handler_t; `bytes` is 0 at the end.
int TakeRow(void* image, const uint8_t row[], size_t bytes) {
  if (bytes == 0) return 0;
  auto& out = *static_cast<PageImage*>(image);
  ++out.rows;
  out.bits.append(reinterpret_cast<const char*>(row), bytes);
  return 0;
}

// 0 of a coding that is not decoded.
int EncodingOf(PageFormat::Coding coding) {
  switch (coding) {
    case PageFormat::Coding::kMh:
      return T4_COMPRESSION_ITU_T4_1D;
    case PageFormat::Coding::kMr:
      return T4_COMPRESSION_ITU_T4_2D;
    case PageFormat::Coding::kMmr:
      return T4_COMPRESSION_ITU_T6;
    default:
      return 0;
  }
}

// True if the page went on to its end, or to its gap.
bool PutPiece(const std::string& piece, t4_rx_state_t* receiver) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(piece.data());
  for (size_t at = 0; at < piece.size(); at += kChunkBytes) {
    const size_t size = std::min(kChunkBytes, piece.size() - at);
    if (t4_rx_put_chunk(receiver, bytes + at, static_cast<int>(size))) {
      return true;
    }
    t4_stats_t statistics;
    t4_rx_get_transfer_statistics(receiver, &statistics);
    if (statistics.length > static_cast<int>(kMaxRows)) return false;
  }
  return true;
}

}  // namespace

PageImage DecodePage(const CodedPage& page) {
  const PageFormat& format = page.format;
  PageImage image;
  image.width = format.width;
  const int encoding = EncodingOf(format.coding);
  if (encoding == 0 || page.pieces.empty()) return image;
  const MemoryFile file;
  const Receiver receiver(
      t4_rx_init(nullptr, file.path().c_str(), T4_COMPRESSION_ITU_T6));
  if (receiver == nullptr) return image;
  t4_rx_set_row_write_handler(receiver.get(), TakeRow, &image);
  t4_rx_set_rx_encoding(receiver.get(), encoding);
  t4_rx_set_image_width(receiver.get(), static_cast<int>(format.width));
  t4_rx_set_x_resolution(receiver.get(), format.x_resolution);
  t4_rx_set_y_resolution(receiver.get(), format.y_resolution);
  if (t4_rx_start_page(receiver.get()) != 0) return image;
  bool all = true;
  for (const std::string& piece : page.pieces) {
    all = all && PutPiece(piece, receiver.get());
    if (format.coding == PageFormat::Coding::kMmr) break;
  }
  t4_stats_t statistics;
  t4_rx_get_transfer_statistics(receiver.get(), &statistics);
  t4_rx_end_page(receiver.get());
  image.bad_rows = static_cast<uint32_t>(std::max(0, statistics.bad_rows));
  if (!all) ++image.bad_rows;
  return image;
}

const char* CodingName(PageFormat::Coding coding) {
  switch (coding) {
    case PageFormat::Coding::kMh:
      return "MH";
    case PageFormat::Coding::kMr:
      return "MR";
    case PageFormat::Coding::kMmr:
      return "MMR";
    case PageFormat::Coding::kJbig:
      return "JBIG";
    case PageFormat::Coding::kColour:
      return "colour";
  }
  return "";
}

}  // namespace callbraid::collector
