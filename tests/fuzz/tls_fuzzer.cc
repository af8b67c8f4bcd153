// The input is lines of a key log up to a zero, and then what the two sides of
// one connection send, in pieces: flags, size:16, bytes. Bit 0: of the client;
// bit 1: bytes are missing before it; bit 2: 20 seconds pass after it; bit 3:
// the key log is read only now.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string_view>

#include "common/base/clock.h"
#include "common/bytes/byte_reader.h"
#include "sensor/signalling/message_sink.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/stream_framer.h"
#include "sensor/tls/tls_keys.h"
#include "sensor/tls/tls_session.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"
#include "tests/fakes/tls_pair.h"

namespace {

callbraid::sensor::ServerKeys SomeServerKeys() {
  static const std::string path = [] {
    static const callbraid::fakes::TempDir dir;
    std::ofstream(dir.path() + "/key.pem")
        << callbraid::fakes::TlsPair::RsaKeyPem();
    return dir.path() + "/key.pem";
  }();
  callbraid::sensor::ServerKeys keys;
  if (!keys.Load(path).ok()) std::abort();
  return keys;
}

void Run(std::string_view key_log, callbraid::ByteReader in) {
  namespace sensor = callbraid::sensor;
  const callbraid::fakes::FakeClock clock;
  sensor::TlsKeys keys({.expected = true}, clock);
  // So that handshakes are looked at for what it might open.
  keys.SetServerKeys(SomeServerKeys());
  sensor::TlsContext context(keys, int64_t{30'000'000'000});
  sensor::SignallingCounters counters;
  {
    const auto session = std::make_shared<sensor::TlsSession>(context);
    sensor::StreamFramer client(counters, sensor::BinaryProtocol::kNone,
                                session);
    sensor::StreamFramer server(counters, sensor::BinaryProtocol::kNone,
                                session);
    const auto check = [](int64_t, std::string_view message, bool) {
      if (message.size() > sensor::kMaxMessageBytes) std::abort();
    };
    while (in.ok() && !in.rest().empty()) {
      const uint8_t flags = in.U8();
      const auto bytes = in.Take(std::min<size_t>(in.U16(), in.rest().size()));
      sensor::StreamFramer& side = flags & 1 ? client : server;
      if (flags & 8) keys.AddText(key_log);
      if (flags & 2) side.Break(context.now_ns, check);
      side.Append(context.now_ns,
                  {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                  check);
      if (flags & 4) context.now_ns += int64_t{20'000'000'000};
      client.OnTick(check);
      server.OnTick(check);
      if (client.bytes() + server.bytes() > size_t{2} << 20) std::abort();
    }
  }
  if (context.waiting_bytes != 0) std::abort();
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
