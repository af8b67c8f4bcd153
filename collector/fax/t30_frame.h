#ifndef CALLBRAID_COLLECTOR_FAX_T30_FRAME_H_
#define CALLBRAID_COLLECTOR_FAX_T30_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace callbraid::collector {

// How a page is coded, and how its coding is sent: what a digital command
// signal (DCS) says (ITU-T T.30, table 2).
struct PageFormat {
  enum class Coding {
    kMh,    // T.4, one-dimensional.
    kMr,    // T.4, two-dimensional.
    kMmr,   // T.6.
    kJbig,  // T.85.
    kColour,
  };
  Coding coding = Coding::kMh;
  // Pixels a row.
  uint32_t width = 1728;
  // Pixels a metre.
  int x_resolution = 8031;
  int y_resolution = 3850;
  // Error correction mode (annex A), and bytes of a frame in it.
  bool ecm = false;
  size_t ecm_frame_bytes = 256;
  // What sends it, and how fast: bit/s; 0 of a modem that is not known.
  enum class Modem { kUnknown, kV27ter, kV29, kV17 };
  Modem modem = Modem::kUnknown;
  uint32_t bit_rate = 0;
};

// One HDLC frame of T.30 (section 5.3.4), which is without its checksum and has
// the bit that was sent first as its lowest.
struct T30Frame {
  // The facsimile control field without the bit that tells who sends: T30_DCS
  // and its like, of <spandsp/t30_fcf.h>.
  uint8_t control = 0;
  // Points into the frame.
  std::span<const uint8_t> information;
};

// Nullopt unless address and control are those of T.30.
std::optional<T30Frame> ReadT30Frame(std::span<const uint8_t> frame);

// Of the information field of a DCS. Missing bits are 0.
PageFormat ReadDcs(std::span<const uint8_t> information);

// Of the information field of TSI, CSI or CIG: at most 20 printable characters,
// without spaces around them. What is no ASCII is '?'.
std::string ReadStation(std::span<const uint8_t> information);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_T30_FRAME_H_
