#ifndef CALLBRAID_SENSOR_SIGNALLING_TLS_FRAMER_H_
#define CALLBRAID_SENSOR_SIGNALLING_TLS_FRAMER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "sensor/signalling/message_sink.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/stream_message.h"
#include "sensor/tls/tls_reader.h"
#include "sensor/tls/tls_session.h"

namespace callbraid::sensor {

class StreamFramer;

// Takes the messages out of one direction of a TLS connection: decrypts it, and
// cuts what comes out as if it had come in clear. One thread.
class TlsFramer {
 public:
  // `counters` must outlive the framer, and so must the session's context.
  TlsFramer(SignallingCounters& counters, std::shared_ptr<TlsSession> session);
  ~TlsFramer();

  void Append(int64_t time_ns, std::string_view bytes, StreamMessageFn emit);
  void Break(int64_t time_ns, StreamMessageFn emit);
  // Emits what a key has come for.
  void OnTick(StreamMessageFn emit);

  // Something that cannot be read yet may be, later.
  bool waits() const { return reader_.waits(); }
  size_t bytes() const;
  Transport transport() const;

 private:
  TlsReader reader_;
  // Of what was in TLS.
  std::unique_ptr<StreamFramer> plain_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_TLS_FRAMER_H_
