#ifndef CALLBRAID_TESTS_FAKES_SRTP_SENDER_H_
#define CALLBRAID_TESTS_FAKES_SRTP_SENDER_H_

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"

namespace callbraid {

// SRTP as a phone sends it, straight from RFC 3711 and RFC 7714 by way of
// OpenSSL: independent of the library that decrypts it. srtp_vectors_test.cc
// holds it against what those RFCs print.

struct SrtpKeys {
  std::string cipher;
  std::string auth;
  std::string salt;
};

// One pass of AES in counter mode from `counter` on (RFC 3711, section 4.1.1),
// which adds key stream to `text`.
inline std::string AesCounter(const std::string& key, std::string counter,
                              const std::string& text) {
  const EVP_CIPHER* cipher = key.size() == 16   ? EVP_aes_128_ctr()
                             : key.size() == 24 ? EVP_aes_192_ctr()
                                                : EVP_aes_256_ctr();
  const auto bytes = [](const std::string& s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  };
  counter.resize(16);
  std::string out(text.size(), '\0');
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int size = 0;
  EVP_EncryptInit_ex(context, cipher, nullptr, bytes(key), bytes(counter));
  EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(out.data()),
                    &size, bytes(text), static_cast<int>(text.size()));
  EVP_CIPHER_CTX_free(context);
  return out;
}

// XORs `value`, big endian, into `text` so that it ends at `end`.
inline void XorInto(std::string& text, size_t end, uint64_t value) {
  for (size_t at = end; value != 0; value >>= 8) {
    --at;
    text[at] = static_cast<char>(text[at] ^ static_cast<char>(value & 0xff));
  }
}

// RFC 3711, section 4.3: a salt of 96 bits counts as one of 112 (RFC 7714, 11).
inline SrtpKeys DeriveSrtpKeys(const std::string& master_key,
                               std::string master_salt) {
  const size_t salt_bytes = master_salt.size();
  const auto derive = [&](char label, size_t size) {
    std::string x = master_salt;
    x.resize(14);
    x[7] = static_cast<char>(x[7] ^ label);
    return AesCounter(master_key, x, std::string(size, '\0'));
  };
  return {derive(0, master_key.size()), derive(1, 20), derive(2, salt_bytes)};
}

// RFC 7714, section 8: IV of 96 bits from SSRC, ROC and sequence number.
inline std::string SealGcm(const std::string& key, const std::string& iv,
                           const std::string& header, const std::string& text) {
  const auto bytes = [](const std::string& s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  };
  std::string out(text.size() + 16, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int size = 0;
  EVP_EncryptInit_ex(context,
                     key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
                     nullptr, bytes(key), bytes(iv));
  EVP_EncryptUpdate(context, nullptr, &size, bytes(header),
                    static_cast<int>(header.size()));
  EVP_EncryptUpdate(context, to, &size, bytes(text),
                    static_cast<int>(text.size()));
  EVP_EncryptFinal_ex(context, to + text.size(), &size);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, to + text.size());
  EVP_CIPHER_CTX_free(context);
  return out;
}

// As libsrtp before its pull request 765 (2.5 of Debian 12 too) takes master
// keys of 192 bits, against RFC 6188: with AES-256, whose key is filled up with
// the salt.
inline SrtpKeys DeriveAes192AsLibsrtp(const std::string& master_key,
                                      const std::string& master_salt) {
  std::string both = master_key + master_salt;
  both.resize(32 + 14);
  SrtpKeys keys = DeriveSrtpKeys(both.substr(0, 32), both.substr(32));
  keys.cipher.resize(24);
  return keys;
}

class SrtpSender {
 public:
  enum class Cipher { kAesCm, kGcm, kNull };
  struct Suite {
    std::string name = "AES_CM_128_HMAC_SHA1_80";
    Cipher cipher = Cipher::kAesCm;
    size_t key_bytes = 16;
    size_t tag_bytes = 10;
    bool encrypts = true;
    bool authenticates = true;
    std::string mki;
  };

  // The master key is `seed`, again and again.
  SrtpSender(const Suite& suite, char seed)
      : suite_(suite),
        key_(suite.key_bytes, seed),
        salt_(suite.cipher == Cipher::kGcm ? 12 : 14,
              static_cast<char>(seed + 1)),
        keys_(suite.key_bytes == 24 ? DeriveAes192AsLibsrtp(key_, salt_)
                                    : DeriveSrtpKeys(key_, salt_)) {}

  // For a=crypto: "inline:..."
  std::string Inline() const {
    return "inline:" + absl::Base64Escape(key_ + salt_);
  }

  // `header`: 12 bytes or more, whose sequence number is the low half of
  // `index` (ROC * 2^16 + sequence).
  std::string Protect(const std::string& header, const std::string& payload,
                      uint64_t index) const {
    const uint64_t ssrc = uint64_t{static_cast<uint8_t>(header[8])} << 24 |
                          uint64_t{static_cast<uint8_t>(header[9])} << 16 |
                          uint64_t{static_cast<uint8_t>(header[10])} << 8 |
                          uint64_t{static_cast<uint8_t>(header[11])};
    std::string iv = keys_.salt;
    if (suite_.cipher == Cipher::kGcm) {
      XorInto(iv, 6, ssrc);
      XorInto(iv, 12, index);
      const std::string sealed = SealGcm(keys_.cipher, iv, header, payload);
      return header + sealed.substr(0, payload.size() + suite_.tag_bytes) +
             suite_.mki;
    }
    XorInto(iv, 8, ssrc);
    XorInto(iv, 14, index);
    std::string packet = header;
    packet += suite_.encrypts && suite_.cipher == Cipher::kAesCm
                  ? AesCounter(keys_.cipher, iv, payload)
                  : payload;
    return packet + suite_.mki + TagOf(packet, index);
  }

 private:
  std::string TagOf(std::string packet, uint64_t index) const {
    if (!suite_.authenticates) return "";
    std::string roc(4, '\0');
    XorInto(roc, 4, index >> 16);
    packet += roc;
    unsigned char tag[20];
    unsigned size = 0;
    HMAC(EVP_sha1(), keys_.auth.data(), 20,
         reinterpret_cast<const unsigned char*>(packet.data()), packet.size(),
         tag, &size);
    return {reinterpret_cast<const char*>(tag), suite_.tag_bytes};
  }

  const Suite suite_;
  const std::string key_;
  const std::string salt_;
  const SrtpKeys keys_;
};

}  // namespace callbraid

#endif  // CALLBRAID_TESTS_FAKES_SRTP_SENDER_H_
