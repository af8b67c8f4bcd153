#include "sensor/tls/dtls_hello.h"

#include <algorithm>

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxPartials = 256;
constexpr size_t kMaxHelloBytes = size_t{16} << 10;
constexpr int64_t kPartialNs = int64_t{10} * 1'000'000'000;
constexpr size_t kMaxProfiles = 16;

constexpr uint16_t kUseSrtp = 14;
constexpr uint16_t kSupportedVersions = 43;

// Of records that have another header than those in clear: one with a
// connection id (RFC 9146), and the unified one of DTLS 1.3 from 32 on.
constexpr uint8_t kWithConnectionId = 25;
constexpr uint8_t kFirstUnified = 32;

bool IsDtlsVersion(uint16_t version) { return version >> 8 == 0xfe; }

// struct UseSRTPData: profiles<2..2^16-1>, mki<0..255>.
struct UseSrtp {
  std::vector<uint16_t> profiles;
  std::string mki;
};

UseSrtp ReadUseSrtp(ByteReader& in) {
  UseSrtp out;
  ByteReader profiles(in.Take(in.U16()));
  while (profiles.rest().size() >= 2 && out.profiles.size() < kMaxProfiles) {
    out.profiles.push_back(profiles.U16());
  }
  const auto mki = in.Take(in.U8());
  out.mki.assign(mki.begin(), mki.end());
  return out;
}

// Calls visit(type, extension) for each; false if they are malformed.
template <typename Visit>
bool ForEachExtension(ByteReader& in, Visit visit) {
  if (in.rest().empty()) return in.ok();
  ByteReader extensions(in.Take(in.U16()));
  bool sound = in.ok();
  while (sound && !extensions.rest().empty()) {
    const uint16_t type = extensions.U16();
    ByteReader extension(extensions.Take(extensions.U16()));
    if (extensions.ok()) visit(type, extension);
    sound = extensions.ok() && extension.ok();
  }
  return sound;
}

}  // namespace

std::optional<DtlsClientHello> ParseDtlsClientHello(
    std::span<const uint8_t> body) {
  ByteReader in(body);
  const uint16_t version = in.U16();
  const auto random = in.Take(32);
  in.Take(in.U8());   // Session id.
  in.Take(in.U8());   // Cookie.
  in.Take(in.U16());  // Cipher suites.
  in.Take(in.U8());   // Compression methods.
  if (!in.ok() || !IsDtlsVersion(version)) return std::nullopt;
  DtlsClientHello hello;
  std::copy(random.begin(), random.end(), hello.random.begin());
  const bool sound =
      ForEachExtension(in, [&hello](uint16_t type, ByteReader& extension) {
        if (type != kUseSrtp) return;
        UseSrtp srtp = ReadUseSrtp(extension);
        hello.profiles = std::move(srtp.profiles);
        hello.mki = std::move(srtp.mki);
      });
  return sound ? std::optional(std::move(hello)) : std::nullopt;
}

std::optional<DtlsServerHello> ParseDtlsServerHello(
    std::span<const uint8_t> body) {
  ByteReader in(body);
  DtlsServerHello hello;
  hello.version = in.U16();
  const auto random = in.Take(32);
  in.Take(in.U8());  // Session id.
  hello.cipher_suite = in.U16();
  in.U8();  // Compression method.
  if (!in.ok() || !IsDtlsVersion(hello.version)) return std::nullopt;
  std::copy(random.begin(), random.end(), hello.random.begin());
  hello.is_retry_request = IsRetryRequest(hello.random);
  const bool sound =
      ForEachExtension(in, [&hello](uint16_t type, ByteReader& extension) {
        if (type == kSupportedVersions) hello.version = extension.U16();
        if (type != kUseSrtp) return;
        UseSrtp srtp = ReadUseSrtp(extension);
        if (!srtp.profiles.empty()) hello.profile = srtp.profiles.front();
        hello.mki = std::move(srtp.mki);
      });
  return sound ? std::optional(std::move(hello)) : std::nullopt;
}

DtlsHelloReader::DtlsHelloReader() : partials_(kMaxPartials) {}

// DTLSPlaintext (RFC 9147, section 4): type:8 version:16 epoch:16 sequence:48
// length:16 fragment.
void DtlsHelloReader::OnDatagram(const FlowKey& flow,
                                 std::span<const uint8_t> datagram,
                                 HelloFn emit) {
  ByteReader in(datagram);
  while (!in.rest().empty()) {
    const uint8_t type = in.U8();
    if (type == kWithConnectionId || type >= kFirstUnified) return;
    const uint16_t version = in.U16();
    const uint16_t epoch = in.U16();
    in.Take(6);  // Sequence number.
    const auto record = in.Take(in.U16());
    if (!in.ok() || !IsDtlsVersion(version)) {
      ++malformed_;
      return;
    }
    if (epoch == 0 && type == static_cast<uint8_t>(ContentType::kHandshake)) {
      OnHandshake(flow, record, emit);
    }
  }
}

// Handshake (RFC 9147, section 5.2): type:8 length:24 sequence:16 offset:24
// fragment_length:24 fragment.
void DtlsHelloReader::OnHandshake(const FlowKey& flow,
                                  std::span<const uint8_t> record,
                                  HelloFn emit) {
  ByteReader in(record);
  while (!in.rest().empty()) {
    Fragment fragment;
    fragment.type = in.U8();
    fragment.size = in.U24();
    fragment.sequence = in.U16();
    fragment.offset = in.U24();
    fragment.bytes = in.Take(in.U24());
    if (!in.ok() || fragment.offset + fragment.bytes.size() > fragment.size) {
      ++malformed_;
      return;
    }
    const bool is_hello =
        fragment.type == static_cast<uint8_t>(HandshakeType::kClientHello) ||
        fragment.type == static_cast<uint8_t>(HandshakeType::kServerHello);
    if (!is_hello) continue;
    if (fragment.size > kMaxHelloBytes) {
      ++malformed_;
    } else if (fragment.bytes.size() == fragment.size) {
      emit(static_cast<HandshakeType>(fragment.type), fragment.bytes);
    } else if (!fragment.bytes.empty()) {
      OnFragment(flow, fragment, emit);
    }
  }
}

void DtlsHelloReader::OnFragment(const FlowKey& flow, const Fragment& fragment,
                                 HelloFn emit) {
  if (partials_.full() && partials_.Find(flow) == nullptr) ++incomplete_;
  Partial& partial = partials_.Use(flow, now_ns_);
  if (partial.body.size() != fragment.size || partial.type != fragment.type ||
      partial.sequence != fragment.sequence) {
    // Another message; a client repeats its hello with a cookie (RFC 6347,
    // section 4.2.1), and in clear nothing else matters.
    if (partial.missing > 0) ++incomplete_;
    partial.type = fragment.type;
    partial.sequence = fragment.sequence;
    partial.body.assign(fragment.size, '\0');
    partial.has.assign(fragment.size, false);
    partial.missing = fragment.size;
  }
  for (size_t i = 0; i < fragment.bytes.size(); ++i) {
    const size_t at = fragment.offset + i;
    if (partial.has[at]) continue;
    partial.has[at] = true;
    partial.body[at] = static_cast<char>(fragment.bytes[i]);
    --partial.missing;
  }
  if (partial.missing > 0) return;
  const std::string body = std::move(partial.body);
  partials_.Erase(flow);
  emit(static_cast<HandshakeType>(fragment.type),
       {reinterpret_cast<const uint8_t*>(body.data()), body.size()});
}

void DtlsHelloReader::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  const size_t before = partials_.size();
  partials_.EraseUnusedSince(now_ns - kPartialNs);
  incomplete_ += before - partials_.size();
}

}  // namespace callbraid::sensor
