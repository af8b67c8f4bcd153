#ifndef CALLBRAID_TESTS_FAKES_AUTHORITY_H_
#define CALLBRAID_TESTS_FAKES_AUTHORITY_H_

#include <openssl/pem.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "common/pki/certificate.h"
#include "common/pki/openssl.h"
#include "common/pki/request.h"

namespace callbraid::fakes {

struct PemPair {
  std::string certificate;
  std::string key;
};

// An authority that signs whatever a test wants, also what no authority should.
class Authority {
 public:
  using Extensions = std::vector<std::pair<int, std::string>>;

  explicit Authority(const std::string& name = "test authority")
      : pem_(Make(name, nullptr,
                  {{NID_basic_constraints, "critical,CA:TRUE"},
                   {NID_key_usage, "critical,keyCertSign"},
                   {NID_subject_key_identifier, "hash"}},
                  -86'400, 864'000)) {}

  const PemPair& pem() const { return pem_; }

  // A certificate of `name` with `alternative` names ("URI:...,DNS:..."), from
  // and until so many seconds from now.
  PemPair Sign(const std::string& name, const std::string& alternative,
               int64_t from_s = -60, int64_t to_s = 86'400) const {
    return Make(name, &pem_, {{NID_subject_alt_name, alternative}}, from_s,
                to_s);
  }
  PemPair SignSensor(const std::string& id) const {
    return Sign(id, "URI:" + pki::SensorUri(id));
  }
  // For 127.0.0.1.
  PemPair SignServer() const { return Sign("collector", "IP:127.0.0.1"); }
  // An authority below this one.
  PemPair SignAuthority(const std::string& name) const {
    return Make(name, &pem_, {{NID_basic_constraints, "critical,CA:TRUE"}}, -60,
                86'400);
  }

  static pki::KeyPtr KeyOf(const std::string& pem) {
    const pki::BioPtr reader = pki::Reader(pem);
    return pki::KeyPtr(
        PEM_read_bio_PrivateKey(reader.get(), nullptr, nullptr, nullptr));
  }

 private:
  static PemPair Make(const std::string& name, const PemPair* issuer,
                      const Extensions& extensions, int64_t from_s,
                      int64_t to_s) {
    PemPair made;
    made.key = *pki::NewKey();
    const pki::KeyPtr key = KeyOf(made.key);
    const pki::KeyPtr issuer_key = KeyOf(issuer ? issuer->key : made.key);
    const pki::X509Ptr certificate(X509_new());
    X509* const x = certificate.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial_);
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(x), "CN", MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(name.data()),
        static_cast<int>(name.size()), -1, 0);
    X509_set_pubkey(x, key.get());
    pki::X509Ptr issuer_certificate;
    if (issuer != nullptr) {
      issuer_certificate =
          std::move(pki::ParseCertificates(issuer->certificate)->front());
    }
    X509* const by = issuer != nullptr ? issuer_certificate.get() : x;
    X509_set_issuer_name(x, X509_get_subject_name(by));
    X509_gmtime_adj(X509_getm_notBefore(x), from_s);
    X509_gmtime_adj(X509_getm_notAfter(x), to_s);
    for (const auto& [nid, value] : extensions) {
      X509V3_CTX context;
      X509V3_set_ctx(&context, by, x, nullptr, nullptr, 0);
      X509_EXTENSION* const extension =
          X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
      X509_add_ext(x, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(x, issuer_key.get(), EVP_sha256());
    made.certificate = pki::ToPem(*certificate);
    return made;
  }

  inline static long serial_ = 0;
  const PemPair pem_;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_AUTHORITY_H_
