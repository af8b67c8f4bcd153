#include "common/pki/issuer.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pki/pem_file.h"

namespace callbraid::pki {
namespace {

// For clocks of sensors that are a little behind.
constexpr int64_t kLeewayS = 60;

absl::StatusOr<KeyPtr> ReadKey(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string pem, ReadPemFile(path));
  const BioPtr reader = Reader(pem);
  // The empty password: or OpenSSL would ask on the terminal.
  KeyPtr key(PEM_read_bio_PrivateKey(reader.get(), nullptr, nullptr,
                                     const_cast<char*>("")));
  ERR_clear_error();
  if (key != nullptr) return key;
  return absl::FailedPreconditionError(
      absl::StrCat(path, " holds no private key in PEM form without password"));
}

bool SetRandomSerial(X509& certificate) {
  std::array<unsigned char, 16> random;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return false;
  }
  // Positive, and never shorter.
  random[0] = static_cast<unsigned char>((random[0] & 0x3f) | 0x40);
  BIGNUM* const number =
      BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr);
  const bool set = BN_to_ASN1_INTEGER(
                       number, X509_get_serialNumber(&certificate)) != nullptr;
  BN_free(number);
  return set;
}

bool AddExtension(X509& certificate, X509& issuer, int nid,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  const bool added =
      extension != nullptr && X509_add_ext(&certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool AddExtensions(X509& certificate, X509& issuer,
                   const std::string& sensor_id) {
  const std::pair<int, std::string> extensions[] = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, "clientAuth"},
      {NID_subject_key_identifier, "hash"},
      {NID_subject_alt_name, "URI:" + SensorUri(sensor_id)}};
  for (const auto& [nid, value] : extensions) {
    if (!AddExtension(certificate, issuer, nid, value)) return false;
  }
  // Of an authority that names its key.
  return X509_get0_subject_key_id(&issuer) == nullptr ||
         AddExtension(certificate, issuer, NID_authority_key_identifier,
                      "keyid");
}

std::string SerialOf(const X509& certificate) {
  const ASN1_INTEGER& serial = *X509_get0_serialNumber(&certificate);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(serial.data),
                        static_cast<size_t>(serial.length)));
}

// Ed25519 and its like hash by themselves.
const EVP_MD* DigestFor(const EVP_PKEY& key) {
  int digest = NID_undef;
  const int needed =
      EVP_PKEY_get_default_digest_nid(const_cast<EVP_PKEY*>(&key), &digest);
  return needed == 2 && digest == NID_undef ? nullptr : EVP_sha256();
}

}  // namespace

absl::StatusOr<Issuer> Issuer::Load(const std::string& certificate_path,
                                    const std::string& key_path) {
  ASSIGN_OR_RETURN(std::vector<X509Ptr> certificates,
                   ReadCertificates(certificate_path));
  X509Ptr certificate = std::move(certificates.front());
  if (X509_check_ca(certificate.get()) != 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        certificate_path, " is not the certificate of an authority (CA:TRUE)"));
  }
  ASSIGN_OR_RETURN(KeyPtr key, ReadKey(key_path));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::FailedPreconditionError(
        absl::StrCat("key ", key_path, " does not belong to certificate ",
                     certificate_path));
  }
  return Issuer(std::move(certificate), std::move(key));
}

absl::StatusOr<IssuedCertificate> Issuer::Issue(EVP_PKEY& key,
                                                const std::string& sensor_id,
                                                int64_t now_s,
                                                int64_t valid_s) const {
  IssuedCertificate issued;
  issued.validity = {now_s - kLeewayS,
                     std::min(now_s + valid_s, ValidityOf(*certificate_).to_s)};
  if (issued.validity.to_s <= now_s) {
    return absl::FailedPreconditionError(
        "the authority's own certificate (enroll.ca_cert) has expired");
  }
  const X509Ptr certificate(X509_new());
  X509& made = *certificate;
  X509_set_version(&made, X509_VERSION_3);
  X509_set_issuer_name(&made, X509_get_subject_name(certificate_.get()));
  X509_NAME_add_entry_by_NID(
      X509_get_subject_name(&made), NID_commonName, MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(sensor_id.data()),
      static_cast<int>(sensor_id.size()), -1, 0);
  X509_set_pubkey(&made, &key);
  if (!SetRandomSerial(made) ||
      ASN1_TIME_set(X509_getm_notBefore(&made), issued.validity.from_s) ==
          nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(&made), issued.validity.to_s) ==
          nullptr ||
      !AddExtensions(made, *certificate_, sensor_id) ||
      X509_sign(&made, key_.get(), DigestFor(*key_)) <= 0) {
    ERR_clear_error();
    return absl::InternalError("OpenSSL made no certificate");
  }
  issued.pem = ToPem(made);
  issued.serial = SerialOf(made);
  if (X509_check_issued(certificate_.get(), certificate_.get()) != X509_V_OK) {
    issued.pem += ToPem(*certificate_);
  }
  return issued;
}

}  // namespace callbraid::pki
