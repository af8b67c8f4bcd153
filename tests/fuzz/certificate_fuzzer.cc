// What a stranger sends to become a sensor: a token, a request for a
// certificate, certificates. Each input is all three.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/pki/certificate.h"
#include "common/pki/enrolment_token.h"
#include "common/pki/request.h"

namespace {

namespace pki = callbraid::pki;

void ReadToken(const std::string& text) {
  const auto token = pki::ParseEnrolmentToken(text);
  if (!token.ok()) return;
  const auto again = pki::ParseEnrolmentToken(pki::ToText(*token));
  if (!again.ok() || again->sensor_id != token->sensor_id ||
      again->authority != token->authority || again->secret != token->secret) {
    std::abort();
  }
}

void ReadCertificates(const std::string& pem) {
  const auto chain = pki::ParseCertificates(pem);
  if (!chain.ok()) return;
  for (const auto& certificate : *chain) {
    (void)pki::ValidityOf(*certificate);
    if (pki::KeyHash(*certificate).size() != 32) std::abort();
  }
  (void)pki::AnchorOf(*chain, *chain);
  const auto again = pki::ParseCertificates(pki::ToPem(*chain));
  if (!again.ok() || again->size() != chain->size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ReadToken(text);
  (void)pki::CheckRequest(text, "s1");
  ReadCertificates(text);
  return 0;
}
