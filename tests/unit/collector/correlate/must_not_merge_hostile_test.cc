#include <string>
#include <vector>

#include "tests/unit/collector/correlate/apart.h"

// Signalling that tries to get into a stranger's call.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kMs;
using fakes::Link;
using fakes::Spot;
using fakes::Stream;
using scenes::B2buaCall;
using scenes::Between;
using scenes::LegOf;
using scenes::Naming;
using scenes::Numbered;
using scenes::ProxyCall;
using scenes::Wire;
using store::v1::LINK_KIND_REFER_REPLACES;
using store::v1::LINK_KIND_REFER_TO;
using store::v1::LINK_KIND_REPLACES;

const Spot kElsewhere = {"s2", "eth0", "hq"};
const Spot kBranch = {"s2", "eth0", "branch"};

class MustNotMerge : public scenes::ApartTest {
 protected:
  // 10.0.1.2 and 10.0.2.2 talk through the proxy; dialog 0 is the near hop.
  const Wire victim_ = ProxyCall({.number = 1});

  // Another host uses the victim's Call-ID and tag while the call is there.
  Dialog Forged(const std::string& from, const std::string& to,
                int64_t start_ms = 900) const {
    Dialog forged = victim_.dialogs[0];
    forged.to_tag = "another";
    forged.initiator = from + ":5060";
    forged.responder = to + ":5060";
    forged.invite_ms = start_ms;
    forged.ring_ms = start_ms + 40;
    forged.offer = forged.answer = "";
    return forged;
  }
};

TEST_F(MustNotMerge, AForgedCallIdFromAnotherHost) {
  ExpectApart(Add(victim_), Add(Forged("10.0.6.6", "10.0.0.9")));
}

TEST_F(MustNotMerge, AForgedCallIdBetweenOtherHosts) {
  ExpectApart(Add(victim_), Add(Forged("10.0.6.6", "10.0.6.7")));
  ExpectApart(Add(victim_), Add(Forged("10.0.6.6", "10.0.6.7"), kElsewhere));
}

TEST_F(MustNotMerge, AForgedCallIdAtAnotherSite) {
  ExpectApart(Add(victim_), Add(Forged("10.0.1.2", "10.0.0.9"), kBranch));
}

TEST_F(MustNotMerge, AForgedCallIdSentToThePhoneThatMadeIt) {
  ExpectApart(Add(victim_), Add(Forged("10.0.6.6", "10.0.1.2", 1200)));
}

TEST_F(MustNotMerge, AForgedCallIdThatNobodyAnswers) {
  Dialog forged = Forged("10.0.6.6", "10.0.0.9");
  forged.answer_ms = -1;
  forged.end_ms = -1;
  ExpectApart(Add(victim_), Add(forged));
}

// An attacker calls the PBX and has its SDP name the phone of the victim.
Dialog Pointing(const std::string& endpoint, int64_t start_ms) {
  Dialog dialog =
      Between(LegOf("pointing", "10.0.6.6", "10.0.0.9", start_ms), "66", "67");
  dialog.answer_ms = start_ms + 100;
  dialog.offer = endpoint;
  dialog.answer = "10.0.0.9:33000";
  return dialog;
}

TEST_F(MustNotMerge, SdpThatNamesSomebodyElsesPhone) {
  const auto call = Add(victim_);
  const std::string phone = victim_.dialogs[0].offer;
  for (const int64_t start_ms : {100, 1450, 2500}) {
    const auto pointing = Add(Pointing(phone, start_ms));
    ExpectApart(call, pointing);
    EXPECT_EQ(braid_.CallOf(call).streams_size(), 2);
  }
}

TEST_F(MustNotMerge, SdpThatNamesSomebodyElsesPhoneLongBeforeItsMediaGoOn) {
  // The victim's media pause; meanwhile the attacker names the phone.
  Wire wire = victim_;
  for (Stream& stream : wire.streams) stream.start_ms += 12'000;
  const auto call = Add(wire);
  ExpectApart(call, Add(Pointing(wire.dialogs[0].offer, 9000)));
  EXPECT_EQ(braid_.CallOf(call).streams_size(), 2);
}

TEST_F(MustNotMerge, SdpThatNamesAPhoneWhoseSignallingAnotherSensorSaw) {
  Wire signalling = victim_;
  signalling.streams.clear();
  Wire media = victim_;
  media.dialogs.clear();
  const auto call = Add(signalling, kElsewhere);
  ExpectApart(call, Add(Pointing(victim_.dialogs[0].offer, 1000)));
  const auto stream = Add(media);
  ExpectTogether(call, stream);
}

TEST_F(MustNotMerge, SdpThatNamesBothEndsOfSomebodyElsesStream) {
  // In one body: it still comes from one side.
  const auto call = Add(victim_);
  Dialog both = Pointing(victim_.dialogs[0].offer, 1000);
  StoredObservation seen = See(both, Spot());
  auto& media = *seen.observation.mutable_dialog()->add_media();
  media = seen.observation.dialog().media(0);
  *media.mutable_rtp() = ToProto(fakes::At(victim_.dialogs[0].answer));
  ExpectApart(call, braid_.Add(seen));
}

// Somebody in a call of his own.
Dialog Intruder() {
  return Between(LegOf("intruder", "10.0.6.6", "10.0.0.9", 4000), "66", "67");
}

TEST_F(MustNotMerge, ReplacesOfADialogWhoseTagsAreGuessed) {
  const auto call = Add(victim_);
  Dialog intruder = Intruder();
  Link link = Naming(LINK_KIND_REPLACES, victim_.dialogs[0]);
  link.to_tag = "guessed";
  intruder.links = {link};
  ExpectApart(call, Add(intruder));
}

TEST_F(MustNotMerge, ReplacesOfADialogThatNobodyKnows) {
  const auto call = Add(victim_);
  Dialog intruder = Intruder();
  intruder.links = {{.kind = LINK_KIND_REPLACES,
                     .value = "unknown",
                     .to_tag = victim_.dialogs[0].to_tag,
                     .from_tag = victim_.dialogs[0].from_tag}};
  ExpectApart(call, Add(intruder));
}

TEST_F(MustNotMerge, ReplacesThatWasRefused) {
  const auto call = Add(victim_);
  Dialog intruder = Intruder();
  intruder.links = {Naming(LINK_KIND_REPLACES, victim_.dialogs[0])};
  intruder.answer_ms = -1;
  intruder.end_ms = 4200;
  intruder.end_reason = v1::END_REASON_REFUSED;
  intruder.final_status = 481;
  ExpectApart(call, Add(intruder));
}

TEST_F(MustNotMerge, ReplacesBetweenTwoWhoHaveNoPartInTheCall) {
  const auto call = Add(victim_);
  Dialog intruder = Intruder();
  intruder.responder = "10.0.6.7:5060";
  intruder.links = {Naming(LINK_KIND_REPLACES, victim_.dialogs[0])};
  ExpectApart(call, Add(intruder));
}

TEST_F(MustNotMerge, ReferThatNamesADialogAndIsNotAccepted) {
  const auto call = Add(victim_);
  for (const uint32_t status : {0u, 403u, 481u}) {
    Dialog intruder = Intruder();
    intruder.call_id += std::to_string(status);
    Link link = Naming(LINK_KIND_REFER_REPLACES, victim_.dialogs[0]);
    link.at_ms = 5000;
    link.status = status;
    intruder.links = {link};
    ExpectApart(call, Add(intruder));
  }
}

// 66 asks the PBX to call 103 at 5 s.
Dialog Referring(uint32_t status = 202) {
  Dialog dialog = Intruder();
  dialog.links = {{.kind = LINK_KIND_REFER_TO,
                   .value = "sip:103@10.0.0.9",
                   .at_ms = 5000,
                   .status = status}};
  return dialog;
}
// The PBX calls 103 for 101.
Wire CallTo103(int64_t start_ms) {
  Wire wire = B2buaCall({.number = 7, .start_ms = start_ms});
  for (Dialog& dialog : wire.dialogs) {
    dialog.from = "sip:101@10.0.0.9";
    dialog.to = "sip:103@10.0.0.9";
  }
  return wire;
}

TEST_F(MustNotMerge, ReferWithoutACallThatFollows) {
  const auto refer = Add(Referring());
  ExpectApart(refer, Add(CallTo103(30'000)));
  EXPECT_EQ(CallIdsOf(refer), 1);
}

TEST_F(MustNotMerge, ReferThatWasRefused) {
  ExpectApart(Add(Referring(603)), Add(CallTo103(5500)));
}

TEST_F(MustNotMerge, ReferToWhomAnotherHostCallsJustThen) {
  Wire wire = CallTo103(5500);
  wire.dialogs.erase(wire.dialogs.begin());
  wire.dialogs[0].initiator = "10.0.0.8:5060";
  ExpectApart(Add(Referring()), Add(wire));
}

TEST_F(MustNotMerge, ReferToWhomThePbxCallsForTwoOthers) {
  Dialog first =
      Between(LegOf("x", "10.0.0.9", "10.0.2.3", 5300), "171", "103");
  Dialog second =
      Between(LegOf("y", "10.0.0.9", "10.0.2.4", 5900), "172", "103");
  const auto refer = Add(Referring());
  const auto x = Add(first);
  const auto y = Add(second);
  ExpectAllApart({refer, x, y});
}

TEST_F(MustNotMerge, RedirectionToWhomAnotherCallerIsSentToo) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 2; ++i) {
    Dialog first = Between(LegOf("first" + std::to_string(i), "10.0.0.9",
                                 "10.0.2." + std::to_string(i + 1), i * 200),
                           "anonymous", "10" + std::to_string(i));
    first.answer_ms = first.ring_ms = -1;
    first.end_ms = i * 200 + 50;
    first.end_reason = v1::END_REASON_REFUSED;
    first.final_status = 302;
    first.links = {{.kind = store::v1::LINK_KIND_REDIRECT,
                    .value = "sip:103@10.0.2.3",
                    .at_ms = first.end_ms,
                    .from_initiator = false}};
    calls.push_back(Add(first));
  }
  calls.push_back(Add(
      Between(LegOf("next", "10.0.0.9", "10.0.2.3", 800), "anonymous", "103")));
  ExpectAllApart(calls);
}

}  // namespace
}  // namespace callbraid::collector
