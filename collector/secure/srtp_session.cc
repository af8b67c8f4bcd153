#include "collector/secure/srtp_session.h"

#include <srtp2/crypto_types.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <vector>

namespace callbraid::collector {
namespace {

// Capture points deliver out of order by more than networks do.
constexpr unsigned long kReplayWindow = 1024;
constexpr size_t kMinHeaderBytes = 12;

// libsrtp has one state for the process, which is only read from then on.
bool LibraryIsReady() {
  static const bool ready = srtp_init() == srtp_err_status_ok;
  return ready;
}

void SetSuite(const SrtpSuite& suite, srtp_crypto_policy_t& policy) {
  const bool is_long = suite.key_bytes == 32;
  switch (suite.cipher) {
    case SrtpSuite::Cipher::kAesGcm:
      is_long ? srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy)
              : srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy);
      break;
    case SrtpSuite::Cipher::kAesCm:
      if (suite.key_bytes == 24) {
        srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&policy);
      } else if (is_long) {
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy);
      } else {
        srtp_crypto_policy_set_rtp_default(&policy);
      }
      break;
    case SrtpSuite::Cipher::kNull:
      srtp_crypto_policy_set_null_cipher_hmac_sha1_80(&policy);
      break;
  }
}

srtp_policy_t PolicyOf(const CryptoAttribute& attribute, uint32_t ssrc) {
  srtp_policy_t policy = {};
  // SRTCP has a tag of 80 bits also where SRTP's is shorter (RFC 4568, 6.2).
  SetSuite(*attribute.suite, policy.rtcp);
  policy.rtp = policy.rtcp;
  policy.rtp.auth_tag_len = static_cast<int>(attribute.suite->tag_bytes);
  if (attribute.unencrypted_srtp) policy.rtp.sec_serv = sec_serv_auth;
  if (attribute.unauthenticated_srtp) {
    policy.rtp.sec_serv =
        attribute.unencrypted_srtp ? sec_serv_none : sec_serv_conf;
    policy.rtp.auth_type = SRTP_NULL_AUTH;
    policy.rtp.auth_key_len = 0;
    policy.rtp.auth_tag_len = 0;
  }
  policy.ssrc = {ssrc_specific, ssrc};
  policy.window_size = kReplayWindow;
  return policy;
}

}  // namespace

std::unique_ptr<SrtpSession> SrtpSession::Create(
    const CryptoAttribute& attribute, uint32_t ssrc) {
  if (!LibraryIsReady()) return nullptr;
  // The library copies keys, but takes them by pointers to what may change.
  std::vector<MasterKey> keys = attribute.keys;
  std::vector<srtp_master_key_t> views(keys.size());
  std::vector<srtp_master_key_t*> pointers;
  const auto bytes = [](std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
  };
  for (size_t i = 0; i < keys.size(); ++i) {
    views[i] = {bytes(keys[i].key_and_salt), bytes(keys[i].mki),
                static_cast<unsigned>(keys[i].mki.size())};
    pointers.push_back(&views[i]);
  }
  const bool has_mki = !keys.front().mki.empty();
  srtp_policy_t policy = PolicyOf(attribute, ssrc);
  if (has_mki) {
    policy.keys = pointers.data();
    policy.num_master_keys = pointers.size();
  } else {
    policy.key = views.front().key;
  }
  srtp_t context = nullptr;
  if (srtp_create(&context, &policy) != srtp_err_status_ok) return nullptr;
  return std::unique_ptr<SrtpSession>(new SrtpSession(context, ssrc, has_mki));
}

SrtpSession::~SrtpSession() { srtp_dealloc(context_); }

void SrtpSession::SetRollover(uint32_t roc) {
  srtp_set_stream_roc(context_, ssrc_, roc);
}

uint32_t SrtpSession::rollover() const {
  uint32_t roc = 0;
  srtp_get_stream_roc(context_, ssrc_, &roc);
  return roc;
}

SrtpSession::Outcome SrtpSession::Unprotect(std::string& packet) {
  if (packet.size() < kMinHeaderBytes) return Outcome::kRefused;
  int size = static_cast<int>(packet.size());
  const srtp_err_status_t status =
      srtp_unprotect_mki(context_, packet.data(), &size, has_mki_ ? 1 : 0);
  switch (status) {
    case srtp_err_status_ok:
      packet.resize(static_cast<size_t>(size));
      return Outcome::kDecrypted;
    case srtp_err_status_replay_fail:
      return Outcome::kRepeated;
    default:
      return Outcome::kRefused;
  }
}

}  // namespace callbraid::collector
