// The input is a list of TCP segments, each: flags, a signed offset from where
// the stream would go on, size:16, bytes. Of SIP or WebSocket, SCCP or H.323:
// three times, where nothing else, SCCP and H.323 is expected.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/bytes/byte_reader.h"
#include "sensor/decap/datagram.h"
#include "sensor/signalling/message_sink.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/tcp_stream.h"

namespace {

void Run(const uint8_t* data, size_t size,
         callbraid::sensor::BinaryProtocol binary) {
  using callbraid::sensor::Datagram;
  callbraid::sensor::SignallingCounters counters;
  callbraid::sensor::TcpStream stream(counters, binary);
  const auto check = [](int64_t, std::string_view message, bool) {
    if (message.size() > callbraid::sensor::kMaxMessageBytes) std::abort();
  };
  callbraid::ByteReader in({data, size});
  uint32_t sequence = 1000;
  int64_t now_ns = 0;
  while (in.ok() && !in.rest().empty()) {
    const uint8_t flags = in.U8();
    const auto offset = static_cast<int8_t>(in.U8());
    const size_t length = std::min<size_t>(in.U16(), in.rest().size());
    Datagram segment;
    segment.time_ns = now_ns;
    segment.payload = in.Take(length);
    segment.tcp_sequence = sequence + static_cast<uint32_t>(offset);
    segment.tcp_syn = flags & 1;
    segment.tcp_fin = flags & 2;
    segment.tcp_rst = flags & 4;
    segment.truncated = flags & 8;
    stream.OnSegment(segment, now_ns, check);
    sequence = segment.tcp_sequence + static_cast<uint32_t>(length);
    now_ns += (flags >> 4) * int64_t{500'000'000};
    stream.OnTick(now_ns, check);
    if (stream.bytes() > size_t{512} << 10) std::abort();
  }
  stream.Finish(check);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using callbraid::sensor::BinaryProtocol;
  for (const BinaryProtocol binary :
       {BinaryProtocol::kNone, BinaryProtocol::kSccp, BinaryProtocol::kH323}) {
    Run(data, size, binary);
  }
  return 0;
}
