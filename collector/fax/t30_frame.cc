#include "collector/fax/t30_frame.h"

#include <algorithm>

namespace callbraid::collector {
namespace {

constexpr uint8_t kAddress = 0xff;
constexpr uint8_t kControl = 0x03;
constexpr uint8_t kFinal = 0x10;
// Set by the station that has received a DIS.
constexpr uint8_t kSenderBit = 0x01;

constexpr size_t kStationCharacters = 20;

// Bits of DCS as T.30, table 2, counts them.
constexpr int kRate = 11;  // And the three after it.
constexpr int kFine = 15;
constexpr int kTwoDimensional = 16;
constexpr int kWidth = 17;  // And the next.
constexpr int kEcm = 27;
constexpr int kShortFrames = 28;
constexpr int kMmr = 31;
constexpr int kSuperfine = 41;
constexpr int k300 = 42;
constexpr int k400 = 43;
constexpr int kJpeg = 68;
constexpr int kFullColour = 69;
constexpr int kJbig = 78;
constexpr int kJbigVariable = 79;
constexpr int k600 = 105;
constexpr int k1200 = 106;
constexpr int k300By600 = 107;
constexpr int k400By800 = 108;
constexpr int k600By1200 = 109;

class Bits {
 public:
  explicit Bits(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool operator[](int bit) const {
    const auto at = static_cast<size_t>(bit - 1);
    return at / 8 < bytes_.size() && (bytes_[at / 8] >> (at % 8) & 1) != 0;
  }
  uint32_t Number(int first, int count) const {
    uint32_t number = 0;
    for (int i = 0; i < count; ++i) {
      number |= static_cast<uint32_t>((*this)[first + i]) << i;
    }
    return number;
  }

 private:
  std::span<const uint8_t> bytes_;
};

// By bits 11 to 14.
void SetModem(uint32_t code, PageFormat& format) {
  using Modem = PageFormat::Modem;
  const auto set = [&format](Modem modem, uint32_t bit_rate) {
    format.modem = modem;
    format.bit_rate = bit_rate;
  };
  switch (code) {
    case 0b0000:
      return set(Modem::kV27ter, 2400);
    case 0b0010:
      return set(Modem::kV27ter, 4800);
    case 0b0001:
      return set(Modem::kV29, 9600);
    case 0b0011:
      return set(Modem::kV29, 7200);
    case 0b1000:
      return set(Modem::kV17, 14400);
    case 0b1010:
      return set(Modem::kV17, 12000);
    case 0b1001:
      return set(Modem::kV17, 9600);
    case 0b1011:
      return set(Modem::kV17, 7200);
    default:
      return set(Modem::kUnknown, 0);
  }
}

struct Resolution {
  int bit;
  int x;
  int y;
  // Times what it is at 8 pixels a millimetre.
  double width;
};
constexpr Resolution kResolutions[] = {
    {k600By1200, 23622, 47244, 3},  {k400By800, 15748, 31496, 2},
    {k300By600, 11811, 23622, 1.5}, {k1200, 47244, 47244, 6},
    {k600, 23622, 23622, 3},        {k400, 16063, 15400, 2},
    {k300, 11811, 11811, 1.5},      {kSuperfine, 8031, 15400, 1},
    {kFine, 8031, 7700, 1}};

uint32_t WidthOf(uint32_t code) {
  return code == 1 ? 2048 : code == 2 ? 2432 : 1728;
}

PageFormat::Coding CodingOf(const Bits& bits) {
  if (bits[kJpeg] || bits[kFullColour]) return PageFormat::Coding::kColour;
  if (bits[kJbig] || bits[kJbigVariable]) return PageFormat::Coding::kJbig;
  if (bits[kMmr]) return PageFormat::Coding::kMmr;
  return bits[kTwoDimensional] ? PageFormat::Coding::kMr
                               : PageFormat::Coding::kMh;
}

}  // namespace

std::optional<T30Frame> ReadT30Frame(std::span<const uint8_t> frame) {
  if (frame.size() < 3 || frame[0] != kAddress ||
      (frame[1] & ~kFinal) != kControl) {
    return std::nullopt;
  }
  return T30Frame{static_cast<uint8_t>(frame[2] & ~kSenderBit),
                  frame.subspan(3)};
}

PageFormat ReadDcs(std::span<const uint8_t> information) {
  const Bits bits(information);
  PageFormat format;
  format.coding = CodingOf(bits);
  SetModem(bits.Number(kRate, 4), format);
  format.ecm = bits[kEcm];
  format.ecm_frame_bytes = bits[kShortFrames] ? 64 : 256;
  format.width = WidthOf(bits.Number(kWidth, 2));
  const auto* chosen = std::find_if(
      std::begin(kResolutions), std::end(kResolutions),
      [&bits](const Resolution& resolution) { return bits[resolution.bit]; });
  if (chosen != std::end(kResolutions)) {
    format.x_resolution = chosen->x;
    format.y_resolution = chosen->y;
    format.width = static_cast<uint32_t>(format.width * chosen->width);
  }
  return format;
}

// The last character is sent first.
std::string ReadStation(std::span<const uint8_t> information) {
  std::string name;
  for (const uint8_t byte :
       information.first(std::min(information.size(), kStationCharacters))) {
    name.insert(name.begin(),
                byte >= ' ' && byte <= '~' ? static_cast<char>(byte) : '?');
  }
  const size_t first = name.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return name.substr(first, name.find_last_not_of(' ') - first + 1);
}

}  // namespace callbraid::collector
