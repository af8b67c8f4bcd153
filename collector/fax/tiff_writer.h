#ifndef CALLBRAID_COLLECTOR_FAX_TIFF_WRITER_H_
#define CALLBRAID_COLLECTOR_FAX_TIFF_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "collector/fax/page_decoder.h"
#include "collector/fax/t30_frame.h"

struct tiff;

namespace callbraid::collector {

// Writes pages to a TIFF file in memory (revision 6.0; RFC 3949, profile F):
// one directory each, bilevel, coded by T.6. What is in the file depends on the
// pages alone. One thread.
class TiffWriter {
 public:
  TiffWriter();
  ~TiffWriter();
  TiffWriter(const TiffWriter&) = delete;
  TiffWriter& operator=(const TiffWriter&) = delete;

  // `image` has rows. `time_ns`: since the Unix epoch. False if it could not be
  // coded: the page is left out.
  bool Add(const PageImage& image, const PageFormat& format, int64_t time_ns);
  // So far.
  size_t bytes() const { return out_.bytes.size(); }
  // Once, at the end; empty without pages.
  std::string Finish();

  // What libtiff writes to.
  struct File {
    std::string bytes;
    size_t position = 0;
  };

 private:
  File out_;
  struct ::tiff* tiff_;
  uint16_t pages_ = 0;
};

// Pixels an inch.
double PerInch(int per_metre);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_TIFF_WRITER_H_
