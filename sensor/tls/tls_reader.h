#ifndef CALLBRAID_SENSOR_TLS_TLS_READER_H_
#define CALLBRAID_SENSOR_TLS_TLS_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "sensor/tls/handshake.h"
#include "sensor/tls/record_cipher.h"
#include "sensor/tls/tls_discard.h"
#include "sensor/tls/tls_session.h"

namespace callbraid::sensor {

// Whether `bytes` begin with a record of TLS.
bool BeginsLikeTls(std::string_view bytes);
// Whether that record holds the hello of a client or a server.
bool BeginsLikeTlsHello(std::string_view bytes);

// Takes what one application sent to the other; `time_ns` is that of the bytes
// that completed the record. `gap`: before it, bytes are missing.
using PlaintextFn = absl::FunctionRef<void(
    int64_t time_ns, std::string_view plaintext, bool gap)>;

// One direction of a TLS connection (1.2 with AEAD, RFC 5246; 1.3, RFC 8446):
// cuts it into records and decrypts these with the keys of the session, if and
// when it has any. Records wait for them for a while, bounded in time, and in
// bytes of the connection and of all.
//
// The tag of a record tells its number and that it is whole, so after a gap the
// numbers that may be next are tried, up to a bound; nothing that does not
// verify is ever handed on. Work is linear in the bytes. One thread.
class TlsReader {
 public:
  explicit TlsReader(std::shared_ptr<TlsSession> session);
  TlsReader(const TlsReader&) = delete;
  TlsReader& operator=(const TlsReader&) = delete;
  ~TlsReader();

  // The stream goes on with `bytes`, which came at `time_ns`.
  void Append(int64_t time_ns, std::string_view bytes, PlaintextFn out);
  // Bytes are missing here.
  void Break();
  // Looks for keys that have come, and gives up waiting. Call about once a
  // second of the context's clock.
  void OnTick(PlaintextFn out);

  // Records that a key may still come for.
  bool waits() const { return !waiting_.empty(); }
  size_t bytes() const {
    return buffer_.size() + hello_.size() + handshake_.bytes() + waiting_bytes_;
  }

 private:
  // A record that has to wait for its turn.
  struct Waiting {
    int64_t time_ns = 0;
    // Of the context's clock.
    int64_t since_ns = 0;
    ContentType type = ContentType::kApplicationData;
    uint16_t version = 0;
    // Bytes are missing before it.
    bool gap = false;
    std::string fragment;
  };
  enum class Side : uint8_t { kUnknown, kClient, kServer };

  // Cutting into records. FindRecord() is false if that needs more bytes first.
  bool FindRecord();
  bool Align();
  void LoseTrack();
  void TakeRecord(int64_t time_ns, const TlsRecord& record);
  bool HasRoom() const;
  std::string_view rest() const {
    return std::string_view(buffer_).substr(front_);
  }
  // Reads what can be read now of what waits.
  void Drain(PlaintextFn out);
  // False if it has to wait.
  bool Read(const Waiting& waiting, PlaintextFn out);
  bool IsEncrypted(ContentType type) const;
  bool is_tls13() const { return session_->server()->version == kTls13; }

  // In clear.
  void ReadHello(std::span<const uint8_t> bytes);
  void OnClear(const Waiting& waiting);
  // Encrypted.
  bool HasCipher();
  bool MakeCipher();
  void Decrypt(const TlsRecord& record, int64_t time_ns, PlaintextFn out);
  bool Open(const TlsRecord& record, ContentType& type);
  void OnNotVerified();
  void OnPlaintext(ContentType type, int64_t time_ns, PlaintextFn out);
  void ReadEncryptedHandshake();

  // Without having been read.
  void DropOldest(TlsDiscard reason);
  void Forget(size_t records);
  void SkipNumber();
  void GiveUp(TlsDiscard reason);

  const std::shared_ptr<TlsSession> session_;
  TlsContext& context_;

  // What has not been cut into records.
  std::string buffer_;
  // The first byte not dealt with; 0 between calls.
  size_t front_ = 0;
  // At the front is a record.
  bool aligned_ = true;
  // Bytes are missing before the next record.
  bool gap_ = false;
  // Why nothing of what follows can be read.
  std::optional<TlsDiscard> given_up_;

  std::deque<Waiting> waiting_;
  size_t waiting_bytes_ = 0;
  // The key has been waited for in vain: what follows need not wait, but is
  // read if it comes.
  bool in_vain_ = false;
  // Of the keys, when they were last looked for.
  uint64_t looked_at_ = 0;

  Side side_ = Side::kUnknown;
  // What came of the hello, until all of it has.
  std::string hello_;
  HandshakeReader handshake_;
  // TLS 1.2: from here on records are encrypted.
  bool cipher_changed_ = false;
  std::optional<RecordCipher> cipher_;
  // Of the next record, as far as is known: it may be as much more or less.
  uint64_t number_ = 0;
  uint64_t ahead_ = 0;
  uint64_t behind_ = 0;
  // One was opened: no records of the handshake are between (TLS 1.3).
  bool verified_ = false;
  int failures_ = 0;
  // Of the record that was opened last.
  std::string content_;
  // Something was not handed on, before what will be.
  bool plaintext_gap_ = false;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_TLS_READER_H_
