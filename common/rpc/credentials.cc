#include "common/rpc/credentials.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace callbraid {
namespace {

namespace tls_api = grpc::experimental;

// How often certificate files are looked at for changes.
constexpr unsigned kRefreshSeconds = 2;
// One batch of frames with room to spare.
constexpr int kMaxMessageBytes = 16 << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

absl::StatusOr<File> OpenPem(const std::string& path, const char* what) {
  File file(std::fopen(path.c_str(), "r"));
  if (file != nullptr) return file;
  const std::string text = absl::StrCat("cannot read the ", what, " ", path,
                                        ": ", std::strerror(errno));
  return errno == EACCES ? absl::PermissionDeniedError(text)
                         : absl::NotFoundError(text);
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate ReadCertificate(std::FILE* file) {
  return {PEM_read_X509(file, nullptr, nullptr, nullptr), &X509_free};
}

// Reads the files once to fail early and in words: gRPC's watcher would retry
// for ever in silence.
absl::Status CheckFiles(const v1::TlsConfig& tls, bool needs_identity) {
  const std::pair<const std::string*, const char*> required[] = {
      {&tls.ca(), "--tls-ca (tls.ca: authorities of the other side)"},
      {&tls.cert(), "--tls-cert (tls.cert: our certificate)"},
      {&tls.key(), "--tls-key (tls.key: its private key)"}};
  for (const auto& [path, name] : required) {
    if (path->empty() && (needs_identity || path == &tls.ca())) {
      return absl::InvalidArgumentError(
          absl::StrCat("TLS needs ", name,
                       "; or give --insecure for plaintext without any check"));
    }
  }
  ASSIGN_OR_RETURN(const File ca, OpenPem(tls.ca(), "CA certificate"));
  if (ReadCertificate(ca.get()) == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(tls.ca(), " holds no certificate in PEM form"));
  }
  if (!needs_identity) return absl::OkStatus();
  ASSIGN_OR_RETURN(const File cert, OpenPem(tls.cert(), "certificate"));
  const Certificate certificate = ReadCertificate(cert.get());
  if (certificate == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(tls.cert(), " holds no certificate in PEM form"));
  }
  ASSIGN_OR_RETURN(const File key, OpenPem(tls.key(), "private key"));
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> private_key(
      // An empty password, or OpenSSL would ask for one.
      PEM_read_PrivateKey(key.get(), nullptr, nullptr, const_cast<char*>("")),
      &EVP_PKEY_free);
  if (private_key == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        tls.key(), " holds no private key in PEM form without a password"));
  }
  if (X509_check_private_key(certificate.get(), private_key.get()) != 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        "key ", tls.key(), " does not belong to certificate ", tls.cert()));
  }
  return absl::OkStatus();
}

absl::Status CheckMode(const v1::TlsConfig& tls, bool insecure,
                       bool needs_identity) {
  if (!insecure) return CheckFiles(tls, needs_identity);
  if (tls.ca().empty() && tls.cert().empty() && tls.key().empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "--insecure and TLS files exclude each other; drop one of them");
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string Format(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

std::shared_ptr<tls_api::FileWatcherCertificateProvider> Watch(
    const v1::TlsConfig& tls) {
  return std::make_shared<tls_api::FileWatcherCertificateProvider>(
      tls.key(), tls.cert(), tls.ca(), kRefreshSeconds);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const v1::TlsConfig& tls, bool insecure) {
  RETURN_IF_ERROR(CheckMode(tls, insecure, /*needs_identity=*/true));
  if (insecure) return grpc::InsecureServerCredentials();
  tls_api::TlsServerCredentialsOptions options(Watch(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls_api::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(
    const v1::TlsConfig& tls, bool insecure, bool has_token) {
  const bool has_identity = !tls.cert().empty() || !tls.key().empty();
  RETURN_IF_ERROR(CheckMode(tls, insecure, has_identity || !has_token));
  if (insecure) return grpc::InsecureChannelCredentials();
  tls_api::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watch(tls));
  options.watch_root_certs();
  if (has_identity) options.watch_identity_key_cert_pairs();
  return tls_api::TlsCredentials(options);
}

std::shared_ptr<grpc::Channel> Dial(
    const std::string& target, const v1::TlsConfig& tls,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  if (!tls.server_name().empty()) {
    arguments.SetSslTargetNameOverride(tls.server_name());
  }
  return grpc::CreateCustomChannel(target, credentials, arguments);
}

std::string ExplainFailure(const grpc::Status& status,
                           const std::string& target) {
  const std::string& text = status.error_message();
  const std::string lower = absl::AsciiStrToLower(text);
  const auto says = [&lower](const char* words) {
    return lower.find(words) != std::string::npos;
  };
  const std::string at = absl::StrCat("collector ", target, ": ");
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    if (says("certificate") || says("handshak") || says("peer did not") ||
        says("ssl") || says("hostname") || says("tls")) {
      return absl::StrCat(
          at, "the TLS handshake failed (", text,
          "); check that both sides use certificates of the same CA, that the "
          "collector's names this host (or set --tls-server-name), and that "
          "none of them expired");
    }
    if (says("refused")) {
      return absl::StrCat(at,
                          "connection refused; is the collector running "
                          "there, and is this the right port?");
    }
    if (says("dns") || says("resolution")) {
      return absl::StrCat(at,
                          "the name cannot be resolved; check it or use "
                          "an address");
    }
    if (says("timed out") || says("timeout") || says("unreachable")) {
      return absl::StrCat(at, "no answer; is a firewall in between?");
    }
    if (says("socket closed") || says("connection reset") ||
        says("broken pipe") || says("settings frame")) {
      return absl::StrCat(
          at, "the connection was closed (", text,
          "); if this goes on, one side uses TLS and the other does not");
    }
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return absl::StrCat(at,
                        "no answer in time; is a firewall in between, or "
                        "is the collector overloaded?");
  }
  return absl::StrCat(at, text.empty() ? "call failed" : text, " (status ",
                      status.error_code(), ")");
}

std::string CertificateFault(const v1::TlsConfig& tls, int64_t now_ns) {
  const auto file = OpenPem(tls.cert(), "certificate");
  if (!file.ok()) return "";
  const Certificate certificate = ReadCertificate(file->get());
  if (certificate == nullptr) return "";
  const absl::Time now = absl::FromUnixNanos(now_ns);
  const absl::Time from = ToTime(X509_get0_notBefore(certificate.get()));
  const absl::Time to = ToTime(X509_get0_notAfter(certificate.get()));
  if (now > to) {
    return absl::StrCat("our certificate ", tls.cert(), " expired at ",
                        Format(to),
                        "; renew it: the file is read again when it changes");
  }
  if (now < from) {
    return absl::StrCat("our certificate ", tls.cert(), " is valid from ",
                        Format(from),
                        " on only; is this machine's clock right?");
  }
  return "";
}

grpc::Status ToGrpc(const absl::Status& status) {
  // Both use the same numbers (google.rpc.Code).
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message()));
}

}  // namespace callbraid
