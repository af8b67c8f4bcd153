#include "sensor/tls/record_cipher.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "sensor/tls/key_schedule.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kNonceBytes = 12;
// Of AES, and of the explicit IV of a record of CBC.
constexpr size_t kBlockBytes = 16;
constexpr size_t kMaxMacBytes = 48;
constexpr size_t kMacHeaderBytes = 13;

void PutBig(uint64_t value, std::span<uint8_t> out) {
  for (size_t i = out.size(); i > 0; --i) {
    out[i - 1] = static_cast<uint8_t>(value);
    value >>= 8;
  }
}

size_t HashBytes(const CipherSuite& suite) {
  return std::strcmp(suite.hash, "SHA384") == 0 ? 48 : 32;
}

}  // namespace

std::optional<RecordCipher> RecordCipher::Tls12(
    const CipherSuite& suite, const Secret& master,
    const ClientRandom& client_random, const ServerHello& server,
    bool of_client) {
  static constexpr char kLabel[] = "key expansion";
  std::vector<uint8_t> seed(kLabel, kLabel + sizeof(kLabel) - 1);
  seed.insert(seed.end(), server.random.begin(), server.random.end());
  seed.insert(seed.end(), client_random.begin(), client_random.end());
  // The client's MAC key, the server's, the client's key, the server's, the
  // client's IV, the server's; AEAD has no MAC keys, CBC no IVs.
  std::array<uint8_t, 2 * (kMaxMacBytes + 32 + kNonceBytes)> block = {};
  const size_t mac = suite.mac == nullptr ? 0 : suite.tag_bytes;
  const size_t key = suite.key_bytes;
  const size_t iv = suite.fixed_iv_bytes;
  const std::span<uint8_t> used = std::span(block).first(2 * (mac + key + iv));
  RecordCipher cipher(suite);
  cipher.encrypt_then_mac_ = server.encrypt_then_mac;
  bool ready = Tls12Prf(suite.hash, master, seed, used);
  if (ready) {
    const size_t side = of_client ? 0 : 1;
    cipher.mac_key_ = Secret(used.subspan(side * mac, mac));
    cipher.key_ = Secret(used.subspan(2 * mac + side * key, key));
    cipher.iv_ = Secret(used.subspan(2 * (mac + key) + side * iv, iv));
    ready = cipher.Prepare();
  }
  OPENSSL_cleanse(block.data(), block.size());
  if (!ready) return std::nullopt;
  return cipher;
}

std::optional<RecordCipher> RecordCipher::Tls13(const CipherSuite& suite,
                                                const Secret& traffic) {
  if (traffic.size() != HashBytes(suite)) return std::nullopt;
  RecordCipher cipher(suite);
  cipher.traffic_ = traffic;
  cipher.key_.Resize(suite.key_bytes);
  cipher.iv_.Resize(kNonceBytes);
  if (!ExpandLabel(suite.hash, traffic, "key", cipher.key_.mutable_bytes()) ||
      !ExpandLabel(suite.hash, traffic, "iv", cipher.iv_.mutable_bytes()) ||
      !cipher.Prepare()) {
    return std::nullopt;
  }
  return cipher;
}

bool RecordCipher::Prepare() {
  cipher_.reset(EVP_CIPHER_fetch(nullptr, suite_->cipher, nullptr));
  context_.reset(EVP_CIPHER_CTX_new());
  return cipher_ != nullptr && context_ != nullptr;
}

std::optional<RecordCipher> RecordCipher::Next() const {
  if (!is_tls13()) return std::nullopt;
  Secret next;
  next.Resize(traffic_.size());
  if (!ExpandLabel(suite_->hash, traffic_, "traffic upd",
                   next.mutable_bytes())) {
    return std::nullopt;
  }
  return Tls13(*suite_, next);
}

bool RecordCipher::Open(uint64_t number, const TlsRecord& record,
                        std::string& content, ContentType& type) const {
  if (suite_->mac == nullptr) return OpenAead(number, record, content, type);
  type = record.type;
  return OpenCbc(number, record, content);
}

bool RecordCipher::OpenAead(uint64_t number, const TlsRecord& record,
                            std::string& content, ContentType& type) const {
  std::span<const uint8_t> sealed = record.fragment;
  const size_t explicit_bytes =
      is_tls13() ? 0 : kNonceBytes - suite_->fixed_iv_bytes;
  if (sealed.size() < explicit_bytes + suite_->tag_bytes) return false;
  std::array<uint8_t, kNonceBytes> nonce = {};
  std::copy_n(iv_.bytes().begin(), iv_.size(), nonce.begin());
  if (explicit_bytes > 0) {
    std::copy_n(sealed.begin(), explicit_bytes,
                nonce.begin() + static_cast<ptrdiff_t>(iv_.size()));
    sealed = sealed.subspan(explicit_bytes);
  } else {
    std::array<uint8_t, kNonceBytes> mask = {};
    PutBig(number, mask);
    for (size_t i = 0; i < kNonceBytes; ++i) nonce[i] ^= mask[i];
  }
  // What else the tag covers. TLS 1.2 (RFC 5246, section 6.2.3.3): number,
  // type, version, length of the content. TLS 1.3: the record's header.
  std::array<uint8_t, 13> additional = {};
  const size_t length =
      is_tls13() ? sealed.size() : sealed.size() - suite_->tag_bytes;
  const std::span<uint8_t> all(additional);
  PutBig(number, all.first(8));
  additional[8] = static_cast<uint8_t>(record.type);
  PutBig(record.version, all.subspan(9, 2));
  PutBig(length, all.subspan(11, 2));
  if (!Decrypt(nonce, is_tls13() ? all.subspan(8) : all, sealed, content)) {
    return false;
  }
  type = record.type;
  if (!is_tls13()) return true;
  // Content, its type, padding of zeros (RFC 8446, section 5.2).
  const size_t last = content.find_last_not_of('\0');
  if (last == std::string::npos) return false;
  type = static_cast<ContentType>(content[last]);
  content.resize(last);
  return true;
}

bool RecordCipher::Decrypt(std::span<const uint8_t> nonce,
                           std::span<const uint8_t> additional,
                           std::span<const uint8_t> sealed,
                           std::string& content) const {
  EVP_CIPHER_CTX* context = context_.get();
  const size_t size = sealed.size() - suite_->tag_bytes;
  // OpenSSL would not look at the tag.
  if (suite_->is_ccm && size == 0) return false;
  std::array<uint8_t, 16> tag = {};
  std::copy_n(sealed.begin() + static_cast<ptrdiff_t>(size), suite_->tag_bytes,
              tag.begin());
  content.resize(size);
  auto* out = reinterpret_cast<uint8_t*>(content.data());
  const int in_size = static_cast<int>(size);
  int written = 0;
  return EVP_DecryptInit_ex2(context, cipher_.get(), nullptr, nullptr,
                             nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
                             static_cast<int>(nonce.size()), nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG,
                             static_cast<int>(suite_->tag_bytes),
                             tag.data()) == 1 &&
         EVP_DecryptInit_ex2(context, nullptr, key_.bytes().data(),
                             nonce.data(), nullptr) == 1 &&
         // CCM wants to know the length first, and checks the tag at once.
         (!suite_->is_ccm || EVP_DecryptUpdate(context, nullptr, &written,
                                               nullptr, in_size) == 1) &&
         EVP_DecryptUpdate(context, nullptr, &written, additional.data(),
                           static_cast<int>(additional.size())) == 1 &&
         EVP_DecryptUpdate(context, out, &written, sealed.data(), in_size) ==
             1 &&
         (suite_->is_ccm ||
          EVP_DecryptFinal_ex(context, out + written, &written) == 1);
}

// RFC 5246, section 6.2.3.2: IV, content, MAC, padding; RFC 7366: the MAC is of
// what was encrypted, and behind it.
bool RecordCipher::OpenCbc(uint64_t number, const TlsRecord& record,
                           std::string& content) const {
  std::span<const uint8_t> sealed = record.fragment;
  const size_t mac = suite_->tag_bytes;
  if (encrypt_then_mac_) {
    if (sealed.size() < mac ||
        !IsMac(number, record, sealed.first(sealed.size() - mac),
               sealed.last(mac))) {
      return false;
    }
    sealed = sealed.first(sealed.size() - mac);
  }
  if (!DecryptCbc(sealed, content)) return false;
  const size_t padding = size_t{static_cast<uint8_t>(content.back())} + 1;
  const size_t inside = encrypt_then_mac_ ? 0 : mac;
  if (content.size() < padding + inside ||
      content.find_first_not_of(content.back(), content.size() - padding) !=
          std::string::npos) {
    return false;
  }
  const std::span<const uint8_t> plain(
      reinterpret_cast<const uint8_t*>(content.data()),
      content.size() - padding);
  const size_t size = plain.size() - inside;
  if (!encrypt_then_mac_ &&
      !IsMac(number, record, plain.first(size), plain.subspan(size))) {
    return false;
  }
  content.resize(size);
  return true;
}

bool RecordCipher::DecryptCbc(std::span<const uint8_t> encrypted,
                              std::string& content) const {
  // An IV and a block of padding at least.
  if (encrypted.size() < 2 * kBlockBytes ||
      encrypted.size() % kBlockBytes != 0) {
    return false;
  }
  const auto blocks = encrypted.subspan(kBlockBytes);
  content.resize(blocks.size());
  int written = 0;
  EVP_CIPHER_CTX* context = context_.get();
  return EVP_DecryptInit_ex2(context, cipher_.get(), key_.bytes().data(),
                             encrypted.data(), nullptr) == 1 &&
         EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
         EVP_DecryptUpdate(context, reinterpret_cast<uint8_t*>(content.data()),
                           &written, blocks.data(),
                           static_cast<int>(blocks.size())) == 1 &&
         static_cast<size_t>(written) == blocks.size();
}

// RFC 5246, section 6.2.3.1: of number, type, version, length and bytes.
bool RecordCipher::IsMac(uint64_t number, const TlsRecord& record,
                         std::span<const uint8_t> protected_bytes,
                         std::span<const uint8_t> mac) const {
  std::vector<uint8_t> covered(kMacHeaderBytes);
  const std::span<uint8_t> header(covered);
  PutBig(number, header.first(8));
  covered[8] = static_cast<uint8_t>(record.type);
  PutBig(record.version, header.subspan(9, 2));
  PutBig(protected_bytes.size(), header.subspan(11, 2));
  covered.insert(covered.end(), protected_bytes.begin(), protected_bytes.end());
  std::array<uint8_t, EVP_MAX_MD_SIZE> expected;
  size_t size = 0;
  return EVP_Q_mac(nullptr, "HMAC", nullptr, suite_->mac, nullptr,
                   mac_key_.bytes().data(), mac_key_.size(), covered.data(),
                   covered.size(), expected.data(), expected.size(),
                   &size) != nullptr &&
         size == mac.size() &&
         std::equal(mac.begin(), mac.end(), expected.begin());
}

}  // namespace callbraid::sensor
