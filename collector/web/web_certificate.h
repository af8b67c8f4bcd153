#ifndef CALLBRAID_COLLECTOR_WEB_WEB_CERTIFICATE_H_
#define CALLBRAID_COLLECTOR_WEB_WEB_CERTIFICATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "gnutls/abstract.h"
#include "gnutls/gnutls.h"

namespace callbraid::collector {

// What the web server shows browsers: a certificate with its chain and key,
// read again when the files change. While they cannot be read, or do not belong
// together, the last ones that did are shown. Thread-safe.
class WebCertificate {
 public:
  // INVALID_ARGUMENT, NOT_FOUND: what is wrong with which file, in words.
  static absl::StatusOr<std::unique_ptr<WebCertificate>> Load(
      std::string cert_file, std::string key_file, const Clock& clock);
  ~WebCertificate();

  // What GnuTLS is to call for connections to `port`. One certificate a port;
  // this must outlive them.
  gnutls_certificate_retrieve_function2* ServeOn(int port);

 private:
  struct Pair;

  WebCertificate(std::string cert_file, std::string key_file,
                 const Clock& clock);
  // The pair as the files have it; null, and why.
  absl::StatusOr<std::unique_ptr<Pair>> Read() const;
  // What to show now. Handshakes use it after this returns.
  Pair* Current() ABSL_LOCKS_EXCLUDED(mutex_);
  std::string Stamp() const;

  static int Retrieve(gnutls_session_t session, const gnutls_datum_t* names,
                      int name_count, const gnutls_pk_algorithm_t* algorithms,
                      int algorithm_count, gnutls_pcert_st** chain,
                      unsigned* chain_length, gnutls_privkey_t* key);

  const std::string cert_file_;
  const std::string key_file_;
  const Clock& clock_;
  Mutex mutex_;
  int64_t looked_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string stamp_ ABSL_GUARDED_BY(mutex_);
  // The last is shown; those before may be in use by handshakes, and are few: a
  // certificate is renewed some times a year.
  std::vector<std::unique_ptr<Pair>> pairs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_WEB_CERTIFICATE_H_
