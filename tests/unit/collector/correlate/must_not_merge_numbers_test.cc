#include <string>
#include <vector>

#include "tests/unit/collector/correlate/apart.h"

// Numbers and times that agree by chance; and what joins where they do not.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kSecond;
using fakes::Spot;
using scenes::B2buaCall;
using scenes::Between;
using scenes::LegOf;
using scenes::Wire;

const Spot kBranch = {"s2", "eth0", "branch"};

class NumbersAlone : public scenes::ApartTest {
 protected:
  static Dialog In(const std::string& id, const std::string& phone,
                   const std::string& caller, int64_t start_ms = 0) {
    return Between(LegOf(id, phone, "10.0.0.9", start_ms), caller, "1000");
  }
  static Dialog Out(const std::string& id, const std::string& phone,
                    int64_t start_ms = 100) {
    Dialog leg = LegOf(id, "10.0.0.9", phone, start_ms);
    // As if it had begun at 0.
    leg.answer_ms = start_ms + 1880;
    leg.end_ms = start_ms + 19'950;
    return Between(leg, "7000", "1000");
  }
};
using MustNotMerge = NumbersAlone;

TEST_F(NumbersAlone, JoinAB2buaThatTranscodes) {
  const auto in = Add(In("in", "10.0.1.1", "101"));
  const auto out = Add(Out("out", "10.0.2.1"));
  ExpectTogether(in, out);
  const v1::Call call = braid_.CallOf(out);
  EXPECT_EQ(KindsOf(call),
            std::set<v1::EvidenceKind>{v1::EVIDENCE_KIND_NUMBERS_AND_TIME});
  ASSERT_EQ(call.legs_size(), 2);
  EXPECT_EQ(call.legs(0).call_id(), "in");
  EXPECT_EQ(call.caller(), "101");
}

TEST_F(NumbersAlone, JoinAChainOfB2buas) {
  const auto a =
      Add(Between(LegOf("a", "10.0.1.1", "10.0.0.9"), "101", "1000"));
  const auto b =
      Add(Between(LegOf("b", "10.0.0.9", "10.0.0.8", 50), "101", "1000"));
  const auto c =
      Add(Between(LegOf("c", "10.0.0.8", "10.0.2.1", 90), "101", "1000"));
  ExpectTogether(a, b);
  ExpectTogether(b, c);
  EXPECT_EQ(braid_.CallOf(a).legs_size(), 3);
}

TEST_F(NumbersAlone, JoinCallsThatAllShowTheNumberOfTheCompany) {
  constexpr int kCalls = 70;
  std::vector<StoredObservation> in;
  std::vector<StoredObservation> out;
  for (int i = 0; i < kCalls; ++i) {
    const std::string n = std::to_string(i);
    const std::string callee = std::to_string(3400 + i);
    in.push_back(See(Between(LegOf("in" + n, "10.0.1." + n, "10.0.0.9", i * 99),
                             std::to_string(2100 + i), callee),
                     Spot()));
    out.push_back(
        See(Between(LegOf("out" + n, "10.0.0.9", "203.0.113.9", i * 99 + 20),
                    "4930111", callee),
            Spot()));
  }
  braid_.Add(in);
  braid_.Add(out);
  for (int i = 0; i < kCalls; ++i) {
    ExpectTogether(fakes::IdOf(in[i]), fakes::IdOf(out[i]));
  }
}

TEST_F(NumbersAlone, GoByWhoWasCalledBefore) {
  Dialog out = Between(Out("out", "10.0.2.1"), "7000", "31");
  out.links = {{.kind = store::v1::LINK_KIND_DIVERTED_FROM,
                .value = "sip:1000@10.0.0.9"}};
  ExpectTogether(Add(In("in", "10.0.1.1", "101")), Add(out));
}

TEST_F(NumbersAlone, AreWithdrawnWhenASecondCandidateShowsUp) {
  const auto in = Add(In("in", "10.0.1.1", "101"));
  const auto out = Add(Out("out", "10.0.2.1"));
  ASSERT_TRUE(braid_.Together(in, out));
  const std::string id = braid_.CallOf(in).id();
  const auto other = Add(In("other", "10.0.1.2", "102", 30));
  ExpectAllApart({in, out, other});
  // Whoever knew the call by its id finds it.
  EXPECT_EQ(braid_.CallOf(in).id(), id);
}

TEST_F(NumbersAlone, AreWithdrawnWhenTheEndsTurnOutToDiffer) {
  const Dialog in = In("in", "10.0.1.1", "101");
  Dialog out = Out("out", "10.0.2.1");
  out.end_ms = 40'000;
  const auto a = braid_.Add(See(in, Spot(), 10'000));
  const auto b = braid_.Add(See(out, Spot(), 10'000));
  ASSERT_TRUE(braid_.Together(a, b));
  Add(in);
  Add(out);
  ExpectApart(a, b);
}

TEST_F(NumbersAlone, YieldWhenMediaSayOtherwise) {
  // In and out agree in all, but the callee's media go to another leg.
  Wire wire = B2buaCall({.number = 1});
  Dialog decoy = wire.dialogs[1];
  wire.dialogs[1].from = "sip:8001@h";
  wire.dialogs[1].to = "sip:8002@h";
  decoy.call_id = "decoy";
  decoy.responder = "10.0.2.99:5060";
  decoy.from = wire.dialogs[0].from;
  decoy.to = wire.dialogs[0].to;
  decoy.offer = decoy.answer = "";
  Wire signalling = wire;
  signalling.streams.clear();
  const auto call = Add(signalling);
  const auto other = Add(decoy);
  ExpectTogether(call, other);
  Wire media = wire;
  media.dialogs.clear();
  Add(media);
  EXPECT_EQ(CallIdsOf(call), 2);
  ExpectApart(call, other);
}

TEST_F(MustNotMerge, TwoLikeCallsInTheSameMinuteAtTwoGateways) {
  Dialog there = Out("there", "10.0.2.1");
  there.initiator = "10.0.0.8:5060";
  ExpectApart(Add(In("here", "10.0.1.1", "101")), Add(there));
}

TEST_F(MustNotMerge, TwoCallsToOneNumberAtOnce) {
  ExpectAllApart(
      {Add(In("in1", "10.0.1.1", "101")), Add(In("in2", "10.0.1.2", "102", 40)),
       Add(Out("out1", "10.0.2.1")), Add(Out("out2", "10.0.2.2", 140))});
}

TEST_F(NumbersAlone, TellTwoCallsToOneNumberByTheirCallers) {
  std::vector<ObservationId> in;
  std::vector<ObservationId> out;
  for (int i = 0; i < 2; ++i) {
    const std::string n = std::to_string(i);
    in.push_back(Add(In("in" + n, "10.0.1." + n, "55510" + n, i * 40)));
    out.push_back(Add(Between(Out("out" + n, "10.0.2." + n, 100 + i * 40),
                              "55510" + n, "1000")));
  }
  ExpectTogether(in[0], out[0]);
  ExpectTogether(in[1], out[1]);
  ExpectApart(in[0], in[1]);
}

TEST_F(MustNotMerge, ACallToTheSameNumberThatIsAnsweredLater) {
  Dialog out = Out("out", "10.0.2.1");
  out.answer_ms += 3000;
  ExpectApart(Add(In("in", "10.0.1.1", "101")), Add(out));
}

TEST_F(MustNotMerge, ACallToTheSameNumberThatLastsLonger) {
  Dialog out = Out("out", "10.0.2.1");
  out.end_ms += 5000;
  ExpectApart(Add(In("in", "10.0.1.1", "101")), Add(out));
}

TEST_F(MustNotMerge, CallersWhoHide) {
  ExpectApart(Add(Between(In("in", "10.0.1.1", ""), "anonymous", "anonymous")),
              Add(Between(Out("out", "10.0.2.1"), "anonymous", "anonymous")));
}

TEST_F(MustNotMerge, OnePrivateAddressAtTwoSites) {
  ExpectApart(Add(In("in", "10.0.1.1", "101")),
              Add(Out("out", "10.0.2.1"), kBranch));
}

TEST_F(MustNotMerge, ACallThatHasItsOtherLegAlready) {
  // A header links in and out; another call out has the same number.
  Dialog in = In("in", "10.0.1.1", "101");
  Dialog out = Out("out", "10.0.2.1");
  out.from = out.to = "sip:9@h";
  for (Dialog* leg : {&in, &out}) {
    leg->links = {
        {.kind = store::v1::LINK_KIND_SESSION_ID, .value = scenes::kUuidA}};
  }
  const auto a = Add(in);
  const auto b = Add(out);
  const auto other = Add(Out("other", "10.0.2.2"));
  ExpectTogether(a, b);
  ExpectApart(a, other);
}

TEST_F(MustNotMerge, ABusyHourOfOneNumber) {
  // More calls at once than can be told apart.
  std::vector<StoredObservation> seen;
  for (int i = 0; i < 80; ++i) {
    const std::string n = std::to_string(i);
    seen.push_back(See(In("in" + n, "10.0.3." + n, "2" + n, i * 10), Spot()));
    seen.push_back(See(Out("out" + n, "10.0.4." + n, i * 10 + 100), Spot()));
  }
  braid_.Add(seen);
  for (const StoredObservation& stored : seen) {
    EXPECT_EQ(CallIdsOf(fakes::IdOf(stored)), 1);
  }
  EXPECT_GT(braid_.braider().crowded_tokens(), 0u);
}

}  // namespace
}  // namespace callbraid::collector
