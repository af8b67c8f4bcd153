#include "common/pki/issuer.h"

#include <cstdint>
#include <fstream>
#include <string>

#include "common/base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/authority.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::pki {
namespace {

using fakes::Authority;
using testing::HasSubstr;

class IssuerTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& contents) {
    const std::string path = dir_.path() + "/" + name;
    std::ofstream(path) << contents;
    return path;
  }
  absl::StatusOr<Issuer> Load(const fakes::PemPair& pair) {
    return Issuer::Load(Write("ca.pem", pair.certificate),
                        Write("ca.key", pair.key));
  }
  IssuedCertificate Issue(const Issuer& issuer, int64_t valid_s) {
    auto issued = issuer.Issue(*key_, "s1", now_s_, valid_s);
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued.ok() ? *issued : IssuedCertificate();
  }

  fakes::TempDir dir_;
  const Authority authority_;
  const int64_t now_s_ = SystemClock().WallNs() / 1'000'000'000;
  const KeyPtr key_ = Authority::KeyOf(*NewKey());
};

TEST_F(IssuerTest, MakesACertificateOfTheSensorAndNothingElse) {
  const auto issuer = Load(authority_.pem());
  ASSERT_TRUE(issuer.ok()) << issuer.status();
  const IssuedCertificate issued = Issue(*issuer, 3600);
  const auto chain = ParseCertificates(issued.pem);
  ASSERT_TRUE(chain.ok());
  ASSERT_EQ(chain->size(), 1u);
  X509& made = *chain->front();
  const auto authorities = ParseCertificates(authority_.pem().certificate);
  EXPECT_TRUE(AnchorOf(*chain, *authorities).ok());
  EXPECT_EQ(X509_check_ca(&made), 0);
  EXPECT_EQ(X509_get_extended_key_usage(&made), uint32_t{XKU_SSL_CLIENT});
  EXPECT_EQ(X509_get_key_usage(&made), uint32_t{KU_DIGITAL_SIGNATURE});
  EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(&made), key_.get()), 1);
  const Validity validity = ValidityOf(made);
  EXPECT_EQ(validity.from_s, now_s_ - 60);
  EXPECT_EQ(validity.to_s, now_s_ + 3600);
  EXPECT_EQ(issued.validity.to_s, validity.to_s);
  const BioPtr writer = Writer();
  X509_print(writer.get(), &made);
  EXPECT_THAT(Written(writer.get()),
              HasSubstr("URI:spiffe://callbraid/sensor/s1"));
}

TEST_F(IssuerTest, SerialNumbersDiffer) {
  const auto issuer = Load(authority_.pem());
  const auto a = ParseCertificates(Issue(*issuer, 60).pem);
  const auto b = ParseCertificates(Issue(*issuer, 60).pem);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(a->front().get()),
                             X509_get0_serialNumber(b->front().get())),
            0);
}

TEST_F(IssuerTest, NothingOutlivesTheAuthority) {
  const auto issuer = Load(authority_.pem());
  EXPECT_EQ(Issue(*issuer, int64_t{1} << 32).validity.to_s,
            ValidityOf(issuer->certificate()).to_s);
  EXPECT_EQ(
      issuer->Issue(*key_, "s1", ValidityOf(issuer->certificate()).to_s, 60)
          .status()
          .code(),
      absl::StatusCode::kFailedPrecondition);
}

TEST_F(IssuerTest, AnAuthorityBelowARootGoesWithTheCertificate) {
  const fakes::PemPair below = authority_.SignAuthority("below");
  const auto issuer = Load(below);
  ASSERT_TRUE(issuer.ok()) << issuer.status();
  const auto chain = ParseCertificates(Issue(*issuer, 3600).pem);
  ASSERT_EQ(chain->size(), 2u);
  EXPECT_TRUE(
      AnchorOf(*chain, *ParseCertificates(authority_.pem().certificate)).ok());
}

TEST_F(IssuerTest, RefusesToBeginWithWhatIsNoAuthority) {
  const fakes::PemPair sensor = authority_.SignSensor("s1");
  EXPECT_THAT(Load(sensor).status().message(),
              HasSubstr("is not the certificate of an authority"));
  EXPECT_THAT(
      Load({authority_.pem().certificate, sensor.key}).status().message(),
      HasSubstr("does not belong to certificate"));
  EXPECT_THAT(Load({authority_.pem().certificate, "x"}).status().message(),
              HasSubstr("holds no private key"));
  EXPECT_EQ(Issuer::Load("/nowhere.pem", "/nowhere.key").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace callbraid::pki
