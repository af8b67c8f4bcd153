#include "common/pki/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <ctime>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pki/pem_file.h"

namespace callbraid::pki {
namespace {

constexpr size_t kMaxCertificates = 32;

int64_t SecondsOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

}  // namespace

absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(const std::string& pem) {
  const BioPtr reader = Reader(pem);
  std::vector<X509Ptr> certificates;
  while (X509Ptr next{
      PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)}) {
    if (certificates.size() == kMaxCertificates) {
      return absl::InvalidArgumentError("more than 32 certificates");
    }
    certificates.push_back(std::move(next));
  }
  // The end of the text is an error like others, but for its reason.
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (certificates.empty() || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return absl::InvalidArgumentError("no certificate in PEM form");
  }
  return certificates;
}

absl::StatusOr<std::vector<X509Ptr>> ReadCertificates(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string pem, ReadPemFile(path));
  auto certificates = ParseCertificates(pem);
  if (certificates.ok()) return certificates;
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": ", certificates.status().message()));
}

std::string ToPem(const X509& certificate) {
  const BioPtr writer = Writer();
  PEM_write_bio_X509(writer.get(), &certificate);
  return Written(writer.get());
}

std::string ToPem(const std::vector<X509Ptr>& certificates) {
  std::string pem;
  for (const X509Ptr& certificate : certificates) pem += ToPem(*certificate);
  return pem;
}

Validity ValidityOf(const X509& certificate) {
  return {SecondsOf(X509_get0_notBefore(&certificate)),
          SecondsOf(X509_get0_notAfter(&certificate))};
}

std::string KeyHash(const X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &der);
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  if (size > 0) {
    SHA256(der, static_cast<size_t>(size),
           reinterpret_cast<unsigned char*>(hash.data()));
  }
  OPENSSL_free(der);
  return hash;
}

absl::StatusOr<X509*> AnchorOf(const std::vector<X509Ptr>& chain,
                               const std::vector<X509Ptr>& authorities) {
  const StorePtr store(X509_STORE_new());
  for (const X509Ptr& authority : authorities) {
    X509_STORE_add_cert(store.get(), authority.get());
  }
  // As gRPC does: an authority need not be a root. And whatever the time is.
  X509_STORE_set_flags(store.get(),
                       X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  STACK_OF(X509)* const others = sk_X509_new_null();
  for (size_t i = 1; i < chain.size(); ++i) {
    sk_X509_push(others, chain[i].get());
  }
  const StoreContextPtr context(X509_STORE_CTX_new());
  X509* anchor = nullptr;
  if (X509_STORE_CTX_init(context.get(), store.get(), chain[0].get(), others) ==
          1 &&
      X509_verify_cert(context.get()) == 1) {
    const STACK_OF(X509)* const path = X509_STORE_CTX_get0_chain(context.get());
    const X509* const last = sk_X509_value(path, sk_X509_num(path) - 1);
    for (const X509Ptr& authority : authorities) {
      if (X509_cmp(authority.get(), last) == 0) anchor = authority.get();
    }
  }
  sk_X509_free(others);
  ERR_clear_error();
  if (anchor != nullptr) return anchor;
  return absl::FailedPreconditionError("comes from none of the authorities");
}

std::string SensorUri(const std::string& sensor_id) {
  return "spiffe://callbraid/sensor/" + sensor_id;
}

}  // namespace callbraid::pki
