#include "common/pki/certificate.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/authority.h"

namespace callbraid::pki {
namespace {

using fakes::Authority;

std::vector<X509Ptr> Parse(const std::string& pem) {
  auto certificates = ParseCertificates(pem);
  EXPECT_TRUE(certificates.ok()) << certificates.status();
  return certificates.ok() ? *std::move(certificates) : std::vector<X509Ptr>();
}

TEST(Certificate, ReadsABundle) {
  const std::string bundle =
      Authority("a").pem().certificate + Authority("b").pem().certificate;
  EXPECT_EQ(Parse(bundle).size(), 2u);
  EXPECT_EQ(ToPem(Parse(bundle)), bundle);
}

TEST(Certificate, RefusesWhatIsNone) {
  const std::string good = Authority().pem().certificate;
  std::string many;
  for (int i = 0; i < 33; ++i) many += good;
  for (const std::string& bad :
       {std::string(), std::string("hello"), good.substr(0, good.size() / 2),
        good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        many}) {
    EXPECT_FALSE(ParseCertificates(bad).ok()) << bad.substr(0, 80);
  }
}

TEST(Certificate, SaysWhichFileCannotBeRead) {
  const auto certificates = ReadCertificates("/nowhere/ca.pem");
  EXPECT_EQ(certificates.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(certificates.status().message().find("/nowhere/ca.pem"),
            std::string::npos);
}

TEST(Certificate, TellsWhenItHolds) {
  const auto made =
      Parse(Authority().Sign("s1", "DNS:s1", -100, 900).certificate);
  const Validity validity = ValidityOf(*made.front());
  EXPECT_EQ(validity.to_s - validity.from_s, 1000);
  EXPECT_GT(validity.from_s, 1'600'000'000);
}

TEST(Certificate, TheHashIsOfTheKeyAlone) {
  const Authority authority;
  const auto a = Parse(authority.pem().certificate);
  const auto b = Parse(Authority().pem().certificate);
  EXPECT_EQ(KeyHash(*a.front()).size(), 32u);
  EXPECT_EQ(KeyHash(*a.front()),
            KeyHash(*Parse(authority.pem().certificate).front()));
  EXPECT_NE(KeyHash(*a.front()), KeyHash(*b.front()));
}

TEST(Certificate, FindsTheAuthorityItGoesBackTo) {
  const Authority root("root");
  const Authority other("other");
  const auto authorities =
      Parse(other.pem().certificate + root.pem().certificate);
  const auto anchor =
      AnchorOf(Parse(root.SignSensor("s1").certificate), authorities);
  ASSERT_TRUE(anchor.ok()) << anchor.status();
  EXPECT_EQ(*anchor, authorities[1].get());
  EXPECT_FALSE(AnchorOf(Parse(Authority("root").SignSensor("s1").certificate),
                        authorities)
                   .ok());
}

}  // namespace
}  // namespace callbraid::pki
