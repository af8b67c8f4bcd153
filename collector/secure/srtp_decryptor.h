#ifndef CALLBRAID_COLLECTOR_SECURE_SRTP_DECRYPTOR_H_
#define CALLBRAID_COLLECTOR_SECURE_SRTP_DECRYPTOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/secure/crypto_attribute.h"
#include "collector/secure/srtp_session.h"

namespace callbraid::collector {

// A key that a stream may be encrypted with.
struct CandidateKey {
  CryptoAttribute attribute;
  // When SDP said it, on the call's clock.
  int64_t from_ns = 0;
  // It is this stream's sender's, and the other side chose it. Only then does
  // it open what has no tag, for nothing else would tell.
  bool is_certain = false;
  bool operator==(const CandidateKey&) const = default;
};

// By how many bytes SRTP under this key is longer than the RTP in it.
size_t TrailerBytes(const CandidateKey& key);

// What became of the packets of a stream.
struct DecryptionTally {
  uint64_t packets = 0;
  // Their tag was verified.
  uint64_t verified = 0;
  // Decrypted without a tag (UNAUTHENTICATED_SRTP).
  uint64_t unverified = 0;
  // Of an index that came before, and of no other key: a replay, or a source
  // that began anew under its key, as it must not.
  uint64_t repeated = 0;
  // No key fits; left as they are.
  uint64_t refused = 0;
  // Arrival of the first and last of these, on the call's clock.
  int64_t first_refused_ns = 0;
  int64_t last_refused_ns = 0;
  // How often the key that fits became another.
  uint32_t key_changes = 0;
};

// Decrypts SRTP of one SSRC (RFC 3711), of which it is not known with which of
// some keys, nor at which rollover counter (ROC): the capture may have begun in
// mid-stream, the keys may change, hours may be missing.
//
// The tag of a packet proves key and ROC, so both are found by trial: first
// what fitted last, then each key at nearby ROCs and at 0, then at ROCs up to
// 1023 (two weeks at 50 packets a second). Trials are bounded: the dear search
// costs 6 ms a key and is made at most 48 times for a stream; of many refused
// packets in a row only some are tried at all. A wrong trial passes a tag of 32
// bits once in 4e9.
//
// A source that begins anew under its key and lower numbers is followed; so is,
// then, a replay of packets older than the window.
//
// Holds secrets. One thread.
class SrtpDecryptor {
 public:
  // The likeliest of `keys` first; those behind the sixteenth are not tried.
  SrtpDecryptor(uint32_t ssrc, std::vector<CandidateKey> keys);

  // Turns the SRTP packet into RTP, if that is what it is. `time_ns`: its
  // arrival on the call's clock. Packets should come about in that order.
  SrtpSession::Outcome Decrypt(int64_t time_ns, std::string& packet);

  const DecryptionTally& tally() const { return tally_; }
  // Index among `keys` of the one that fitted last; -1 without one.
  int key() const { return key_; }
  // Valid if key() is.
  uint32_t rollover() const { return session_->rollover(); }

 private:
  bool MayOpen(const CandidateKey& key) const;
  bool Search(std::string& packet);
  bool SearchOtherKeys(std::string& packet);
  bool TryKey(size_t index, bool far, std::string& packet);
  bool TryAt(SrtpSession& session, uint32_t roc, std::string& packet);
  void FollowUnverifiable(int64_t time_ns);
  void Adopt(size_t index, std::unique_ptr<SrtpSession> session);

  const uint32_t ssrc_;
  const std::vector<CandidateKey> keys_;
  DecryptionTally tally_;
  std::unique_ptr<SrtpSession> session_;
  int key_ = -1;
  // By key, made when first tried: that costs a millisecond. They have
  // decrypted nothing yet, so any ROC can be set.
  std::vector<std::unique_ptr<SrtpSession>> probes_;
  // ROC where the stream was last known to be, whatever the key.
  std::optional<uint32_t> last_roc_;
  int64_t first_time_ns_ = 0;
  // Since the last packet that a key fitted.
  uint64_t refused_run_ = 0;
  int far_searches_ = 0;
  int repeat_searches_ = 0;
  std::string trial_;  // Kept to reuse its memory.
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_SECURE_SRTP_DECRYPTOR_H_
