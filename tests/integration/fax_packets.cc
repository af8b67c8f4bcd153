// Faxes for the integration test, by spandsp and libtiff.
//
//   fax_packets send FOLDER PAGES ECM REDUNDANCY
//     prints each datagram of UDPTL: time in ns, direction, bytes in
//     hexadecimal; FOLDER/sent.tif is what was sent.
//   fax_packets tones FOLDER PAGES ECM
//     the same of fax machines: each 20 ms of either in mu-law.
//   fax_packets read FILE
//     prints each page of a TIFF file: pixels a row, rows, pixels in
//     hexadecimal.

#include <spandsp.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fakes/fax_call.h"

namespace callbraid::fakes {
namespace {

void PrintHex(std::string_view bytes) {
  for (const char byte : bytes) {
    std::printf("%02x", static_cast<unsigned>(static_cast<uint8_t>(byte)));
  }
  std::printf("\n");
}

FaxCallOptions OptionsOf(int pages, bool ecm) {
  FaxCallOptions options;
  for (int i = 0; i < pages; ++i) {
    options.pages.push_back(
        MakePicture(1728, 600, static_cast<uint32_t>(i + 1)));
  }
  options.ecm = ecm;
  options.compressions = T30_SUPPORT_T4_1D_COMPRESSION |
                         T30_SUPPORT_T4_2D_COMPRESSION |
                         (ecm ? T30_SUPPORT_T6_COMPRESSION : 0);
  return options;
}

// Else there is nothing to compare with.
bool Arrived(const std::vector<Picture>& received,
             const FaxCallOptions& options) {
  if (received == options.pages) return true;
  std::fprintf(stderr, "spandsp did not receive what it sent\n");
  return false;
}

int Send(const std::string& folder, int pages, bool ecm, int redundancy) {
  FaxCallOptions options = OptionsOf(pages, ecm);
  options.redundancy = redundancy;
  const FaxCall call = SendFax(options, folder);
  if (!Arrived(call.received, options)) return 1;
  for (const UdptlDatagram& datagram : call.datagrams) {
    std::printf("%lld %d ", static_cast<long long>(datagram.time_ns),
                datagram.direction);
    PrintHex(datagram.bytes);
  }
  return 0;
}

int SendTones(const std::string& folder, int pages, bool ecm) {
  const FaxCallOptions options = OptionsOf(pages, ecm);
  const ToneFaxCall call = SendFaxAsTones(options, folder);
  if (!Arrived(call.received, options)) return 1;
  constexpr size_t kPacket = 160;
  constexpr long long kPacketNs = 20'000'000;
  for (size_t at = 0; at < call.samples[0].size(); at += kPacket) {
    for (int direction = 0; direction < 2; ++direction) {
      std::string payload;
      for (size_t i = at; i < at + kPacket; ++i) {
        payload.push_back(
            static_cast<char>(linear_to_ulaw(call.samples[direction][i])));
      }
      std::printf("%lld %d ", static_cast<long long>(at / kPacket) * kPacketNs,
                  direction);
      PrintHex(payload);
    }
  }
  return 0;
}

int Read(const std::string& path) {
  const auto pages = ReadPictures(path);
  for (const Picture& page : pages) {
    std::printf("%u %u ", page.width, page.rows);
    PrintHex(page.bits);
  }
  return pages.empty() ? 1 : 0;
}

}  // namespace
}  // namespace callbraid::fakes

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "send" && argc == 6) {
    return callbraid::fakes::Send(argv[2], std::atoi(argv[3]),
                                  std::string_view(argv[4]) == "ecm",
                                  std::atoi(argv[5]));
  }
  if (what == "tones" && argc == 5) {
    return callbraid::fakes::SendTones(argv[2], std::atoi(argv[3]),
                                       std::string_view(argv[4]) == "ecm");
  }
  if (what == "read" && argc == 3) return callbraid::fakes::Read(argv[2]);
  std::fprintf(stderr, "usage: see the source\n");
  return 2;
}
