#ifndef CALLBRAID_TESTS_FAKES_DTLS_PAIR_H_
#define CALLBRAID_TESTS_FAKES_DTLS_PAIR_H_

#include <openssl/ec.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace callbraid::fakes {

// A client and a server of DTLS with use_srtp, as OpenSSL has them, and the
// datagrams that they send each other: a record in each.
class DtlsPair {
 public:
  struct Options {
    int version = DTLS1_2_VERSION;
    // As OpenSSL names them; empty: what it likes best.
    std::string suite = {};
    // Of both sides; empty: without use_srtp.
    std::string profiles = "SRTP_AES128_CM_SHA1_80";
    long mtu = 1400;
    // The server asks for a cookie first.
    bool cookie = false;
  };
  struct Sent {
    bool of_client = false;
    std::string datagram;
  };

  explicit DtlsPair(const Options& options)
      : client_context_(SSL_CTX_new(DTLS_client_method())),
        server_context_(SSL_CTX_new(DTLS_server_method())) {
    for (SSL_CTX* context : {client_context_, server_context_}) {
      SSL_CTX_set_min_proto_version(context, options.version);
      SSL_CTX_set_max_proto_version(context, options.version);
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_cipher_list(
          context, options.suite.empty() ? "ALL" : options.suite.c_str());
      if (!options.profiles.empty()) {
        SSL_CTX_set_tlsext_use_srtp(context, options.profiles.c_str());
      }
    }
    SSL_CTX_set_keylog_callback(client_context_, Log);
    if (options.cookie) {
      SSL_CTX_set_options(server_context_, SSL_OP_COOKIE_EXCHANGE);
      SSL_CTX_set_cookie_generate_cb(server_context_, MakeCookie);
      SSL_CTX_set_cookie_verify_cb(server_context_, CheckCookie);
    }
    GiveCertificate(server_context_);
    client_ = MakeSide(client_context_, options.mtu);
    server_ = MakeSide(server_context_, options.mtu);
    SSL_set_connect_state(client_.ssl);
    SSL_set_accept_state(server_.ssl);
  }
  DtlsPair(const DtlsPair&) = delete;
  DtlsPair& operator=(const DtlsPair&) = delete;
  ~DtlsPair() {
    SSL_free(client_.ssl);
    SSL_free(server_.ssl);
    SSL_CTX_free(client_context_);
    SSL_CTX_free(server_context_);
  }

  // Until neither has more to say.
  std::vector<Sent> Handshake() {
    std::vector<Sent> sent;
    int silent = 0;
    for (bool of_client = true; silent < 2; of_client = !of_client) {
      SSL_do_handshake((of_client ? client_ : server_).ssl);
      silent = Send(of_client, sent) ? 0 : silent + 1;
    }
    return sent;
  }

  bool done() const {
    return SSL_is_init_finished(client_.ssl) &&
           SSL_is_init_finished(server_.ssl);
  }
  // Lines of SSLKEYLOGFILE.
  const std::string& key_log() const { return key_log_; }
  uint16_t profile() const {
    const SRTP_PROTECTION_PROFILE* found =
        SSL_get_selected_srtp_profile(client_.ssl);
    return found == nullptr ? 0 : static_cast<uint16_t>(found->id);
  }
  // Key and salt of a side, cut out of what OpenSSL exports (RFC 5764, 4.2).
  std::string KeyAndSalt(bool of_client, size_t key, size_t salt) const {
    std::string out(2 * (key + salt), '\0');
    constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";
    SSL_export_keying_material(
        server_.ssl, reinterpret_cast<unsigned char*>(out.data()), out.size(),
        kLabel, std::strlen(kLabel), nullptr, 0, 0);
    return of_client ? out.substr(0, key) + out.substr(2 * key, salt)
                     : out.substr(key, key) + out.substr(2 * key + salt, salt);
  }

 private:
  struct Side {
    SSL* ssl = nullptr;
    BIO* in = nullptr;
    BIO* out = nullptr;
  };

  Side MakeSide(SSL_CTX* context, long mtu) {
    Side side;
    side.ssl = SSL_new(context);
    side.in = BIO_new(BIO_s_mem());
    side.out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(side.in, -1);
    SSL_set_bio(side.ssl, side.in, side.out);
    SSL_set_options(side.ssl, SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(side.ssl, mtu);
    SSL_set_app_data(side.ssl, &key_log_);
    return side;
  }

  static void Log(const SSL* ssl, const char* line) {
    auto* log = static_cast<std::string*>(SSL_get_app_data(ssl));
    log->append(line).append("\n");
  }

  static int MakeCookie(SSL*, unsigned char* cookie, unsigned* size) {
    std::memcpy(cookie, "cookie", 6);
    *size = 6;
    return 1;
  }
  static int CheckCookie(SSL*, const unsigned char* cookie, unsigned size) {
    return size == 6 && std::memcmp(cookie, "cookie", 6) == 0 ? 1 : 0;
  }

  static void GiveCertificate(SSL_CTX* context) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  // Hands what a side has written to the other, record by record. False if that
  // is nothing.
  bool Send(bool of_client, std::vector<Sent>& sent) {
    constexpr size_t kHeaderBytes = 13;
    const Side& from = of_client ? client_ : server_;
    const Side& to = of_client ? server_ : client_;
    std::string bytes(BIO_ctrl_pending(from.out), '\0');
    if (bytes.empty()) return false;
    BIO_read(from.out, bytes.data(), static_cast<int>(bytes.size()));
    while (bytes.size() >= kHeaderBytes) {
      const size_t size = kHeaderBytes + (static_cast<uint8_t>(bytes[11]) << 8 |
                                          static_cast<uint8_t>(bytes[12]));
      sent.push_back({of_client, bytes.substr(0, size)});
      BIO_write(to.in, bytes.data(), static_cast<int>(size));
      // All but the last of a flight; the handshake goes on with that.
      bytes.erase(0, size);
      if (!bytes.empty()) SSL_do_handshake(to.ssl);
    }
    return true;
  }

  SSL_CTX* client_context_;
  SSL_CTX* server_context_;
  Side client_;
  Side server_;
  std::string key_log_;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_DTLS_PAIR_H_
