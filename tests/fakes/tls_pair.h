#ifndef CALLBRAID_TESTS_FAKES_TLS_PAIR_H_
#define CALLBRAID_TESTS_FAKES_TLS_PAIR_H_

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callbraid::fakes {

// A client and a server of TLS, as OpenSSL has them, and what they would send
// each other.
class TlsPair {
 public:
  struct Options {
    int version = TLS1_3_VERSION;
    // As OpenSSL names them; empty: what it likes best.
    std::string suite = {};
    // Of the session before: both sides, so that it can go on.
    TlsPair* resumed = nullptr;
    // The server does not like the group that the client bets on, and asks
    // again.
    bool asks_again = false;
    // With session ids; else tickets (TLS 1.2).
    bool session_ids = false;
    // The server has an RSA key; else one of a curve.
    bool rsa = false;
    // The server asks the client for a certificate, and gets one.
    bool client_certificate = false;
    // SSL_OP_...: what both sides do not do.
    uint64_t without = 0;
  };
  struct Flight {
    bool of_client = false;
    std::string bytes;
  };

  explicit TlsPair(const Options& options)
      : contexts_(options.resumed == nullptr ? MakeContexts(options)
                                             : options.resumed->contexts_) {
    for (const bool of_client : {true, false}) {
      Side& side = of_client ? client_ : server_;
      side.ssl = SSL_new(of_client ? contexts_->client : contexts_->server);
      side.in = BIO_new(BIO_s_mem());
      side.out = BIO_new(BIO_s_mem());
      SSL_set_bio(side.ssl, side.in, side.out);
      SSL_set_app_data(side.ssl, &key_log_);
    }
    if (options.resumed != nullptr) {
      SSL_SESSION* session = SSL_get1_session(options.resumed->client_.ssl);
      SSL_set_session(client_.ssl, session);
      SSL_SESSION_free(session);
    }
    SSL_set_connect_state(client_.ssl);
    SSL_set_accept_state(server_.ssl);
  }
  TlsPair(const TlsPair&) = delete;
  ~TlsPair() {
    SSL_free(client_.ssl);
    SSL_free(server_.ssl);
  }

  // Until neither has more to say.
  std::vector<Flight> Handshake() {
    std::vector<Flight> flights;
    for (bool of_client = true;; of_client = !of_client) {
      Side& side = of_client ? client_ : server_;
      SSL_do_handshake(side.ssl);
      std::string bytes = Send(of_client);
      if (bytes.empty() && !flights.empty()) break;
      flights.push_back({of_client, std::move(bytes)});
    }
    // Tickets, which the client has to have seen.
    char byte;
    SSL_read(client_.ssl, &byte, 1);
    return flights;
  }

  // What a side sends to say `text`.
  std::string Say(bool of_client, std::string_view text) {
    Side& side = of_client ? client_ : server_;
    SSL_write(side.ssl, text.data(), static_cast<int>(text.size()));
    std::string bytes = Send(of_client);
    std::string heard(text.size(), '\0');
    SSL_read((of_client ? server_ : client_).ssl, heard.data(),
             static_cast<int>(heard.size()));
    return bytes;
  }

  std::string UpdateKey(bool of_client) {
    SSL_key_update((of_client ? client_ : server_).ssl,
                   SSL_KEY_UPDATE_NOT_REQUESTED);
    SSL_do_handshake((of_client ? client_ : server_).ssl);
    return Send(of_client);
  }

  // The side asks for new keys by a handshake (TLS 1.2).
  std::string Renegotiate() {
    SSL_renegotiate(client_.ssl);
    SSL_do_handshake(client_.ssl);
    return Send(/*of_client=*/true);
  }

  // Keying material of the connection (RFC 5705), without a context.
  std::string Export(const std::string& label, size_t size) const {
    std::string out(size, '\0');
    SSL_export_keying_material(
        client_.ssl, reinterpret_cast<unsigned char*>(out.data()), size,
        label.c_str(), label.size(), nullptr, 0, 0);
    return out;
  }

  bool was_resumed() const { return SSL_session_reused(client_.ssl) == 1; }
  std::string suite() const { return SSL_get_cipher(client_.ssl); }
  // In PEM form, the server's if it has an RSA key.
  static std::string RsaKeyPem() {
    BIO* out = BIO_new(BIO_s_mem());
    EVP_PKEY* key = RsaKey();
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    EVP_PKEY_free(key);
    std::string pem(BIO_ctrl_pending(out), '\0');
    BIO_read(out, pem.data(), static_cast<int>(pem.size()));
    BIO_free(out);
    return pem;
  }
  // Lines of SSLKEYLOGFILE.
  const std::string& key_log() const { return key_log_; }

 private:
  struct Side {
    SSL* ssl = nullptr;
    BIO* in = nullptr;
    BIO* out = nullptr;
  };
  struct Contexts {
    SSL_CTX* client = nullptr;
    SSL_CTX* server = nullptr;
    ~Contexts() {
      SSL_CTX_free(client);
      SSL_CTX_free(server);
    }
  };

  static void Log(const SSL* ssl, const char* line) {
    auto* log = static_cast<std::string*>(SSL_get_app_data(ssl));
    log->append(line).append("\n");
  }

  static std::shared_ptr<Contexts> MakeContexts(const Options& options) {
    auto contexts = std::make_shared<Contexts>();
    contexts->client = SSL_CTX_new(TLS_client_method());
    contexts->server = SSL_CTX_new(TLS_server_method());
    for (SSL_CTX* context : {contexts->client, contexts->server}) {
      SSL_CTX_set_min_proto_version(context, options.version);
      SSL_CTX_set_max_proto_version(context, options.version);
      SSL_CTX_set_security_level(context, 0);
      if (options.version == TLS1_3_VERSION && !options.suite.empty()) {
        SSL_CTX_set_ciphersuites(context, options.suite.c_str());
      } else if (!options.suite.empty()) {
        SSL_CTX_set_cipher_list(context, options.suite.c_str());
      }
      SSL_CTX_set_options(context, options.without);
      if (options.session_ids) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    }
    SSL_CTX_set_keylog_callback(contexts->client, Log);
    SSL_CTX_set_session_cache_mode(contexts->server, SSL_SESS_CACHE_SERVER);
    if (options.asks_again) {
      SSL_CTX_set1_groups_list(contexts->client, "X25519:P-256");
      SSL_CTX_set1_groups_list(contexts->server, "P-256");
    }
    GiveCertificate(contexts->server, options.rsa ? RsaKey() : CurveKey());
    if (options.client_certificate) {
      GiveCertificate(contexts->client, CurveKey());
      SSL_CTX_set_verify(contexts->server, SSL_VERIFY_PEER,
                         [](int, X509_STORE_CTX*) { return 1; });
    }
    return contexts;
  }

  static EVP_PKEY* CurveKey() { return EVP_EC_gen("P-256"); }
  // The same each time, for it takes long to make one.
  static EVP_PKEY* RsaKey() {
    static EVP_PKEY* const key = EVP_RSA_gen(2048);
    EVP_PKEY_up_ref(key);
    return key;
  }

  // Takes the key.
  static void GiveCertificate(SSL_CTX* context, EVP_PKEY* key) {
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

  // Hands what a side has written to the other, and returns it.
  std::string Send(bool of_client) {
    const Side& from = of_client ? client_ : server_;
    const Side& to = of_client ? server_ : client_;
    std::string bytes(BIO_ctrl_pending(from.out), '\0');
    if (bytes.empty()) return bytes;
    BIO_read(from.out, bytes.data(), static_cast<int>(bytes.size()));
    BIO_write(to.in, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  std::shared_ptr<Contexts> contexts_;
  Side client_;
  Side server_;
  std::string key_log_;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_TLS_PAIR_H_
