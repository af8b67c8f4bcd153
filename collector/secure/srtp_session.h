#ifndef CALLBRAID_COLLECTOR_SECURE_SRTP_SESSION_H_
#define CALLBRAID_COLLECTOR_SECURE_SRTP_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "collector/secure/crypto_attribute.h"

struct srtp_ctx_t_;

namespace callbraid::collector {

// SRTP of one SSRC under one a=crypto line (RFC 3711): libsrtp with a replay
// window of 1024. One thread; sessions are independent of each other.
class SrtpSession {
 public:
  enum class Outcome {
    kDecrypted,
    // A packet of this index came before.
    kRepeated,
    // The tag does not verify, or the packet is older than the window.
    kRefused,
  };

  // Packet index 2^16 * `roc` + sequence number: the rollover counter of the
  // first packet is not in any packet. Null if the library refuses.
  static std::unique_ptr<SrtpSession> Create(const CryptoAttribute& attribute,
                                             uint32_t ssrc);
  ~SrtpSession();
  SrtpSession(const SrtpSession&) = delete;
  SrtpSession& operator=(const SrtpSession&) = delete;

  // Sets the rollover counter for the next packet. Only before the first that
  // was decrypted.
  void SetRollover(uint32_t roc);
  // Of the highest index seen.
  uint32_t rollover() const;

  // Turns the SRTP packet into RTP in place; anything but kDecrypted leaves it
  // in any state.
  Outcome Unprotect(std::string& packet);

 private:
  SrtpSession(srtp_ctx_t_* context, uint32_t ssrc, bool has_mki)
      : context_(context), ssrc_(ssrc), has_mki_(has_mki) {}

  srtp_ctx_t_* const context_;
  const uint32_t ssrc_;
  const bool has_mki_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_SECURE_SRTP_SESSION_H_
