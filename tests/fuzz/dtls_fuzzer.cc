// The input is lines of a key log up to a zero, and then datagrams on one flow:
// flags, size:16, bytes. Bit 0: of the client; bit 1: 6 seconds pass after it;
// bit 2: the key log is read only now.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/bytes/byte_reader.h"
#include "sensor/tls/dtls_sessions.h"
#include "sensor/tls/tls_keys.h"
#include "tests/fakes/fake_clock.h"

namespace {

void Run(std::string_view key_log, callbraid::ByteReader in) {
  namespace sensor = callbraid::sensor;
  const callbraid::fakes::FakeClock clock;
  sensor::TlsKeys keys({.expected = true}, clock);
  sensor::DtlsSessions sessions(&keys);
  const callbraid::FlowKey flow = {{{}, 4000}, {{}, 5000}};
  int64_t now_ns = 0;
  while (in.ok() && !in.rest().empty()) {
    const uint8_t flags = in.U8();
    if (flags & 4) keys.AddText(key_log);
    sensor::Datagram datagram;
    datagram.flow = flags & 1 ? flow : flow.Reversed();
    datagram.payload = in.Take(std::min<size_t>(in.U16(), in.rest().size()));
    sessions.OnDtls(datagram);
    if (flags & 2) now_ns += int64_t{6'000'000'000};
    sessions.OnTick(now_ns, [](const callbraid::FlowKey&) {});
    for (const bool of_client : {true, false}) {
      const auto found = sessions.KeysOf(of_client ? flow : flow.Reversed());
      if (found.size() > 8) std::abort();
      for (const sensor::StreamKey& key : found) {
        if (key.mki.size() > 255 || key.key_and_salt.size() > 48) std::abort();
      }
    }
  }
  if (sessions.sessions_with_key() > sessions.sessions()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(text.find('\0'), size);
  Run(text.substr(0, end),
      callbraid::ByteReader(
          {data + std::min(end + 1, size), size - std::min(end + 1, size)}));
  return 0;
}
