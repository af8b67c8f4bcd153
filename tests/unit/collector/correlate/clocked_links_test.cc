#include <cctype>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/link_scenes.h"
#include "tests/unit/collector/correlate/scenes.h"

// What links dialogs is compared by the sensors' clocks: two that are half an
// hour apart, or some time zones, cost no call of which each saw one leg.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::IdOf;
using fakes::kSecond;
using fakes::See;
using fakes::Spot;
using scenes::Between;
using scenes::LegOf;
using scenes::Naming;
using scenes::ProxyCall;
using scenes::SeeAll;
using scenes::Variant;
using scenes::With;
using ::testing::Contains;

const Spot kTrue{.sensor = "s1"};
const Spot kAhead{.sensor = "s2", .clock_ns = 2112 * kSecond};
const Spot kElsewhere{.sensor = "s2", .clock_ns = -5 * 3600 * kSecond};

constexpr char kAnn[] = "10.0.3.1";
constexpr char kBob[] = "10.0.3.2";
constexpr char kCem[] = "10.0.3.3";
constexpr char kPbx[] = "10.0.0.9";

// Two legs of one call, of which each sensor saw one.
struct Scene {
  std::string name;
  Dialog first;
  Dialog second;
  v1::EvidenceKind kind = v1::EVIDENCE_KIND_UNSPECIFIED;
};

Scene B2bua(const std::string& name, v1::EvidenceKind kind) {
  Scene scene{name, Between(LegOf("in", kAnn, kPbx), "101", "102"),
              Between(LegOf("out", kPbx, kBob, 60), "7001", "8002"), kind};
  scene.second.answer_ms -= 80;
  return scene;
}

Scene Carrying(const std::string& name, v1::EvidenceKind kind,
               store::v1::LinkKind link, const std::string& value) {
  Scene scene = B2bua(name, kind);
  scene.first = With(scene.first, link, value);
  scene.second = With(scene.second, link, value);
  return scene;
}

Scene HeaderThatNamesTheFirst() {
  Scene scene = B2bua("header names Call-ID", v1::EVIDENCE_KIND_LINK_HEADER);
  scene.second = With(scene.second, store::v1::LINK_KIND_HEADER, "in");
  return scene;
}

Scene NumbersAlone() {
  Scene scene = B2bua("numbers and times", v1::EVIDENCE_KIND_NUMBERS_AND_TIME);
  scene.second = Between(scene.second, "7001", "102");
  return scene;
}

// Bob sends Ann to Cem.
Scene Transferred() {
  Scene scene{"transfer", Between(LegOf("first", kAnn, kBob), "101", "102"),
              Between(LegOf("second", kAnn, kCem, 9100), "101", "103"),
              v1::EVIDENCE_KIND_TRANSFER};
  scene.first.end_ms = 9500;
  scene.first.links = {{.kind = store::v1::LINK_KIND_REFER_TO,
                        .value = "sip:103@10.0.0.9",
                        .at_ms = 9000,
                        .from_initiator = false,
                        .status = 202}};
  return scene;
}

Scene Redirected() {
  Scene scene{"redirect", Between(LegOf("first", kAnn, kBob), "101", "102"),
              Between(LegOf("second", kAnn, kCem, 900), "101", "103"),
              v1::EVIDENCE_KIND_REDIRECT};
  Dialog& first = scene.first;
  first.answer_ms = first.ring_ms = -1;
  first.end_ms = 300;
  first.end_reason = v1::END_REASON_REFUSED;
  first.final_status = 302;
  first.links = {{.kind = store::v1::LINK_KIND_REDIRECT,
                  .value = "sip:103@10.0.3.3",
                  .at_ms = 300,
                  .from_initiator = false}};
  return scene;
}

Scene Replaced() {
  Scene scene{"Replaces", LegOf("first", kBob, kCem),
              LegOf("second", kAnn, kCem, 9200), v1::EVIDENCE_KIND_REPLACES};
  scene.first.end_ms = 9500;
  scene.second.links = {Naming(store::v1::LINK_KIND_REPLACES, scene.first)};
  return scene;
}

std::vector<Scene> Scenes() {
  return {Carrying("Session-ID", v1::EVIDENCE_KIND_SESSION_ID,
                   store::v1::LINK_KIND_SESSION_ID, scenes::kUuidA),
          Carrying("icid", v1::EVIDENCE_KIND_CHARGING_VECTOR,
                   store::v1::LINK_KIND_CHARGING_ID, "icid-1"),
          Carrying("Cisco-Guid", v1::EVIDENCE_KIND_CISCO_GUID,
                   store::v1::LINK_KIND_CISCO_GUID, "1-2-3-4"),
          Carrying("header", v1::EVIDENCE_KIND_LINK_HEADER,
                   store::v1::LINK_KIND_HEADER, "x-call-77"),
          HeaderThatNamesTheFirst(),
          NumbersAlone(),
          Transferred(),
          Redirected(),
          Replaced()};
}

// A call that both sensors saw.
std::vector<StoredObservation> Common(const Spot& other,
                                      int64_t start_ms = 2000) {
  const Variant v{.number = 77, .start_ms = start_ms, .talk_ms = 6000};
  std::vector<StoredObservation> seen = SeeAll(ProxyCall(v), kTrue);
  for (StoredObservation& stored : SeeAll(ProxyCall(v), other)) {
    seen.push_back(std::move(stored));
  }
  return seen;
}

// The legs in their order, and no longer than they were.
void ExpectWhole(const v1::Call& call, const Scene& scene) {
  EXPECT_THAT(KindsOf(call), Contains(scene.kind));
  ASSERT_EQ(call.legs_size(), 2);
  EXPECT_EQ(call.legs(0).source(), scene.first.initiator);
  EXPECT_LE(call.end_time().seconds() - call.start_time().seconds(), 31);
}

class ClockedLinks : public ::testing::TestWithParam<Scene> {};

TEST_P(ClockedLinks, JoinWhenOtherCallsTellOfTheClocks) {
  const Scene& scene = GetParam();
  for (const Spot& far : {kAhead, kElsewhere}) {
    for (const bool turned : {false, true}) {
      Braid braid;
      const auto first = braid.Add(See(scene.first, turned ? far : kTrue));
      const auto second = braid.Add(See(scene.second, turned ? kTrue : far));
      EXPECT_FALSE(braid.Together(first, second));
      braid.Add(Common(far));
      EXPECT_TRUE(braid.Together(first, second));
      ExpectWhole(braid.CallOf(first), scene);
    }
  }
}

TEST_P(ClockedLinks, JoinWhateverComesFirst) {
  const Scene& scene = GetParam();
  Braid braid;
  braid.Add(Common(kAhead));
  const auto second = braid.Add(See(scene.second, kAhead));
  const auto first = braid.Add(See(scene.first, kTrue));
  EXPECT_TRUE(braid.Together(first, second));
  ExpectWhole(braid.CallOf(first), scene);
}

// What the clocks show at the same time, and was half an hour apart.
TEST_P(ClockedLinks, AreWithdrawnWhenTheClocksSayThatTheyAreOfTwoTimes) {
  const Scene& scene = GetParam();
  Braid braid;
  const auto first = braid.Add(See(scene.first, kTrue));
  const auto second = braid.Add(See(scene.second, Spot{.sensor = "s2"}));
  EXPECT_TRUE(braid.Together(first, second));
  // The clock of s2 shows the past, as calls of its own hour tell.
  braid.Add(Common({.sensor = "s2", .clock_ns = -2112 * kSecond}, 2'114'000));
  EXPECT_FALSE(braid.Together(first, second));
}

std::string NameOf(const ::testing::TestParamInfo<Scene>& info) {
  std::string name;
  for (const char c : info.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Scenes, ClockedLinks, ::testing::ValuesIn(Scenes()),
                         NameOf);

// The hops of an INVITE that nobody answered: the way of the call must tell.
TEST(ClockedHops, FollowEachOtherByTheirClocks) {
  Dialog near = LegOf("call", kAnn, kPbx);
  near.ring_ms = near.answer_ms = -1;
  near.end_ms = 4000;
  near.end_reason = v1::END_REASON_CANCELLED;
  near.final_status = 487;
  Dialog far = near;
  far.initiator = near.responder;
  far.responder = std::string(kBob) + ":5060";
  far.invite_ms += 20;
  Braid braid;
  const auto first = braid.Add(See(near, kAhead));
  const auto second = braid.Add(See(far, kTrue));
  EXPECT_FALSE(braid.Together(first, second));
  braid.Add(Common(kAhead));
  EXPECT_TRUE(braid.Together(first, second));
}

// A second call that fits by the clocks, though not by what they show.
TEST(ClockedNumbers, CountOthersByTheirClocks) {
  const Scene scene = NumbersAlone();
  Dialog other = scene.second;
  other.call_id = "other";
  other.responder = std::string(kCem) + ":5060";
  Braid braid;
  braid.Add(Common(kAhead));
  const auto in = braid.Add(See(scene.first, kTrue));
  const auto out = braid.Add(See(scene.second, kTrue));
  EXPECT_TRUE(braid.Together(in, out));
  const auto ahead = braid.Add(See(other, kAhead));
  EXPECT_FALSE(braid.Together(in, out));
  EXPECT_FALSE(braid.Together(in, ahead));
}

// However far off a sensor says that its clock may be.
TEST(ClockedNumbers, LookNoFurtherThanClocksTell) {
  const Scene scene = NumbersAlone();
  std::vector<v1::Sensor> sensors = {fakes::SensorAt(kTrue, fakes::kEpoch),
                                     fakes::SensorAt(kAhead, fakes::kEpoch)};
  for (v1::Sensor& sensor : sensors) {
    sensor.add_clock_epochs()->set_tolerance_ns(uint64_t{1} << 63);
  }
  Braid braid;
  braid.Progress(sensors);
  const auto in = braid.Add(See(scene.first, kTrue));
  const auto out = braid.Add(See(scene.second, kTrue));
  EXPECT_TRUE(braid.Together(in, out));
  // More than a look-up takes, an hour later.
  std::vector<StoredObservation> crowd;
  for (int i = 0; i < 70; ++i) {
    Dialog dialog = scene.second;
    dialog.call_id = "crowd" + std::to_string(i);
    crowd.push_back(See(dialog, {.sensor = "s1", .clock_ns = 3600 * kSecond}));
  }
  braid.Add(crowd);
  EXPECT_TRUE(braid.Together(in, out));
}

// A value that another caller of the same moment carries is no identity.
TEST(ClockedValues, AreNothingWhereAnotherSensorSawThemInAnotherCall) {
  const Scene scene = Scenes().front();
  Dialog other = With(LegOf("other", kCem, kPbx, 3000),
                      store::v1::LINK_KIND_SESSION_ID, scenes::kUuidA);
  Braid braid;
  braid.Add(Common(kAhead));
  const auto in = braid.Add(See(scene.first, kTrue));
  const auto out = braid.Add(See(scene.second, kTrue));
  EXPECT_TRUE(braid.Together(in, out));
  braid.Add(See(other, kAhead));
  EXPECT_FALSE(braid.Together(in, out));
}

}  // namespace
}  // namespace callbraid::collector
