#include "common/pki/request.h"

#include <openssl/pem.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/pki/certificate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/authority.h"

namespace callbraid::pki {
namespace {

using testing::HasSubstr;

// A request as somebody else might make it.
struct Odd {
  KeyPtr key = fakes::Authority::KeyOf(*NewKey());
  std::vector<std::pair<std::string, std::string>> subject = {{"CN", "s1"}};
  std::vector<std::pair<int, std::string>> extensions = {
      {NID_subject_alt_name, "URI:spiffe://callbraid/sensor/s1"}};
  std::string password = {};

  std::string Make() const {
    const RequestPtr request(X509_REQ_new());
    X509_REQ_set_pubkey(request.get(), key.get());
    for (const auto& [field, value] : subject) {
      X509_NAME_add_entry_by_txt(
          X509_REQ_get_subject_name(request.get()), field.c_str(),
          MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
          static_cast<int>(value.size()), -1, 0);
    }
    STACK_OF(X509_EXTENSION)* const stack = sk_X509_EXTENSION_new_null();
    for (const auto& [nid, value] : extensions) {
      sk_X509_EXTENSION_push(
          stack, X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
    }
    if (!extensions.empty()) X509_REQ_add_extensions(request.get(), stack);
    sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
    if (!password.empty()) {
      X509_REQ_add1_attr_by_NID(
          request.get(), NID_pkcs9_challengePassword, MBSTRING_UTF8,
          reinterpret_cast<const unsigned char*>(password.data()),
          static_cast<int>(password.size()));
    }
    const bool hashes_itself =
        EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519;
    X509_REQ_sign(request.get(), key.get(),
                  hashes_itself ? nullptr : EVP_sha256());
    const BioPtr writer = Writer();
    PEM_write_bio_X509_REQ(writer.get(), request.get());
    return Written(writer.get());
  }
};

std::string WhyRefused(const std::string& request) {
  return std::string(CheckRequest(request, "s1").status().message());
}

TEST(Request, IsTakenAsOursMakeIt) {
  const std::string key = *NewKey();
  const auto request = MakeRequest(key, "s1");
  ASSERT_TRUE(request.ok()) << request.status();
  const auto checked = CheckRequest(*request, "s1");
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(EVP_PKEY_eq(checked->get(), fakes::Authority::KeyOf(key).get()), 1);
}

TEST(Request, ACertificateIsForOneKey) {
  const fakes::PemPair pair = fakes::Authority().SignSensor("s1");
  EXPECT_TRUE(CheckPair(pair.certificate, pair.key).ok());
  EXPECT_FALSE(CheckPair(pair.certificate, *NewKey()).ok());
  EXPECT_FALSE(CheckPair(pair.certificate, "x").ok());
  EXPECT_FALSE(CheckPair("x", pair.key).ok());
}

TEST(Request, MayLeaveItsNamesToTheCollector) {
  EXPECT_EQ(WhyRefused(Odd().Make()), "");
  Odd odd;
  odd.subject.clear();
  EXPECT_EQ(WhyRefused(odd.Make()), "");
  odd.extensions.clear();
  EXPECT_EQ(WhyRefused(odd.Make()), "");
}

TEST(Request, OfAnotherSensorIsRefused) {
  EXPECT_THAT(WhyRefused(*MakeRequest(*NewKey(), "s2")),
              HasSubstr("asks for other names"));
}

TEST(Request, ForOtherNamesIsRefused) {
  const char* const uri = "URI:spiffe://callbraid/sensor/s1";
  const std::vector<std::function<void(Odd&)>> changes = {
      [](Odd& odd) {
        odd.subject = {{"CN", "s2"}};
      },
      [](Odd& odd) {
        odd.subject = {{"O", "s1"}};
      },
      [](Odd& odd) {
        odd.subject = {{"CN", "s1"}, {"CN", "admin"}};
      },
      [](Odd& odd) {
        odd.subject = {{"CN", std::string("s1\0", 3)}};
      },
      [](Odd& odd) { odd.extensions[0].second = "DNS:s1"; },
      [](Odd& odd) {
        odd.extensions[0].second = "URI:spiffe://callbraid/user/s1";
      },
      [uri](Odd& odd) {
        odd.extensions[0].second = std::string(uri) + ",DNS:collector";
      },
      [uri](Odd& odd) {
        odd.extensions[0].second = std::string(uri) + "," + uri;
      }};
  for (size_t i = 0; i < changes.size(); ++i) {
    Odd odd;
    changes[i](odd);
    EXPECT_THAT(WhyRefused(odd.Make()), HasSubstr("asks for other names"))
        << "change " << i;
  }
}

TEST(Request, ForMoreRightsIsRefused) {
  Odd authority;
  authority.extensions.emplace_back(NID_basic_constraints, "CA:TRUE");
  EXPECT_THAT(WhyRefused(authority.Make()), HasSubstr("names or rights"));
  Odd server;
  server.extensions = {{NID_ext_key_usage, "serverAuth"}};
  EXPECT_THAT(WhyRefused(server.Make()), HasSubstr("names or rights"));
  Odd attribute;
  attribute.password = "x";
  EXPECT_THAT(WhyRefused(attribute.Make()), HasSubstr("names or rights"));
}

TEST(Request, WithAKeyOfAnotherKindIsRefused) {
  for (EVP_PKEY* const key :
       {EVP_RSA_gen(2048), EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"),
        EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}) {
    ASSERT_NE(key, nullptr);
    Odd odd;
    odd.key.reset(key);
    EXPECT_THAT(WhyRefused(odd.Make()), HasSubstr("curve P-256"));
  }
}

TEST(Request, SignedByAnotherKeyIsRefused) {
  // The same request under two keys, with the signature of the other.
  const auto der = [](const std::string& pem) {
    const BioPtr reader = Reader(pem);
    return RequestPtr(
        PEM_read_bio_X509_REQ(reader.get(), nullptr, nullptr, nullptr));
  };
  const RequestPtr mine = der(Odd().Make());
  const RequestPtr others = der(Odd().Make());
  const ASN1_BIT_STRING* signature = nullptr;
  X509_REQ_get0_signature(others.get(), &signature, nullptr);
  X509_REQ_set0_signature(mine.get(), ASN1_STRING_dup(signature));
  const BioPtr writer = Writer();
  PEM_write_bio_X509_REQ(writer.get(), mine.get());
  EXPECT_THAT(WhyRefused(Written(writer.get())), HasSubstr("not by its key"));
}

TEST(Request, ThatIsNoneIsRefused) {
  const std::string good = Odd().Make();
  for (size_t size = 0; size + 1 < good.size(); size += 7) {
    EXPECT_NE(WhyRefused(good.substr(0, size)), "") << size;
  }
  EXPECT_THAT(WhyRefused(std::string(9000, 'x')), HasSubstr("8 KiB"));
  EXPECT_THAT(WhyRefused(std::string(8192, '-')), HasSubstr("no certificate"));
  EXPECT_THAT(WhyRefused(fakes::Authority().pem().certificate),
              HasSubstr("no certificate request"));
}

}  // namespace
}  // namespace callbraid::pki
