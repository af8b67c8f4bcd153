#include "collector/fax/tiff_writer.h"

#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/time/time.h"

namespace callbraid::collector {
namespace {

using File = TiffWriter::File;

tmsize_t ReadFile(thandle_t handle, void* to, tmsize_t size) {
  File& file = *static_cast<File*>(handle);
  const size_t left = file.bytes.size() - file.position;
  const size_t count = std::min(left, static_cast<size_t>(size));
  std::memcpy(to, file.bytes.data() + file.position, count);
  file.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t WriteFile(thandle_t handle, void* from, tmsize_t size) {
  File& file = *static_cast<File*>(handle);
  const auto count = static_cast<size_t>(size);
  if (file.position + count > file.bytes.size()) {
    file.bytes.resize(file.position + count);
  }
  std::memcpy(file.bytes.data() + file.position, from, count);
  file.position += count;
  return size;
}

toff_t SeekFile(thandle_t handle, toff_t offset, int whence) {
  File& file = *static_cast<File*>(handle);
  const size_t base = whence == SEEK_SET   ? 0
                      : whence == SEEK_CUR ? file.position
                                           : file.bytes.size();
  file.position = base + static_cast<size_t>(offset);
  if (file.position > file.bytes.size()) file.bytes.resize(file.position);
  return file.position;
}

int CloseFile(thandle_t /*handle*/) { return 0; }

toff_t SizeOfFile(thandle_t handle) {
  return static_cast<File*>(handle)->bytes.size();
}

}  // namespace

double PerInch(int per_metre) {
  return std::round(per_metre * 0.0254 * 10) / 10;
}

TiffWriter::TiffWriter()
    : tiff_(TIFFClientOpen("fax", "wl", &out_, ReadFile, WriteFile, SeekFile,
                           CloseFile, SizeOfFile, nullptr, nullptr)) {}

TiffWriter::~TiffWriter() {
  if (tiff_ != nullptr) TIFFClose(tiff_);
}

bool TiffWriter::Add(const PageImage& image, const PageFormat& format,
                     int64_t time_ns) {
  if (tiff_ == nullptr || image.rows == 0 || image.bits.empty()) return false;
  TIFFSetField(tiff_, TIFFTAG_SUBFILETYPE, FILETYPE_PAGE);
  TIFFSetField(tiff_, TIFFTAG_IMAGEWIDTH, image.width);
  TIFFSetField(tiff_, TIFFTAG_IMAGELENGTH, image.rows);
  TIFFSetField(tiff_, TIFFTAG_BITSPERSAMPLE, 1);
  TIFFSetField(tiff_, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff_, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
  TIFFSetField(tiff_, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
  TIFFSetField(tiff_, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB);
  TIFFSetField(tiff_, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff_, TIFFTAG_ROWSPERSTRIP, image.rows);
  TIFFSetField(tiff_, TIFFTAG_XRESOLUTION, PerInch(format.x_resolution));
  TIFFSetField(tiff_, TIFFTAG_YRESOLUTION, PerInch(format.y_resolution));
  TIFFSetField(tiff_, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  TIFFSetField(tiff_, TIFFTAG_PAGENUMBER, pages_, 0);
  TIFFSetField(tiff_, TIFFTAG_SOFTWARE, "Callbraid");
  const std::string time = absl::FormatTime(
      "%Y:%m:%d %H:%M:%S", absl::FromUnixNanos(time_ns), absl::UTCTimeZone());
  TIFFSetField(tiff_, TIFFTAG_DATETIME, time.c_str());
  // libtiff reads it only.
  auto* bits = const_cast<char*>(image.bits.data());
  const auto size = static_cast<tmsize_t>(image.bits.size());
  if (TIFFWriteEncodedStrip(tiff_, 0, bits, size) < 0 ||
      TIFFWriteDirectory(tiff_) == 0) {
    return false;
  }
  ++pages_;
  return true;
}

std::string TiffWriter::Finish() {
  if (tiff_ != nullptr) TIFFClose(std::exchange(tiff_, nullptr));
  return pages_ == 0 ? "" : std::move(out_.bytes);
}

}  // namespace callbraid::collector
