#include "collector/web/web_certificate.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr unsigned kMaxChain = 8;
constexpr int64_t kLookNs = 1'000'000'000;

// GnuTLS's callback has no argument of ours. It has a socket, and so a port.
struct Ports {
  Mutex mutex;
  std::map<int, WebCertificate*> certificates ABSL_GUARDED_BY(mutex);
};
Ports& AllPorts() {
  static Ports& ports = *new Ports;
  return ports;
}

int LocalPort(gnutls_session_t session) {
  sockaddr_storage local = {};
  socklen_t size = sizeof(local);
  if (getsockname(gnutls_transport_get_int(session),
                  reinterpret_cast<sockaddr*>(&local), &size) != 0) {
    return -1;
  }
  // The port is in the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&local)->sin_port);
}

absl::StatusOr<std::string> Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(
        absl::StrCat(path,
                     " cannot be read; see web.cert, web.key, tls.cert "
                     "and tls.key"));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

gnutls_datum_t Datum(const std::string& text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

}  // namespace

struct WebCertificate::Pair {
  gnutls_pcert_st chain[kMaxChain] = {};
  unsigned length = 0;
  gnutls_privkey_t key = nullptr;

  ~Pair() {
    for (unsigned i = 0; i < length; ++i) gnutls_pcert_deinit(&chain[i]);
    if (key != nullptr) gnutls_privkey_deinit(key);
  }
};

WebCertificate::WebCertificate(std::string cert_file, std::string key_file,
                               const Clock& clock)
    : cert_file_(std::move(cert_file)),
      key_file_(std::move(key_file)),
      clock_(clock) {}

WebCertificate::~WebCertificate() {
  MutexLock lock(AllPorts().mutex);
  std::erase_if(AllPorts().certificates,
                [this](const auto& port) { return port.second == this; });
}

absl::StatusOr<std::unique_ptr<WebCertificate>> WebCertificate::Load(
    std::string cert_file, std::string key_file, const Clock& clock) {
  std::unique_ptr<WebCertificate> certificate(
      new WebCertificate(std::move(cert_file), std::move(key_file), clock));
  MutexLock lock(certificate->mutex_);
  certificate->stamp_ = certificate->Stamp();
  ASSIGN_OR_RETURN(auto pair, certificate->Read());
  certificate->pairs_.push_back(std::move(pair));
  return certificate;
}

gnutls_certificate_retrieve_function2* WebCertificate::ServeOn(int port) {
  MutexLock lock(AllPorts().mutex);
  AllPorts().certificates[port] = this;
  return &Retrieve;
}

absl::StatusOr<std::unique_ptr<WebCertificate::Pair>> WebCertificate::Read()
    const {
  ASSIGN_OR_RETURN(const std::string cert, Contents(cert_file_));
  ASSIGN_OR_RETURN(const std::string key, Contents(key_file_));
  auto pair = std::make_unique<Pair>();
  unsigned length = kMaxChain;
  const gnutls_datum_t cert_pem = Datum(cert);
  if (gnutls_pcert_list_import_x509_raw(pair->chain, &length, &cert_pem,
                                        GNUTLS_X509_FMT_PEM, 0) < 0 ||
      length == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(cert_file_, " is no certificate in PEM form"));
  }
  pair->length = length;
  const gnutls_datum_t key_pem = Datum(key);
  if (gnutls_privkey_init(&pair->key) < 0 ||
      gnutls_privkey_import_x509_raw(pair->key, &key_pem, GNUTLS_X509_FMT_PEM,
                                     nullptr, 0) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(key_file_, " is no private key in PEM form"));
  }
  gnutls_certificate_credentials_t credentials = nullptr;
  gnutls_certificate_allocate_credentials(&credentials);
  const int belong = gnutls_certificate_set_x509_key_mem(
      credentials, &cert_pem, &key_pem, GNUTLS_X509_FMT_PEM);
  gnutls_certificate_free_credentials(credentials);
  if (belong < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        cert_file_, " and ", key_file_, " do not belong together (",
        gnutls_strerror(belong), ")"));
  }
  return pair;
}

std::string WebCertificate::Stamp() const {
  std::string stamp;
  for (const std::string& file : {cert_file_, key_file_}) {
    struct stat status = {};
    if (stat(file.c_str(), &status) != 0) continue;
    absl::StrAppend(&stamp, status.st_ino, " ", status.st_size, " ",
                    status.st_mtim.tv_sec, ".", status.st_mtim.tv_nsec, " ");
  }
  return stamp;
}

WebCertificate::Pair* WebCertificate::Current() {
  MutexLock lock(mutex_);
  const int64_t now_ns = clock_.MonotonicNs();
  if (now_ns - looked_ns_ < kLookNs) return pairs_.back().get();
  looked_ns_ = now_ns;
  if (std::string stamp = Stamp(); stamp != stamp_) {
    stamp_ = std::move(stamp);
    if (auto pair = Read(); pair.ok()) {
      pairs_.push_back(*std::move(pair));
      spdlog::info("web: certificate read again from {}", cert_file_);
    } else {
      spdlog::warn("web: {}; the one before is shown",
                   std::string(pair.status().message()));
    }
  }
  return pairs_.back().get();
}

int WebCertificate::Retrieve(gnutls_session_t session, const gnutls_datum_t*,
                             int, const gnutls_pk_algorithm_t*, int,
                             gnutls_pcert_st** chain, unsigned* chain_length,
                             gnutls_privkey_t* key) {
  MutexLock lock(AllPorts().mutex);
  const auto found = AllPorts().certificates.find(LocalPort(session));
  if (found == AllPorts().certificates.end()) return -1;
  Pair* const pair = found->second->Current();
  *chain = pair->chain;
  *chain_length = pair->length;
  *key = pair->key;
  return 0;
}

}  // namespace callbraid::collector
