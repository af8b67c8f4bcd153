#include <string>

#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/convergence.h"
#include "tests/unit/collector/correlate/link_scenes.h"

// Convergence of what rests on signalling: links, transfers, numbers and times,
// all of which later observations may withdraw.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using scenes::B2buaCall;
using scenes::Between;
using scenes::LegOf;
using scenes::Naming;
using scenes::ProxyCall;
using scenes::Spots;
using scenes::Variant;
using scenes::Wire;
using scenes::With;
using store::v1::LinkKind;

class LinkWorld : public scenes::World {
 public:
  explicit LinkWorld(uint64_t seed) : World(seed) {
    for (int i = 0; i < 8; ++i) AddTranscoded(Next(), 1000 + i);
    AddRushHour();
    AddLookalike();
    for (int i = 0; i < 4; ++i) Add(Identified(Next()));
    AddTenant();
    AddConstant();
    AddFlood();
    Add(BlindTransfer(false));
    Add(BlindTransfer(true));
    AddAmbiguousTransfer();
    AddAttendedTransfer();
    Add(Pickup());
    AddRedirected();
    AddForged();
    AddPointing();
    for (int i = 0; i < 3; ++i) {
      AddSplitLegs(Transcoded(Next(), 7100 + i, 7200 + i), 0, 2);
      AddSplitLegs(Identified(Next()), 2, 1);
    }
    AddSplitLegs(BlindTransfer(false), 0, 2);
    AddSplitLegs(BlindTransfer(true), 2, 0);
    AddSplitLegs(Pickup(), 1, 2);
  }

 private:
  std::string Host(int net) {
    return "10.0." + std::to_string(net) + "." +
           std::to_string(number_ % 250 + 1);
  }
  static Dialog Shifted(Dialog leg, int64_t ms) {
    for (int64_t* at : {&leg.invite_ms, &leg.ring_ms, &leg.answer_ms,
                        &leg.end_ms, &leg.sdp_answer_ms}) {
      if (*at >= 0) *at += ms;
    }
    for (fakes::Link& link : leg.links) {
      if (link.at_ms >= 0) link.at_ms += ms;
    }
    return leg;
  }
  std::string Id(const std::string& name) {
    return name + std::to_string(++number_);
  }

  // Each leg at a sensor that did not see the other.
  void AddSplitLegs(const Wire& wire, size_t first, size_t second) {
    for (size_t i = 0; i < 2; ++i) {
      Wire leg;
      leg.dialogs = {wire.dialogs[i]};
      AddSplit(leg, Spots()[i == 0 ? first : second]);
    }
  }

  // In and out of the PBX, by nothing but numbers and times.
  Wire Transcoded(const Variant& v, int callee, int caller = 101) {
    const std::string number = std::to_string(callee);
    Wire wire;
    wire.dialogs = {
        Between(LegOf(Id("in"), Host(1), "10.0.0.9", v.start_ms),
                std::to_string(caller), number),
        Between(LegOf(Id("out"), "10.0.0.9", Host(2), v.start_ms + 60), "7000",
                number)};
    wire.dialogs[1].answer_ms -= 80;
    return wire;
  }
  void AddTranscoded(const Variant& v, int callee) {
    Add(Transcoded(v, callee));
  }
  // Calls to one number that cannot be told apart, and then fewer of them.
  void AddRushHour() {
    Variant v = Next();
    for (int calls = 4; calls > 0; --calls) {
      for (int i = 0; i < calls; ++i) Add(Transcoded(v, 2000));
      v.start_ms += 9000;
    }
  }
  // Numbers and times say one thing, media another.
  void AddLookalike() {
    for (int i = 0; i < 3; ++i) {
      Wire wire = B2buaCall(Next());
      Dialog decoy = wire.dialogs[1];
      wire.dialogs[1].from = "sip:8001@h";
      wire.dialogs[1].to = "sip:8002@h";
      decoy.call_id = Id("decoy");
      decoy.responder = "10.0.9.9:5060";
      decoy.from = wire.dialogs[0].from;
      decoy.to = wire.dialogs[0].to;
      decoy.offer = decoy.answer = "";
      wire.dialogs.push_back(decoy);
      Add(wire);
    }
  }
  Wire Identified(const Variant& v) {
    Wire wire = Transcoded(v, 3000);
    const std::string value = Id("identity-");
    const LinkKind kinds[] = {
        store::v1::LINK_KIND_SESSION_ID, store::v1::LINK_KIND_CHARGING_ID,
        store::v1::LINK_KIND_CISCO_GUID, store::v1::LINK_KIND_HEADER,
        store::v1::LINK_KIND_SDP_ORIGIN};
    for (Dialog& leg : wire.dialogs) leg = With(leg, kinds[Any(5)], value);
    wire.dialogs[1] = With(wire.dialogs[1], store::v1::LINK_KIND_HEADER,
                           wire.dialogs[0].call_id);
    return wire;
  }
  // Together more than a look-up takes.
  void AddTenant() {
    for (int i = 0; i < 9; ++i) {
      Wire wire = Transcoded(Next(), 4000 + i);
      for (Dialog& leg : wire.dialogs) {
        leg = With(leg, store::v1::LINK_KIND_HEADER, "tenant-7");
      }
      Add(wire);
    }
  }
  // One identity in calls that come at once, and in some that follow.
  void AddConstant() {
    for (int i = 0; i < 4; ++i) {
      Variant v = Next();
      v.start_ms = i * 30'000 + Any(3000);
      Wire wire = ProxyCall(v);
      for (Dialog& leg : wire.dialogs) {
        leg = With(leg, store::v1::LINK_KIND_SESSION_ID, scenes::kUuidA);
      }
      Add(wire);
    }
  }
  // More of one value than a look-up takes.
  void AddFlood() {
    const int64_t base = Any(60'000);
    for (int i = 0; i < 70; ++i) {
      Wire wire;
      wire.dialogs = {
          With(LegOf(Id("flood"), "10.0.6.6", "10.0.0.7", base + i * 300),
               store::v1::LINK_KIND_SESSION_ID, scenes::kUuidB)};
      AddAt(wire, Spots()[0]);
    }
  }
  // A calls B, who has A call C; or B calls A, and does.
  Wire BlindTransfer(bool by_caller) {
    const Variant v = Next();
    const std::string a = Host(1);
    const std::string b = Host(2);
    const std::string c = Host(3);
    Dialog first = by_caller ? Between(LegOf(Id("first"), b, a), "102", "101")
                             : Between(LegOf(Id("first"), a, b), "101", "102");
    first.end_ms = 9500;
    first.offer = (by_caller ? b : a) + ":4000";
    first.answer = (by_caller ? a : b) + ":4000";
    first.links = {{.kind = store::v1::LINK_KIND_REFER_TO,
                    .value = "sip:103@h",
                    .at_ms = 9000,
                    .from_initiator = by_caller,
                    .status = 202}};
    Dialog second = Between(LegOf(Id("second"), a, c, 9100), "101", "103");
    second.offer = a + ":4002";
    second.answer = c + ":4000";
    Wire wire;
    wire.dialogs = {Shifted(first, v.start_ms), Shifted(second, v.start_ms)};
    wire.streams = {
        scenes::Talk({.number = v.number, .start_ms = v.start_ms + 9600},
                     second.offer, second.answer, 1),
        scenes::Talk({.number = v.number, .start_ms = v.start_ms + 9600},
                     second.answer, second.offer, 2)};
    return wire;
  }
  void AddAmbiguousTransfer() {
    const Variant v = Next();
    Dialog first =
        Between(LegOf(Id("first"), "10.0.0.9", Host(2)), "101", "102");
    first.transfer_status = 200;
    first.links = {{.kind = store::v1::LINK_KIND_REFER_TO,
                    .value = "sip:5103@h",
                    .at_ms = 9000,
                    .from_initiator = false,
                    .status = 202}};
    Wire wire;
    wire.dialogs = {Shifted(first, v.start_ms),
                    Shifted(Between(LegOf(Id("x"), "10.0.0.9", Host(3), 9400),
                                    "71", "5103"),
                            v.start_ms),
                    Shifted(Between(LegOf(Id("y"), "10.0.0.9", Host(4), 9900),
                                    "72", "5103"),
                            v.start_ms)};
    Add(wire);
  }
  void AddAttendedTransfer() {
    const Variant v = Next();
    const std::string a = Host(1);
    const std::string b = Host(2);
    const std::string c = Host(3);
    Dialog first = LegOf(Id("first"), a, b);
    const Dialog consult = LegOf(Id("consult"), b, c, 4000);
    fakes::Link link = Naming(store::v1::LINK_KIND_REFER_REPLACES, consult);
    link.at_ms = 9000;
    link.from_initiator = false;
    link.status = 202;
    first.links = {link};
    Dialog last = LegOf(Id("last"), a, c, 9200);
    last.links = {Naming(store::v1::LINK_KIND_REPLACES, consult)};
    Wire wire;
    for (const Dialog& leg : {first, consult, last}) {
      wire.dialogs.push_back(Shifted(leg, v.start_ms));
    }
    Add(wire);
  }
  Wire Pickup() {
    const Variant v = Next();
    Dialog ringing = LegOf(Id("ringing"), "10.0.0.9", Host(2));
    Dialog pickup = LegOf(Id("pickup"), Host(3), "10.0.0.9", 4000);
    pickup.links = {
        scenes::NamingToInitiator(store::v1::LINK_KIND_REPLACES, ringing)};
    ringing.sdp_answer_ms = -1;
    Wire wire;
    for (const Dialog& leg : {ringing, pickup}) {
      wire.dialogs.push_back(Shifted(leg, v.start_ms));
    }
    return wire;
  }
  void AddRedirected() {
    const Variant v = Next();
    for (const bool same : {false, true}) {
      const std::string id = Id("redirected");
      Dialog first = Between(LegOf(id, Host(1), Host(2)), "101", "102");
      first.answer_ms = first.ring_ms = -1;
      first.end_ms = 100;
      first.end_reason = v1::END_REASON_REFUSED;
      first.final_status = 302;
      first.links = {{.kind = store::v1::LINK_KIND_REDIRECT,
                      .value = "sip:6103@h",
                      .at_ms = 100,
                      .from_initiator = false}};
      const Dialog next = Between(
          LegOf(same ? id : Id("next"), Host(1), Host(3), 900), "101", "6103");
      Wire wire;
      for (Dialog leg : {first, next}) {
        leg.initiator = first.initiator;
        wire.dialogs.push_back(Shifted(leg, v.start_ms));
      }
      Add(wire);
    }
  }
  void AddForged() {
    Wire wire = ProxyCall(Next());
    Dialog forged = wire.dialogs[0];
    forged.initiator = "10.0.6.6:5060";
    forged.to_tag = "another";
    forged.invite_ms += 900;
    forged.ring_ms += 900;
    wire.dialogs.push_back(forged);
    Add(wire);
  }
  void AddPointing() {
    Wire wire = ProxyCall(Next());
    Dialog pointing = LegOf(Id("pointing"), "10.0.6.6", "10.0.0.9",
                            wire.dialogs[0].invite_ms + 700);
    pointing.offer = wire.dialogs[0].offer;
    pointing.answer = "10.0.0.9:33000";
    wire.dialogs.push_back(pointing);
    Add(wire);
  }
};

class ConvergenceOfLinks : public testing::TestWithParam<uint64_t> {};

TEST_P(ConvergenceOfLinks, HoldsForAnyOrderSplitRepetitionAndRestart) {
  scenes::ExpectTheSameCalls<LinkWorld>(GetParam(), 2);
}

INSTANTIATE_TEST_SUITE_P(Worlds, ConvergenceOfLinks,
                         testing::Range<uint64_t>(1, 7));

}  // namespace
}  // namespace callbraid::collector
