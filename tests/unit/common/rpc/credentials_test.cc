#include "common/rpc/credentials.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

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

}  // namespace
}  // namespace callbraid
