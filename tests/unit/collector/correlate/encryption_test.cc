// What a call says of streams that are SRTP (RFC 3711).
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::See;
using fakes::Spot;
using fakes::Stream;
using store::v1::SdpMedia;

const Spot kFirst;
constexpr char kSuite[] = "AES_CM_128_HMAC_SHA1_80";

// Of the first stream of a call whose SDP was changed by `change`, which is
// called with the initiator's line and the responder's. Empty without
// encryption; "key: " goes before what can be decrypted.
template <typename Change>
std::string Encryption(const Change& change) {
  Braid braid;
  StoredObservation seen = See(Dialog(), kFirst);
  auto& media = *seen.observation.mutable_dialog()->mutable_media();
  EXPECT_EQ(media.size(), 2);
  change(*media.Mutable(0), *media.Mutable(1));
  braid.Add(seen);
  const auto id = braid.Add(See(Stream(), kFirst));
  const v1::Call call = braid.CallOf(id);
  EXPECT_EQ(call.streams_size(), 1);
  const v1::Stream& found = call.streams(0);
  EXPECT_EQ(found.encrypted(), !found.encryption().empty());
  const bool lacks_key = found.encryption().rfind("no key", 0) == 0;
  EXPECT_EQ(HasFlag(call, v1::CALL_FLAG_ENCRYPTED), lacks_key);
  return (found.encrypted() && !lacks_key ? "key: " : "") + found.encryption();
}

void Secure(SdpMedia& media, const std::string& suite, bool best_effort) {
  media.set_encrypted(true);
  media.set_best_effort(best_effort);
  if (!suite.empty()) media.add_crypto_suites(suite);
}

TEST(StreamEncryption, NamesTheSuiteOfTheAnswer) {
  EXPECT_EQ(Encryption([](SdpMedia& offer, SdpMedia& answer) {
              Secure(offer, "AEAD_AES_256_GCM", false);
              offer.add_crypto_suites(kSuite);
              Secure(answer, kSuite, false);
            }),
            "key: SDES, AES_CM_128_HMAC_SHA1_80");
}

TEST(StreamEncryption, SaysWhyThereIsNoKey) {
  EXPECT_EQ(Encryption([](SdpMedia& offer, SdpMedia& answer) {
              for (SdpMedia* media : {&offer, &answer}) {
                Secure(*media, "", false);
                media->set_has_fingerprint(true);
              }
            }),
            "no key (DTLS-SRTP)");
  EXPECT_EQ(Encryption([](SdpMedia& offer, SdpMedia& answer) {
              Secure(offer, "F8_128_HMAC_SHA1_80", false);
              Secure(answer, "F8_128_HMAC_SHA1_80", false);
            }),
            "no key (SDES, F8_128_HMAC_SHA1_80 is not supported)");
  EXPECT_EQ(Encryption([](SdpMedia& offer, SdpMedia& answer) {
              offer.set_has_zrtp_hash(true);
              answer.set_has_zrtp_hash(true);
            }),
            "no key (ZRTP)");
}

// Of a stream without signalling on whose flow DTLS agreed on `agreed`: pairs
// of profile and whether there is a key.
std::string ByDtls(const std::vector<std::pair<uint32_t, bool>>& agreed) {
  Braid braid;
  StoredObservation seen = See(Stream(), kFirst);
  for (const auto& [profile, has_key] : agreed) {
    auto& one = *seen.observation.mutable_rtp()->add_dtls_srtp();
    one.set_profile(profile);
    one.set_has_key(has_key);
  }
  const v1::Call call = braid.CallOf(braid.Add(seen));
  EXPECT_EQ(call.streams_size(), 1);
  EXPECT_EQ(call.streams(0).encrypted(), !agreed.empty());
  return call.streams(0).encryption();
}

TEST(StreamEncryption, GoesByTheHandshakeOnTheFlow) {
  EXPECT_EQ(ByDtls({}), "");
  EXPECT_EQ(ByDtls({{0, false}}), "no key (DTLS-SRTP)");
  EXPECT_EQ(ByDtls({{1, false}}), "no key (DTLS-SRTP)");
  EXPECT_EQ(ByDtls({{11, false}}),
            "no key (DTLS-SRTP, profile 11 is not supported)");
  EXPECT_EQ(ByDtls({{1, false}, {7, true}}), "DTLS-SRTP, AEAD_AES_128_GCM");
  // Of DTLS 1.3.
  EXPECT_EQ(ByDtls({{1, true}, {7, true}}), "DTLS-SRTP");
}

TEST(StreamEncryption, TakesTheHandshakesKeyBeforeThatOfSdp) {
  for (const bool has_key : {true, false}) {
    Braid braid;
    StoredObservation dialog = See(Dialog(), kFirst);
    for (auto& media : *dialog.observation.mutable_dialog()->mutable_media()) {
      Secure(media, kSuite, false);
    }
    braid.Add(dialog);
    StoredObservation seen = See(Stream(), kFirst);
    auto& agreed = *seen.observation.mutable_rtp()->add_dtls_srtp();
    agreed.set_profile(2);
    agreed.set_has_key(has_key);
    const auto id = braid.Add(seen);
    EXPECT_EQ(braid.CallOf(id).streams(0).encryption(),
              has_key ? "DTLS-SRTP, AES_CM_128_HMAC_SHA1_32"
                      : "SDES, AES_CM_128_HMAC_SHA1_80");
  }
}

// RFC 8643: RTP/AVP with a=crypto is encrypted if the other side wants it, too.
TEST(StreamEncryption, BelievesAnOfferOnlyIfItWasTaken) {
  EXPECT_EQ(Encryption([](SdpMedia& offer, SdpMedia& /*answer*/) {
              Secure(offer, kSuite, true);
            }),
            "");
  EXPECT_EQ(Encryption([](SdpMedia& offer, SdpMedia& answer) {
              Secure(offer, kSuite, true);
              Secure(answer, kSuite, true);
            }),
            "key: SDES, AES_CM_128_HMAC_SHA1_80");
  EXPECT_EQ(Encryption([](SdpMedia& offer, SdpMedia& /*answer*/) {
              offer.set_has_zrtp_hash(true);
            }),
            "");
}

// Two lines of audio, of which the other side takes one (RFC 3264, section 6).
TEST(StreamEncryption, GoesByTheLineThatWasNotRefused) {
  for (const bool takes_secure : {true, false}) {
    Braid braid;
    StoredObservation seen = See(Dialog(), kFirst);
    auto& media = *seen.observation.mutable_dialog()->mutable_media();
    ASSERT_EQ(media.size(), 2);
    const SdpMedia offer = media[0];
    const SdpMedia answer = media[1];
    media.Clear();
    SdpMedia secure = offer;
    Secure(secure, kSuite, false);
    *media.Add() = secure;
    *media.Add() = offer;
    SdpMedia refused = answer;
    refused.mutable_rtp()->set_port(0);
    secure = answer;
    Secure(takes_secure ? secure : refused, kSuite, false);
    *media.Add() = takes_secure ? secure : refused;
    *media.Add() = takes_secure ? refused : answer;
    braid.Add(seen);
    const auto id = braid.Add(See(Stream(), kFirst));
    EXPECT_EQ(braid.CallOf(id).streams(0).encrypted(), takes_secure);
  }
}

// RTP/AVP that turns to RTP/SAVP in mid-call. `lines` are changed, those of the
// initiator and of the responder 8 s after the call's begin.
template <typename Change>
v1::Call Turning(const Change& change) {
  Braid braid;
  StoredObservation seen = See(Dialog(), kFirst);
  auto& media = *seen.observation.mutable_dialog()->mutable_media();
  EXPECT_EQ(media.size(), 2);
  SdpMedia offer = media[0];
  SdpMedia answer = media[1];
  offer.set_time_ns(kFirst.Shows(8000));
  answer.set_time_ns(kFirst.Shows(8100));
  change(offer, answer);
  *media.Add() = offer;
  *media.Add() = answer;
  braid.Add(seen);
  return braid.CallOf(braid.Add(See(Stream(), kFirst)));
}

bool SaysThatItTurned(const v1::Call& call, const std::string& how) {
  for (const std::string& finding : call.streams(0).findings()) {
    if (finding == "in clear for 6.0 s, then encrypted by " + how +
                       ": that is not decrypted") {
      return true;
    }
  }
  return false;
}

TEST(StreamEncryption, SaysSinceWhenItIs) {
  const v1::Call call = Turning([](SdpMedia& offer, SdpMedia& answer) {
    Secure(offer, kSuite, false);
    Secure(answer, kSuite, false);
  });
  // What is in clear can be heard.
  EXPECT_FALSE(call.streams(0).encrypted());
  EXPECT_EQ(call.streams(0).encryption(), "");
  EXPECT_TRUE(SaysThatItTurned(call, "SDP"));
  EXPECT_TRUE(HasFlag(call, v1::CALL_FLAG_ENCRYPTED));
}

TEST(StreamEncryption, TurnsOnlyByWhatBothSidesSayOfTheStream) {
  // The other side refused it.
  v1::Call call = Turning([](SdpMedia& offer, SdpMedia& /*answer*/) {
    Secure(offer, kSuite, false);
  });
  EXPECT_FALSE(SaysThatItTurned(call, "SDP"));
  EXPECT_FALSE(HasFlag(call, v1::CALL_FLAG_ENCRYPTED));
  // It goes on elsewhere, as another stream.
  call = Turning([](SdpMedia& offer, SdpMedia& answer) {
    Secure(offer, kSuite, false);
    Secure(answer, kSuite, false);
    offer.mutable_rtp()->set_port(6000);
    answer.mutable_rtp()->set_port(6000);
  });
  EXPECT_FALSE(SaysThatItTurned(call, "SDP"));
}

TEST(StreamEncryption, GoesByTheTimeWhenZrtpHadItsKeys) {
  for (const int64_t at_ms : {3000, 8100}) {
    Braid braid;
    StoredObservation seen = See(Stream(), kFirst);
    seen.observation.mutable_rtp()->set_zrtp_secure_ns(kFirst.Shows(at_ms));
    const v1::Call call = braid.CallOf(braid.Add(seen));
    EXPECT_TRUE(HasFlag(call, v1::CALL_FLAG_ENCRYPTED));
    // A beginning that nobody misses.
    const bool at_once = at_ms == 3000;
    EXPECT_EQ(call.streams(0).encryption(), at_once ? "no key (ZRTP)" : "");
    EXPECT_EQ(SaysThatItTurned(call, "ZRTP"), !at_once);
  }
}

// `usual` of 800 packets, less the others, whose like comes first.
std::string BySize(uint32_t first, uint32_t usual, uint32_t lead) {
  Braid braid;
  StoredObservation seen = See(Stream(), kFirst);
  auto& use = *seen.tally.mutable_payload_types(0);
  use.set_timestamp_step(160);
  use.set_timestamp_step_lead(700);
  use.set_payload_size(first);
  use.set_usual_size(usual);
  use.set_usual_size_lead(lead);
  *seen.observation.mutable_rtp()->mutable_payload_types() =
      seen.tally.payload_types();
  return braid.CallOf(braid.Add(seen)).streams(0).encryption();
}

TEST(StreamEncryption, GoesByTheSizeOfMostPackets) {
  constexpr char kBySize[] = "no key (SRTP by the size of its packets)";
  EXPECT_EQ(BySize(160, 160, 800), "");
  EXPECT_EQ(BySize(170, 170, 800), kBySize);
  // As was folded before there was the usual size.
  EXPECT_EQ(BySize(170, 0, 0), kBySize);
  // ZRTP: the first second is in clear.
  EXPECT_EQ(BySize(160, 170, 760), kBySize);
  // Too much of it is.
  EXPECT_EQ(BySize(160, 170, 300), "");
  EXPECT_EQ(BySize(170, 160, 600), "");
}

TEST(StreamEncryption, AnOfferAloneIsNoAgreement) {
  Braid braid;
  StoredObservation seen = See(Dialog(), kFirst);
  auto& media = *seen.observation.mutable_dialog()->mutable_media();
  Secure(media[0], kSuite, /*best_effort=*/true);
  media.RemoveLast();
  braid.Add(seen);
  const auto id = braid.Add(See(Stream(), kFirst));
  EXPECT_FALSE(braid.CallOf(id).streams(0).encrypted());
}

}  // namespace
}  // namespace callbraid::collector
