// The input is a pcapng file; its first byte says whether there is a filter.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "sensor/capture/pcapng_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace sensor = callbraid::sensor;
  if (size < 2) return 0;
  sensor::File file(fmemopen(const_cast<uint8_t*>(data + 1), size - 1, "rb"));
  sensor::PcapngFile reader(std::move(file), data[0] & 1 ? "udp" : "");
  size_t packets = 0;
  for (;;) {
    sensor::CapturedPacket packet;
    const auto more = reader.Next(packet);
    if (!more.ok() || !*more) break;
    if (packet.bytes.size() > 262'144) std::abort();
    // A packet takes 12 bytes of the file at least.
    if (++packets > size / 12) std::abort();
    if (reader.key_log().size() > 2 * size) std::abort();
    reader.WipeKeyLog();
  }
  return 0;
}
