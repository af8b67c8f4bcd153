#include "tests/fakes/fax_call.h"

#include <spandsp.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace callbraid::fakes {
namespace {

constexpr int kSamples = 160;  // 20 ms.
constexpr int64_t kStepNs = 20'000'000;
// No fax of a test is so long.
constexpr int64_t kLimitNs = int64_t{3600} * 1'000'000'000;

uint32_t Next(uint32_t& state) {
  state = state * 1'664'525 + 1'013'904'223;
  return state >> 8;
}

void AppendLength(size_t length, std::string& out) {
  if (length >= 0x80) out.push_back(static_cast<char>(0x80 | length >> 8));
  out.push_back(static_cast<char>(length & 0xff));
}

void AppendOctets(const std::string& octets, std::string& out) {
  AppendLength(octets.size(), out);
  out += octets;
}

// One of the two, with what it has sent.
struct Station {
  const FaxCallOptions* options = nullptr;
  int direction = 0;
  int64_t* now_ns = nullptr;
  std::vector<UdptlDatagram>* sent = nullptr;
  t38_terminal_state_t* terminal = nullptr;
  Station* other = nullptr;
  std::vector<std::string> ifps;
  bool is_done = false;

  std::string Datagram() const;
  void Send(const uint8_t* ifp, int size, int count);
};

// ITU-T T.38, section 9.1, of the newest packet.
std::string Station::Datagram() const {
  const size_t sequence = ifps.size() - 1;
  std::string out = {static_cast<char>(sequence >> 8 & 0xff),
                     static_cast<char>(sequence & 0xff)};
  AppendOctets(ifps.back(), out);
  if (options->parity > 0) {
    const auto span = static_cast<size_t>(options->parity);
    const bool full = sequence >= span;
    out += std::string("\x80\x01", 2);
    out.push_back(static_cast<char>(full ? span : 0));
    AppendLength(full ? 1 : 0, out);
    if (!full) return out;
    std::string parity;
    for (size_t i = sequence - span; i < sequence; ++i) {
      parity.resize(std::max(parity.size(), ifps[i].size()));
      for (size_t j = 0; j < ifps[i].size(); ++j) {
        parity[j] = static_cast<char>(parity[j] ^ ifps[i][j]);
      }
    }
    AppendOctets(parity, out);
    return out;
  }
  const size_t count =
      std::min(sequence, static_cast<size_t>(options->redundancy));
  out.push_back('\0');
  AppendLength(count, out);
  for (size_t i = 1; i <= count; ++i) AppendOctets(ifps[sequence - i], out);
  return out;
}

void Station::Send(const uint8_t* ifp, int size, int count) {
  ifps.emplace_back(reinterpret_cast<const char*>(ifp),
                    static_cast<size_t>(size));
  for (int i = 0; i < count; ++i) {
    sent->push_back({*now_ns, direction, Datagram()});
  }
  t38_core_rx_ifp_packet(t38_terminal_get_t38_core_state(other->terminal), ifp,
                         size, static_cast<uint16_t>(ifps.size() - 1));
}

int OnPacket(t38_core_state_t* /*core*/, void* station, const uint8_t* ifp,
             int size, int count) {
  static_cast<Station*>(station)->Send(ifp, size, count);
  return 0;
}

void OnEnd(t30_state_t* /*t30*/, void* station, int /*result*/) {
  static_cast<Station*>(station)->is_done = true;
}

void OnEndOfTones(t30_state_t* /*t30*/, void* is_done, int /*result*/) {
  *static_cast<bool*>(is_done) = true;
}

// Whoever calls sends.
void SetUp(const FaxCallOptions& options, bool calls, const std::string& folder,
           t30_state_t* t30) {
  t30_set_tx_ident(t30, (calls ? options.caller : options.callee).c_str());
  t30_set_ecm_capability(t30, options.ecm ? TRUE : FALSE);
  t30_set_supported_compressions(t30, options.compressions);
  t30_set_supported_modems(t30, options.modems);
  t30_set_supported_resolutions(t30, T30_SUPPORT_STANDARD_RESOLUTION |
                                         T30_SUPPORT_FINE_RESOLUTION |
                                         T30_SUPPORT_R8_RESOLUTION);
  t30_set_supported_image_sizes(t30, T30_SUPPORT_215MM_WIDTH |
                                         T30_SUPPORT_255MM_WIDTH |
                                         T30_SUPPORT_UNLIMITED_LENGTH);
  if (calls) {
    t30_set_tx_file(t30, (folder + "/sent.tif").c_str(), -1, -1);
  } else {
    t30_set_rx_file(t30, (folder + "/received.tif").c_str(), -1);
  }
}

void SetUp(const FaxCallOptions& options, const std::string& folder,
           Station& station) {
  const bool calls = station.direction == 0;
  station.terminal =
      t38_terminal_init(nullptr, calls ? TRUE : FALSE, OnPacket, &station);
  t38_set_t38_version(t38_terminal_get_t38_core_state(station.terminal),
                      options.t38_version);
  t30_state_t* t30 = t38_terminal_get_t30_state(station.terminal);
  SetUp(options, calls, folder, t30);
  t30_set_phase_e_handler(t30, OnEnd, &station);
}

}  // namespace

Picture MakePicture(uint32_t width, uint32_t rows, uint32_t seed) {
  Picture picture{width, rows, {}};
  const size_t bytes = (width + 7) / 8;
  picture.bits.assign(bytes * rows, '\0');
  uint32_t state = seed + 1;
  // Letters, so to say: blocks of a few pixels in lines.
  for (uint32_t line = 40; line + 24 < rows; line += 32) {
    for (size_t at = 8; at + 8 < bytes; at += 2) {
      if (Next(state) % 4 == 0) continue;
      for (uint32_t row = line; row < line + 20; ++row) {
        picture.bits[row * bytes + at] =
            static_cast<char>(Next(state) & (row % 5 == 0 ? 0xff : 0x3c));
      }
    }
  }
  return picture;
}

void WritePictures(const std::string& path, const std::vector<Picture>& pages,
                   bool fine) {
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  for (const Picture& page : pages) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page.rows);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, page.rows);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 204.0);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, fine ? 196.0 : 98.0);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    std::string bits = page.bits;
    TIFFWriteEncodedStrip(tiff, 0, bits.data(),
                          static_cast<tmsize_t>(bits.size()));
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
}

std::vector<Picture> ReadPictures(const std::string& path) {
  std::vector<Picture> pages;
  TIFF* tiff = TIFFOpen(path.c_str(), "r");
  if (tiff == nullptr) return pages;
  do {
    Picture page;
    uint16_t photometric = PHOTOMETRIC_MINISWHITE;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page.width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page.rows);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    const auto bytes = static_cast<size_t>(TIFFScanlineSize(tiff));
    page.bits.resize(bytes * page.rows);
    for (uint32_t row = 0; row < page.rows; ++row) {
      TIFFReadScanline(tiff, page.bits.data() + row * bytes, row);
    }
    if (photometric == PHOTOMETRIC_MINISBLACK) {
      for (char& byte : page.bits) byte = static_cast<char>(~byte);
    }
    pages.push_back(std::move(page));
  } while (TIFFReadDirectory(tiff));
  TIFFClose(tiff);
  return pages;
}

FaxCall SendFax(const FaxCallOptions& options, const std::string& folder) {
  WritePictures(folder + "/sent.tif", options.pages, options.fine);
  FaxCall call;
  int64_t now_ns = 0;
  Station stations[2];
  for (int i = 0; i < 2; ++i) {
    stations[i].options = &options;
    stations[i].direction = i;
    stations[i].now_ns = &now_ns;
    stations[i].sent = &call.datagrams;
    stations[i].other = &stations[1 - i];
  }
  for (Station& station : stations) SetUp(options, folder, station);
  while (!(stations[0].is_done && stations[1].is_done) && now_ns < kLimitNs) {
    for (Station& station : stations) {
      t38_terminal_send_timeout(station.terminal, kSamples);
    }
    now_ns += kStepNs;
  }
  for (Station& station : stations) t38_terminal_free(station.terminal);
  call.received = ReadPictures(folder + "/received.tif");
  return call;
}

ToneFaxCall SendFaxAsTones(const FaxCallOptions& options,
                           const std::string& folder) {
  WritePictures(folder + "/sent.tif", options.pages, options.fine);
  ToneFaxCall call;
  fax_state_t* machines[2];
  bool is_done[2] = {false, false};
  for (int i = 0; i < 2; ++i) {
    machines[i] = fax_init(nullptr, i == 0 ? TRUE : FALSE);
    fax_set_transmit_on_idle(machines[i], TRUE);
    t30_state_t* t30 = fax_get_t30_state(machines[i]);
    SetUp(options, i == 0, folder, t30);
    t30_set_phase_e_handler(t30, OnEndOfTones, &is_done[i]);
  }
  for (int64_t now_ns = 0; !(is_done[0] && is_done[1]) && now_ns < kLimitNs;
       now_ns += kStepNs) {
    for (int i = 0; i < 2; ++i) {
      int16_t samples[kSamples] = {};
      fax_tx(machines[i], samples, kSamples);
      for (int16_t& sample : samples) {
        sample = ulaw_to_linear(linear_to_ulaw(sample));
      }
      call.samples[i].insert(call.samples[i].end(), samples,
                             samples + kSamples);
      fax_rx(machines[1 - i], samples, kSamples);
    }
  }
  for (fax_state_t* machine : machines) fax_free(machine);
  call.received = ReadPictures(folder + "/received.tif");
  return call;
}

}  // namespace callbraid::fakes
