// A fax from its UDPTL packets to TIFF: each is direction:1 size:1 bytes.

#include <algorithm>
#include <cstdlib>

#include "collector/fax/page_decoder.h"
#include "collector/fax/t30_listener.h"
#include "collector/fax/t38_reader.h"
#include "collector/fax/tiff_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace callbraid::collector;
  T30Listener listener;
  T38Reader readers[2] = {T38Reader(listener, 0), T38Reader(listener, 1)};
  int64_t time_ns = 0;
  for (size_t at = 0; at + 4 < size;) {
    const int direction = data[at] & 1;
    const size_t length =
        std::min(std::max<size_t>(2, data[at + 1]), size - at - 2);
    const uint8_t* packet = data + at + 2;
    time_ns += 20'000'000;
    readers[direction].Take(time_ns,
                            static_cast<uint16_t>(packet[0] << 8 | packet[1]),
                            {packet + 2, length - 2});
    at += 2 + length;
  }
  for (T38Reader& reader : readers) reader.Finish();
  TiffWriter tiff;
  for (const CodedFax& fax : listener.Finish()) {
    for (const CodedPage& page : fax.pages) {
      const PageImage image = DecodePage(page);
      if (image.bits.size() != size_t{image.rows} * ((image.width + 7) / 8)) {
        std::abort();
      }
      tiff.Add(image, page.format, page.time_ns);
    }
  }
  tiff.Finish();
  return 0;
}
