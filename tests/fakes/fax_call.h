#ifndef CALLBRAID_TESTS_FAKES_FAX_CALL_H_
#define CALLBRAID_TESTS_FAKES_FAX_CALL_H_

#include <cstdint>
#include <string>
#include <vector>

namespace callbraid::fakes {

// A picture as in a TIFF file: rows of whole bytes, the leftmost pixel the
// highest bit, 1 is black.
struct Picture {
  uint32_t width = 0;
  uint32_t rows = 0;
  std::string bits;

  auto operator<=>(const Picture&) const = default;
};

// A page with lines and blocks that depend on `seed`.
Picture MakePicture(uint32_t width, uint32_t rows, uint32_t seed);

// Pages in and out of a TIFF file, by libtiff. `fine`: at 196 rows an inch,
// else 98.
void WritePictures(const std::string& path, const std::vector<Picture>& pages,
                   bool fine);
std::vector<Picture> ReadPictures(const std::string& path);

struct UdptlDatagram {
  int64_t time_ns = 0;
  // 0: by the caller, who sends the fax.
  int direction = 0;
  std::string bytes;
};

struct FaxCallOptions {
  std::vector<Picture> pages;
  bool fine = false;
  bool ecm = true;
  // T30_SUPPORT_..._COMPRESSION of spandsp.
  int compressions = 0x02;
  int modems = 0x07;
  int t38_version = 0;
  // Earlier packets that each has besides its own.
  int redundancy = 2;
  // Instead of them, a parity of so many.
  int parity = 0;
  std::string caller = "+49 30 1234";
  std::string callee = "+49 89 5678";
};

struct FaxCall {
  std::vector<UdptlDatagram> datagrams;
  // As the callee received them: spandsp's own decoding.
  std::vector<Picture> received;
};

// A fax between two of spandsp's T.38 terminals, which hear each other without
// loss or delay. `folder` is for their files.
FaxCall SendFax(const FaxCallOptions& options, const std::string& folder);

struct ToneFaxCall {
  // What each station says, at 8 kHz, after mu-law.
  std::vector<int16_t> samples[2];
  std::vector<Picture> received;
};

// The same between two of spandsp's fax machines, as tones through G.711;
// options of T.38 do not matter.
ToneFaxCall SendFaxAsTones(const FaxCallOptions& options,
                           const std::string& folder);

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_FAX_CALL_H_
