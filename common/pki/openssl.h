#ifndef CALLBRAID_COMMON_PKI_OPENSSL_H_
#define CALLBRAID_COMMON_PKI_OPENSSL_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace callbraid::pki {

// Owners of what OpenSSL allocates.
template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using StorePtr = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContextPtr =
    std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;

// A source that reads `text`, which must outlive it.
inline BioPtr Reader(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

inline BioPtr Writer() { return BioPtr(BIO_new(BIO_s_mem())); }

// What was written to a Writer().
inline std::string Written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size <= 0 ? std::string()
                   : std::string(data, static_cast<size_t>(size));
}

}  // namespace callbraid::pki

#endif  // CALLBRAID_COMMON_PKI_OPENSSL_H_
