#include "sensor/tls/tls_reader.h"

#include <algorithm>
#include <utility>

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kHeaderBytes = 5;
// Of ciphertext; TLS 1.2 allows most (RFC 5246, section 6.2.3).
constexpr size_t kMaxFragmentBytes = 16384 + 2048;
constexpr size_t kMaxWaitingBytes = size_t{256} << 10;
constexpr size_t kLittleBytes = size_t{16} << 10;
// Records that a gap may have swallowed; one of SIP takes one or two.
constexpr uint64_t kMaxAhead = 64;
// Records of the handshake that TLS 1.3 encrypts (certificates above all), and
// whose number does not count.
constexpr uint64_t kMaxBehind = 32;
// In a row.
constexpr int kMaxFailures = 64;

struct Header {
  uint8_t type = 0;
  uint16_t version = 0;
  size_t length = 0;
};

std::span<const uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// What `bytes` begin with; nullopt if that is no record's header.
std::optional<Header> ParseHeader(std::string_view bytes) {
  ByteReader in(BytesOf(bytes));
  Header header;
  header.type = in.U8();
  header.version = in.U16();
  header.length = in.U16();
  const bool sound =
      in.ok() &&
      header.type >= static_cast<uint8_t>(ContentType::kChangeCipherSpec) &&
      header.type <= static_cast<uint8_t>(ContentType::kApplicationData) &&
      header.version >= 0x0300 && header.version <= kTls13 &&
      header.length > 0 && header.length <= kMaxFragmentBytes;
  return sound ? std::optional(header) : std::nullopt;
}

// Whether a record begins here, by its header and what follows it; both
// versions that are read write the same one.
bool IsRecord(std::string_view bytes) {
  const auto header = ParseHeader(bytes);
  if (!header || header->version != kTls12) return false;
  if (bytes.size() <= kHeaderBytes + header->length) return true;
  bytes.remove_prefix(kHeaderBytes + header->length);
  return bytes.size() < kHeaderBytes || ParseHeader(bytes).has_value();
}

}  // namespace

bool BeginsLikeTls(std::string_view bytes) {
  return ParseHeader(bytes).has_value();
}

bool BeginsLikeTlsHello(std::string_view bytes) {
  const auto header = ParseHeader(bytes);
  if (!header || bytes.size() <= kHeaderBytes) return false;
  const auto type = static_cast<HandshakeType>(bytes[kHeaderBytes]);
  return header->type == static_cast<uint8_t>(ContentType::kHandshake) &&
         (type == HandshakeType::kClientHello ||
          type == HandshakeType::kServerHello);
}

TlsReader::TlsReader(std::shared_ptr<TlsSession> session)
    : session_(std::move(session)), context_(session_->context()) {}

TlsReader::~TlsReader() {
  while (!waiting_.empty()) DropOldest(TlsDiscard::kNoKey);
}

void TlsReader::Append(int64_t time_ns, std::string_view bytes,
                       PlaintextFn out) {
  buffer_.append(bytes);
  while (FindRecord()) {
    const Header header = *ParseHeader(rest());
    TakeRecord(time_ns, {static_cast<ContentType>(header.type), header.version,
                         BytesOf(rest().substr(kHeaderBytes, header.length))});
    front_ += kHeaderBytes + header.length;
  }
  buffer_.erase(0, front_);
  front_ = 0;
  if (!session_->waits_for_key()) Drain(out);
}

bool TlsReader::FindRecord() {
  if (!aligned_ && !Align()) return false;
  if (rest().size() < kHeaderBytes) return false;
  const auto header = ParseHeader(rest());
  if (!header) {
    LoseTrack();
    return FindRecord();
  }
  return rest().size() >= kHeaderBytes + header->length;
}

bool TlsReader::Align() {
  const size_t begin = front_;
  while (rest().size() >= kHeaderBytes && !IsRecord(rest())) ++front_;
  if (front_ > begin) {
    context_.counters.Count(TlsDiscard::kSkipped, front_ - begin);
  }
  aligned_ = rest().size() >= kHeaderBytes;
  return aligned_;
}

void TlsReader::Break() {
  context_.counters.Count(TlsDiscard::kSkipped, buffer_.size());
  buffer_.clear();
  LoseTrack();
}

void TlsReader::LoseTrack() {
  aligned_ = false;
  gap_ = true;
  if (side_ == Side::kUnknown) GiveUp(TlsDiscard::kNoHandshake);
}

void TlsReader::TakeRecord(int64_t time_ns, const TlsRecord& record) {
  if (side_ == Side::kUnknown && !given_up_) {
    if (record.type == ContentType::kHandshake) ReadHello(record.fragment);
    if (record.type == ContentType::kApplicationData) {
      GiveUp(TlsDiscard::kNoHandshake);
    }
    if (!given_up_) return;
  }
  if (given_up_) {
    context_.counters.Count(*given_up_);
    return;
  }
  Waiting& waiting = waiting_.emplace_back();
  waiting.time_ns = time_ns;
  waiting.since_ns = context_.now_ns;
  waiting.type = record.type;
  waiting.version = record.version;
  waiting.gap = std::exchange(gap_, false);
  waiting.fragment.assign(record.fragment.begin(), record.fragment.end());
  waiting_bytes_ += record.fragment.size();
  context_.waiting_bytes += record.fragment.size();
  while (!waiting_.empty() && !HasRoom()) DropOldest(TlsDiscard::kNoRoom);
}

bool TlsReader::HasRoom() const {
  const size_t all =
      TlsContext::kMaxWaitingBytes +
      (waiting_bytes_ > kLittleBytes ? 0 : TlsContext::kMoreForLittleBytes);
  return waiting_bytes_ <= kMaxWaitingBytes && context_.waiting_bytes <= all;
}

void TlsReader::ReadHello(std::span<const uint8_t> bytes) {
  bool malformed = false;
  if (!context_.keys.server_keys().empty()) {
    hello_.append(bytes.begin(), bytes.end());
    if (hello_.size() > RsaExchange::kMaxBytes) {
      GiveUp(TlsDiscard::kNoHandshake);
      return;
    }
  }
  handshake_.Append(bytes,
                    [&](HandshakeType type, std::span<const uint8_t> body) {
                      if (side_ != Side::kUnknown) return;
                      if (type == HandshakeType::kClientHello) {
                        const auto client_random = ParseClientHello(body);
                        malformed = !client_random;
                        if (malformed) return;
                        side_ = Side::kClient;
                        session_->OnClientHello(*client_random);
                      } else if (type == HandshakeType::kServerHello) {
                        const auto hello = ParseServerHello(body);
                        malformed = !hello;
                        if (malformed || hello->is_retry_request) return;
                        side_ = Side::kServer;
                        session_->OnServerHello(*hello);
                      }
                    });
  if (side_ != Side::kUnknown) {
    handshake_.Reset();
    session_->OnHandshake(side_ == Side::kClient, BytesOf(hello_));
    hello_ = std::string();
  }
  if (malformed) GiveUp(TlsDiscard::kNoHandshake);
}

void TlsReader::OnTick(PlaintextFn out) {
  session_->FindMaster();
  Drain(out);
  if (waiting_.empty() ||
      context_.now_ns - waiting_.front().since_ns <= context_.key_wait_ns) {
    return;
  }
  in_vain_ = true;
  session_->set_waits_for_key(false);
  Drain(out);
}

void TlsReader::Drain(PlaintextFn out) {
  while (!waiting_.empty()) {
    if (Read(waiting_.front(), out)) {
      // Unless it made all the rest be given up.
      if (!waiting_.empty()) Forget(1);
    } else if (in_vain_) {
      DropOldest(TlsDiscard::kNoKey);
    } else {
      return;
    }
  }
}

bool TlsReader::Read(const Waiting& waiting, PlaintextFn out) {
  if (!session_->server()) return false;
  if (!IsEncrypted(waiting.type)) {
    OnClear(waiting);
    return true;
  }
  const ServerHello& server = *session_->server();
  if (server.compressed ||
      FindCipherSuite(server.version, server.cipher_suite) == nullptr) {
    GiveUp(TlsDiscard::kCipher);
    return true;
  }
  if (!HasCipher()) {
    if (!in_vain_) session_->set_waits_for_key(true);
    return false;
  }
  if (waiting.gap) {
    ahead_ = kMaxAhead;
    plaintext_gap_ = true;
    handshake_.Reset();
  }
  Decrypt({waiting.type, waiting.version, BytesOf(waiting.fragment)},
          waiting.time_ns, out);
  return true;
}

// All else of TLS 1.3 is in clear: a change of cipher that changes nothing, a
// second hello, an alert before there are keys.
bool TlsReader::IsEncrypted(ContentType type) const {
  return type == ContentType::kApplicationData || cipher_changed_;
}

void TlsReader::OnClear(const Waiting& waiting) {
  if (is_tls13()) return;
  if (waiting.gap) session_->BreakHandshake();
  if (waiting.type == ContentType::kHandshake) {
    session_->OnHandshake(side_ == Side::kClient, BytesOf(waiting.fragment));
  } else if (waiting.type == ContentType::kChangeCipherSpec) {
    session_->OnCipherChange(side_ == Side::kClient);
    cipher_changed_ = true;
  }
}

bool TlsReader::HasCipher() {
  if (cipher_) return true;
  const uint64_t generation = context_.keys.generation();
  if (!session_->client_random() || looked_at_ == generation) return false;
  looked_at_ = generation;
  if (!MakeCipher()) return false;
  session_->CountWithKey();
  session_->set_waits_for_key(false);
  return true;
}

bool TlsReader::MakeCipher() {
  const auto secrets = session_->Secrets();
  if (!secrets) return false;
  const ServerHello& server = *session_->server();
  const CipherSuite& suite =
      *FindCipherSuite(server.version, server.cipher_suite);
  const bool of_client = side_ == Side::kClient;
  // Of TLS 1.3 both or none, so that no direction goes ahead of the other.
  if (is_tls13() && !secrets->client_traffic.empty() &&
      !secrets->server_traffic.empty()) {
    cipher_ = RecordCipher::Tls13(
        suite, of_client ? secrets->client_traffic : secrets->server_traffic);
  } else if (!is_tls13() && !secrets->master.empty()) {
    cipher_ = RecordCipher::Tls12(
        suite, secrets->master, *session_->client_random(), server, of_client);
  }
  return cipher_.has_value();
}

void TlsReader::Decrypt(const TlsRecord& record, int64_t time_ns,
                        PlaintextFn out) {
  ContentType type;
  if (!Open(record, type)) {
    OnNotVerified();
    return;
  }
  ++context_.counters.records;
  ahead_ = behind_ = 0;
  failures_ = 0;
  verified_ = true;
  OnPlaintext(type, time_ns, out);
}

// Whatever number it has. In a gap the sender may also have changed its key.
bool TlsReader::Open(const TlsRecord& record, ContentType& type) {
  const auto opens = [&](const RecordCipher& cipher, uint64_t number) {
    if (!cipher.Open(number, record, content_, type)) return false;
    number_ = number + 1;
    return true;
  };
  const uint64_t expected = number_;
  for (uint64_t i = 0; i <= ahead_; ++i) {
    if (opens(*cipher_, expected + i)) return true;
  }
  for (uint64_t i = 1; i <= std::min(behind_, expected); ++i) {
    if (opens(*cipher_, expected - i)) return true;
  }
  if (ahead_ == 0) return false;
  auto next = cipher_->Next();
  if (!next) return false;
  for (uint64_t i = 0; i <= ahead_; ++i) {
    if (!opens(*next, i)) continue;
    cipher_ = std::move(next);
    return true;
  }
  return false;
}

void TlsReader::OnNotVerified() {
  ++failures_;
  SkipNumber();
  // The handshake of TLS 1.3 has other keys, which are not asked for.
  const bool may_be_handshake = is_tls13() && !verified_;
  if (!may_be_handshake) {
    context_.counters.Count(TlsDiscard::kNotVerified);
    plaintext_gap_ = true;
    // It may have been no record at all.
    behind_ = std::min(behind_ + 1, kMaxBehind);
  }
  if (failures_ <= kMaxFailures) return;
  if (may_be_handshake) {
    context_.counters.Count(TlsDiscard::kNotVerified,
                            static_cast<uint64_t>(failures_));
  }
  Forget(1);
  GiveUp(TlsDiscard::kNotVerified);
}

void TlsReader::OnPlaintext(ContentType type, int64_t time_ns,
                            PlaintextFn out) {
  if (type == ContentType::kHandshake) {
    ReadEncryptedHandshake();
  } else if (type == ContentType::kApplicationData && !content_.empty()) {
    out(time_ns, content_, std::exchange(plaintext_gap_, false));
  }
}

void TlsReader::ReadEncryptedHandshake() {
  bool key_update = false;
  bool hello = false;
  handshake_.Append(BytesOf(content_),
                    [&](HandshakeType type, std::span<const uint8_t>) {
                      key_update |= type == HandshakeType::kKeyUpdate;
                      hello |= type != HandshakeType::kKeyUpdate;
                    });
  if (hello) {
    Forget(1);
    GiveUp(TlsDiscard::kRenegotiated);
  } else if (key_update && is_tls13()) {
    cipher_ = cipher_->Next();
    number_ = 0;
  }
}

void TlsReader::DropOldest(TlsDiscard reason) {
  if (!session_->server() || !session_->client_random()) {
    GiveUp(TlsDiscard::kNoHandshake);
    return;
  }
  const Waiting& waiting = waiting_.front();
  if (IsEncrypted(waiting.type)) {
    context_.counters.Count(reason);
    if (reason == TlsDiscard::kNoKey) session_->CountWithoutKey();
    if (waiting.gap) ahead_ = kMaxAhead;
    plaintext_gap_ = true;
    SkipNumber();
  } else {
    OnClear(waiting);
  }
  Forget(1);
}

void TlsReader::Forget(size_t records) {
  for (; records > 0; --records) {
    waiting_bytes_ -= waiting_.front().fragment.size();
    context_.waiting_bytes -= waiting_.front().fragment.size();
    waiting_.pop_front();
  }
}

void TlsReader::SkipNumber() {
  ++number_;
  if (is_tls13() && !verified_) behind_ = std::min(behind_ + 1, kMaxBehind);
}

void TlsReader::GiveUp(TlsDiscard reason) {
  if (given_up_) return;
  given_up_ = reason;
  context_.counters.Count(reason, waiting_.size());
  Forget(waiting_.size());
  handshake_.Reset();
  hello_ = std::string();
}

}  // namespace callbraid::sensor
