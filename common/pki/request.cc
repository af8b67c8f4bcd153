#include "common/pki/request.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/pki/certificate.h"

namespace callbraid::pki {
namespace {

constexpr size_t kMaxRequestBytes = 8192;

using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION),
                                      void (*)(STACK_OF(X509_EXTENSION)*)>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

ExtensionsPtr Own(STACK_OF(X509_EXTENSION) * extensions) {
  return {extensions, [](STACK_OF(X509_EXTENSION) * stack) {
            sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
          }};
}

std::string_view View(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

bool IsP256(const EVP_PKEY& key) {
  std::array<char, 32> group{};
  size_t size = 0;
  return EVP_PKEY_get_base_id(&key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(&key, group.data(), group.size(), &size) ==
             1 &&
         std::string_view(group.data(), size) == SN_X9_62_prime256v1;
}

// Nothing, or the id as the one common name.
bool SubjectIs(const X509_REQ& request, const std::string& sensor_id) {
  const X509_NAME* const name = X509_REQ_get_subject_name(&request);
  if (X509_NAME_entry_count(name) == 0) return true;
  if (X509_NAME_entry_count(name) > 1) return false;
  const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, 0);
  return OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) == NID_commonName &&
         View(X509_NAME_ENTRY_get_data(entry)) == sensor_id;
}

// Nothing, or the sensor's URI as the one alternative name.
bool ExtensionsAre(X509_REQ& request, const std::string& sensor_id) {
  const int attributes = X509_REQ_get_attr_count(&request);
  if (attributes == 0) return true;
  if (attributes > 1) return false;
  const ExtensionsPtr extensions = Own(X509_REQ_get_extensions(&request));
  if (extensions == nullptr || sk_X509_EXTENSION_num(extensions.get()) != 1) {
    return false;
  }
  X509_EXTENSION* const extension =
      sk_X509_EXTENSION_value(extensions.get(), 0);
  if (OBJ_obj2nid(X509_EXTENSION_get_object(extension)) !=
      NID_subject_alt_name) {
    return false;
  }
  const NamesPtr names(static_cast<GENERAL_NAMES*>(X509V3_EXT_d2i(extension)));
  if (names == nullptr || sk_GENERAL_NAME_num(names.get()) != 1) return false;
  const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), 0);
  return name->type == GEN_URI &&
         View(name->d.uniformResourceIdentifier) == SensorUri(sensor_id);
}

KeyPtr ParseKey(const std::string& pem) {
  const BioPtr reader = Reader(pem);
  // The empty password: or OpenSSL would ask on the terminal.
  KeyPtr key(PEM_read_bio_PrivateKey(reader.get(), nullptr, nullptr,
                                     const_cast<char*>("")));
  ERR_clear_error();
  return key;
}

absl::Status AddUri(X509_REQ& request, const std::string& sensor_id) {
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                          ("URI:" + SensorUri(sensor_id)).c_str());
  if (extension == nullptr) {
    return absl::InvalidArgumentError("this id cannot be in a certificate");
  }
  const ExtensionsPtr extensions = Own(sk_X509_EXTENSION_new_null());
  sk_X509_EXTENSION_push(extensions.get(), extension);
  X509_REQ_add_extensions(&request, extensions.get());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> NewKey() {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const BioPtr writer = Writer();
  if (key == nullptr ||
      PEM_write_bio_PrivateKey(writer.get(), key.get(), nullptr, nullptr, 0,
                               nullptr, nullptr) != 1) {
    return absl::InternalError("OpenSSL made no key");
  }
  return Written(writer.get());
}

absl::Status CheckPair(const std::string& certificate_pem,
                       const std::string& key_pem) {
  ASSIGN_OR_RETURN(const std::vector<X509Ptr> certificates,
                   ParseCertificates(certificate_pem));
  const KeyPtr key = ParseKey(key_pem);
  const bool fits =
      key != nullptr &&
      X509_check_private_key(certificates.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (fits) return absl::OkStatus();
  return absl::InvalidArgumentError("the certificate is not for our key");
}

absl::StatusOr<std::string> MakeRequest(const std::string& key_pem,
                                        const std::string& sensor_id) {
  const KeyPtr key = ParseKey(key_pem);
  if (key == nullptr) {
    return absl::FailedPreconditionError("no private key in PEM form");
  }
  const RequestPtr request(X509_REQ_new());
  X509_REQ_set_version(request.get(), X509_REQ_VERSION_1);
  X509_REQ_set_pubkey(request.get(), key.get());
  X509_NAME_add_entry_by_NID(
      X509_REQ_get_subject_name(request.get()), NID_commonName, MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(sensor_id.data()),
      static_cast<int>(sensor_id.size()), -1, 0);
  RETURN_IF_ERROR(AddUri(*request, sensor_id));
  const BioPtr writer = Writer();
  if (X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0 ||
      PEM_write_bio_X509_REQ(writer.get(), request.get()) != 1) {
    return absl::InternalError("OpenSSL made no request");
  }
  return Written(writer.get());
}

absl::StatusOr<KeyPtr> CheckRequest(const std::string& request_pem,
                                    const std::string& sensor_id) {
  if (request_pem.size() > kMaxRequestBytes) {
    return absl::InvalidArgumentError("request: longer than 8 KiB");
  }
  const BioPtr reader = Reader(request_pem);
  const RequestPtr request(
      PEM_read_bio_X509_REQ(reader.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (request == nullptr) {
    return absl::InvalidArgumentError(
        "request: no certificate request in PEM form");
  }
  KeyPtr key(X509_REQ_get_pubkey(request.get()));
  if (key == nullptr || !IsP256(*key)) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        "request: the key is not one of the curve P-256");
  }
  const bool signed_by_key = X509_REQ_verify(request.get(), key.get()) == 1;
  ERR_clear_error();
  if (!signed_by_key) {
    return absl::InvalidArgumentError(
        "request: the signature is not by its key");
  }
  const bool fits =
      SubjectIs(*request, sensor_id) && ExtensionsAre(*request, sensor_id);
  ERR_clear_error();
  if (!fits) {
    return absl::InvalidArgumentError(
        "request: asks for other names or rights than those of sensor '" +
        sensor_id + "'");
  }
  return key;
}

}  // namespace callbraid::pki
