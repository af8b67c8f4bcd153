#ifndef CALLBRAID_SENSOR_TLS_RECORD_CIPHER_H_
#define CALLBRAID_SENSOR_TLS_RECORD_CIPHER_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sensor/tls/cipher_suite.h"
#include "sensor/tls/handshake.h"
#include "sensor/tls/secret.h"

namespace callbraid::sensor {

// One record as it is on the wire (RFC 8446, section 5.1). A view.
struct TlsRecord {
  ContentType type = ContentType::kApplicationData;
  // As written in its header.
  uint16_t version = 0;
  std::span<const uint8_t> fragment;
};

// Opens the records that one side of a connection writes, with one key. One
// thread.
class RecordCipher {
 public:
  // TLS 1.2 (RFC 5246, section 6.3; with CBC also RFC 7366). Nullopt if OpenSSL
  // refuses.
  static std::optional<RecordCipher> Tls12(const CipherSuite& suite,
                                           const Secret& master,
                                           const ClientRandom& client_random,
                                           const ServerHello& server,
                                           bool of_client);
  // TLS 1.3 (RFC 8446, section 7.3). Nullopt also if the secret has not the
  // size that the suite asks for.
  static std::optional<RecordCipher> Tls13(const CipherSuite& suite,
                                           const Secret& traffic);

  // That after a KeyUpdate (RFC 8446, section 7.2); of TLS 1.3 alone.
  std::optional<RecordCipher> Next() const;

  // Puts the content of the `number`-th record (from 0) into `content`, and its
  // type into `type`. False if it is not that record, or not of this key: its
  // tag, or MAC, says so.
  bool Open(uint64_t number, const TlsRecord& record, std::string& content,
            ContentType& type) const;

 private:
  template <auto kFree>
  struct Freed {
    template <typename T>
    void operator()(T* object) const {
      kFree(object);
    }
  };

  explicit RecordCipher(const CipherSuite& suite) : suite_(&suite) {}
  bool Prepare();
  bool is_tls13() const { return !traffic_.empty(); }
  bool OpenAead(uint64_t number, const TlsRecord& record, std::string& content,
                ContentType& type) const;
  bool Decrypt(std::span<const uint8_t> nonce,
               std::span<const uint8_t> additional,
               std::span<const uint8_t> sealed, std::string& content) const;
  bool OpenCbc(uint64_t number, const TlsRecord& record,
               std::string& content) const;
  // What a record's first block and the rest hold, with its padding.
  bool DecryptCbc(std::span<const uint8_t> encrypted,
                  std::string& content) const;
  // Whether `mac` is that of the record.
  bool IsMac(uint64_t number, const TlsRecord& record,
             std::span<const uint8_t> protected_bytes,
             std::span<const uint8_t> mac) const;

  const CipherSuite* suite_;
  Secret key_;
  Secret iv_;
  // Of CBC alone.
  Secret mac_key_;
  bool encrypt_then_mac_ = false;
  // Of TLS 1.3.
  Secret traffic_;
  std::unique_ptr<EVP_CIPHER, Freed<EVP_CIPHER_free>> cipher_;
  std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> context_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_RECORD_CIPHER_H_
