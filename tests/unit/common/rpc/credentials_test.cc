#include "common/rpc/credentials.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid {
namespace {

using ::testing::HasSubstr;

TEST(ServerCredentials, NeedsFilesUnlessInsecure) {
  EXPECT_TRUE(ServerCredentials({}, /*insecure=*/true).ok());
  const auto missing = ServerCredentials({}, false);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("--tls-ca"));
}

TEST(ServerCredentials, NamesTheFileThatIsMissing) {
  v1::TlsConfig tls;
  tls.set_ca("/nonexistent/ca.pem");
  tls.set_cert("c");
  tls.set_key("k");
  const auto status = ServerCredentials(tls, false).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nonexistent/ca.pem"));
}

TEST(ClientCredentials, RefuseInsecureTogetherWithFiles) {
  v1::TlsConfig tls;
  tls.set_ca("ca.pem");
  EXPECT_THAT(std::string(ClientCredentials(tls, true).status().message()),
              HasSubstr("exclude each other"));
}

TEST(ClientCredentials, NeedNoCertificateBesideAToken) {
  v1::TlsConfig tls;
  tls.set_ca("/nonexistent/ca.pem");
  EXPECT_EQ(ClientCredentials(tls, false).status().code(),
            absl::StatusCode::kInvalidArgument);
  // It gets as far as the CA.
  EXPECT_EQ(ClientCredentials(tls, false, /*has_token=*/true).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(ExplainFailure, SaysWhatToDo) {
  const auto explain = [](grpc::StatusCode code, const char* text) {
    return ExplainFailure(grpc::Status(code, text), "h:1");
  };
  EXPECT_THAT(explain(grpc::UNAVAILABLE, "Connection refused"),
              HasSubstr("is the collector running"));
  EXPECT_THAT(explain(grpc::UNAVAILABLE, "Ssl handshake failed"),
              HasSubstr("same CA"));
  EXPECT_THAT(explain(grpc::UNAVAILABLE, "DNS resolution failed"),
              HasSubstr("cannot be resolved"));
  EXPECT_THAT(explain(grpc::DEADLINE_EXCEEDED, ""), HasSubstr("firewall"));
}

// Valid from 2026-11-26 19:19:49 to 2026-12-26 19:19:49 UTC.
constexpr char kCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbzCCARWgAwIBAgIUFe63AQlxVWf20FpGXdAXv/0mkGEwCgYIKoZIzj0EAwIw\n"
    "DTELMAkGA1UEAwwCczEwHhcNMjYxMTI2MTkxOTQ5WhcNMjYxMjI2MTkxOTQ5WjAN\n"
    "MQswCQYDVQQDDAJzMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABB2SN8uegda8\n"
    "IsnhME6txgitBoQcAFxLSuZJJ90qxCa3oMcl8jwcO5g6kiAPDonrqrGCUrFDcQoZ\n"
    "KXMn/qdHVRijUzBRMB0GA1UdDgQWBBTmLfrmxDrxTgZFGE2XKTA9J6BHozAfBgNV\n"
    "HSMEGDAWgBTmLfrmxDrxTgZFGE2XKTA9J6BHozAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0gAMEUCIF4CKrzCXg0fO751v2dlEGi3gw0S7xG8NDwgT+wVDx6F\n"
    "AiEAwHujGYRiZ/UMG1aQ5uHCmSoSDdb3adDbCtGUpfUQ5oI=\n"
    "-----END CERTIFICATE-----\n";
constexpr int64_t kFromNs = 1795720789'000'000'000;
constexpr int64_t kToNs = 1798312789'000'000'000;

TEST(CertificateFault, SaysWhenOurCertificateIsNotValid) {
  const fakes::TempDir dir;
  v1::TlsConfig tls;
  tls.set_cert(dir.path() + "/s1.pem");
  EXPECT_EQ(CertificateFault(tls, kToNs + 1), "");  // There is none.
  std::ofstream(tls.cert()) << kCertificate;
  EXPECT_EQ(CertificateFault(tls, kFromNs), "");
  EXPECT_EQ(CertificateFault(tls, kToNs), "");
  EXPECT_THAT(CertificateFault(tls, kToNs + 1),
              HasSubstr("s1.pem expired at 2026-12-26 19:19:49 UTC"));
  EXPECT_THAT(CertificateFault(tls, kFromNs - 1), HasSubstr("clock"));
}

}  // namespace
}  // namespace callbraid
