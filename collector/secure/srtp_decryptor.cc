#include "collector/secure/srtp_decryptor.h"

#include <algorithm>
#include <utility>

namespace callbraid::collector {
namespace {

using Outcome = SrtpSession::Outcome;

constexpr size_t kMaxCandidates = 16;
constexpr uint32_t kMaxRollover = 1023;
// Of the dear kind, for a whole stream.
constexpr int kMaxFarSearches = 48;
// Of packets under a number that came before.
constexpr int kMaxRepeatSearches = 256;
// Refused packets in a row that are all searched for; then one in so many.
constexpr uint64_t kEagerRun = 64;
constexpr uint64_t kLazyStep = 32;
// Without a tag the first packet must be so near to the SDP that the sequence
// number cannot have wrapped: 65,536 packets at 200 a second.
constexpr int64_t kFirstWrapNs = 300'000'000'000;
// SDP and its first RTP may overtake each other.
constexpr int64_t kSlackNs = 2'000'000'000;

std::vector<CandidateKey> FirstOf(std::vector<CandidateKey> keys) {
  if (keys.size() > kMaxCandidates) keys.resize(kMaxCandidates);
  return keys;
}

}  // namespace

size_t TrailerBytes(const CandidateKey& key) {
  const CryptoAttribute& attribute = key.attribute;
  return attribute.keys.front().mki.size() +
         (attribute.unauthenticated_srtp ? 0 : attribute.suite->tag_bytes);
}

SrtpDecryptor::SrtpDecryptor(uint32_t ssrc, std::vector<CandidateKey> keys)
    : ssrc_(ssrc), keys_(FirstOf(std::move(keys))), probes_(keys_.size()) {}

Outcome SrtpDecryptor::Decrypt(int64_t time_ns, std::string& packet) {
  if (tally_.packets++ == 0) first_time_ns_ = time_ns;
  Outcome outcome = Outcome::kRefused;
  FollowUnverifiable(time_ns);
  if (session_ != nullptr) {
    trial_ = packet;
    outcome = session_->Unprotect(trial_);
    if (outcome == Outcome::kDecrypted) packet.swap(trial_);
  }
  if (outcome == Outcome::kRefused && Search(packet)) {
    outcome = Outcome::kDecrypted;
  }
  // A number is looked at before the tag: another key may begin anew with it.
  if (outcome == Outcome::kRepeated && SearchOtherKeys(packet)) {
    outcome = Outcome::kDecrypted;
  }
  switch (outcome) {
    case Outcome::kDecrypted:
      ++(keys_[key_].attribute.unauthenticated_srtp ? tally_.unverified
                                                    : tally_.verified);
      last_roc_ = session_->rollover();
      refused_run_ = 0;
      break;
    case Outcome::kRepeated:
      ++tally_.repeated;
      break;
    case Outcome::kRefused:
      if (tally_.refused++ == 0) tally_.first_refused_ns = time_ns;
      tally_.last_refused_ns = time_ns;
      ++refused_run_;
      break;
  }
  return outcome;
}

bool SrtpDecryptor::Search(std::string& packet) {
  if (refused_run_ >= kEagerRun && refused_run_ % kLazyStep != 0) return false;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (TryKey(i, /*far=*/false, packet)) return true;
  }
  // At once, and then ever more rarely: 1, 2, 4, 8... refused before.
  if (far_searches_ >= kMaxFarSearches ||
      (refused_run_ & (refused_run_ - 1)) != 0) {
    return false;
  }
  ++far_searches_;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (TryKey(i, /*far=*/true, packet)) return true;
  }
  return false;
}

bool SrtpDecryptor::SearchOtherKeys(std::string& packet) {
  if (repeat_searches_ >= kMaxRepeatSearches) return false;
  ++repeat_searches_;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (static_cast<int>(i) != key_ && TryKey(i, /*far=*/false, packet)) {
      return true;
    }
  }
  return false;
}

// In a session of its own, for the replay window of the old one belongs to its
// ROC.
bool SrtpDecryptor::TryKey(size_t index, bool far, std::string& packet) {
  if (keys_[index].attribute.unauthenticated_srtp) return false;
  std::unique_ptr<SrtpSession>& probe = probes_[index];
  if (probe == nullptr) {
    probe = SrtpSession::Create(keys_[index].attribute, ssrc_);
  }
  if (probe == nullptr) return false;
  bool fits = false;
  if (far) {
    for (uint32_t roc = 1; roc <= kMaxRollover && !fits; ++roc) {
      fits = TryAt(*probe, roc, packet);
    }
  } else {
    // A gap may hide a wrap. New keys leave the ROC alone (RFC 3711, section
    // 3.3.1), though not with every sender.
    const uint32_t roc = last_roc_.value_or(0);
    for (const uint32_t nearby :
         {roc, roc + 1, roc + 2, roc > 0 ? roc - 1 : 0, uint32_t{0}}) {
      fits = TryAt(*probe, nearby, packet);
      if (fits) break;
    }
  }
  if (fits) Adopt(index, std::move(probe));
  return fits;
}

bool SrtpDecryptor::TryAt(SrtpSession& session, uint32_t roc,
                          std::string& packet) {
  session.SetRollover(roc);
  trial_ = packet;
  if (session.Unprotect(trial_) != Outcome::kDecrypted) return false;
  packet.swap(trial_);
  return true;
}

bool SrtpDecryptor::MayOpen(const CandidateKey& key) const {
  return key.is_certain && key.attribute.unauthenticated_srtp;
}

// What has no tag is opened with the newest key that the two sides agreed on.
void SrtpDecryptor::FollowUnverifiable(int64_t time_ns) {
  if (session_ != nullptr && !MayOpen(keys_[key_])) return;
  int newest = key_;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (!MayOpen(keys_[i]) || keys_[i].from_ns > time_ns + kSlackNs) continue;
    if (newest < 0 || keys_[i].from_ns > keys_[newest].from_ns) {
      newest = static_cast<int>(i);
    }
  }
  if (newest == key_) return;
  if (session_ == nullptr &&
      first_time_ns_ - keys_[newest].from_ns > kFirstWrapNs) {
    return;
  }
  auto session = SrtpSession::Create(keys_[newest].attribute, ssrc_);
  if (session == nullptr) return;
  if (last_roc_.value_or(0) > 0) session->SetRollover(*last_roc_);
  Adopt(newest, std::move(session));
}

void SrtpDecryptor::Adopt(size_t index, std::unique_ptr<SrtpSession> session) {
  if (key_ >= 0 && key_ != static_cast<int>(index)) ++tally_.key_changes;
  key_ = static_cast<int>(index);
  session_ = std::move(session);
}

}  // namespace callbraid::collector
