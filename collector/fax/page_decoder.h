#ifndef CALLBRAID_COLLECTOR_FAX_PAGE_DECODER_H_
#define CALLBRAID_COLLECTOR_FAX_PAGE_DECODER_H_

#include <cstdint>
#include <string>

#include "collector/fax/t30_listener.h"

namespace callbraid::collector {

// A bilevel picture.
struct PageImage {
  uint32_t width = 0;
  uint32_t rows = 0;
  // Rows one after the other, whole bytes each; the leftmost pixel is the
  // highest bit, 1 is black.
  std::string bits;
  // Rows that do not decode, and repeat the one before.
  uint32_t bad_rows = 0;
};

// Decodes by spandsp: T.4 and T.6; what is coded otherwise has no rows. T.4
// goes on behind a gap with the next line that stands by itself, T.6 ends
// there.
//
// At most 20,000 rows: what follows is left out, and is a bad row.
PageImage DecodePage(const CodedPage& page);

// "MH", "MMR"...: FaxPage.coding.
const char* CodingName(PageFormat::Coding coding);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_PAGE_DECODER_H_
