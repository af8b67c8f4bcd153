#include <cstdint>
#include <optional>
#include <string>

#include "collector/evidence/evidence.h"
#include "collector/evidence/node.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid::collector {
namespace {

using fakes::At;
using fakes::kSecond;

constexpr int64_t kStart = int64_t{1'700'000'000} * kSecond;

// A leg of an endpoint, of 10 s.
Node Leg(const std::string& endpoint, const std::string& call,
         int64_t start_ns = kStart, const std::string& sensor = "s1") {
  StoredObservation stored;
  store::v1::Observation& observation = stored.observation;
  observation.set_id(
      std::string(ObservationId::Of(endpoint + call + sensor).bytes()));
  observation.set_sensor(sensor);
  observation.set_site("site");
  observation.set_first_time_ns(start_ns);
  observation.set_last_time_ns(start_ns + 10 * kSecond);
  store::v1::DialogObservation& dialog = *observation.mutable_dialog();
  dialog.set_protocol(v1::SIGNALLING_PROTOCOL_MGCP);
  dialog.set_method("INVITE");
  dialog.set_call_id("A1");
  dialog.set_from_tag(endpoint);
  *dialog.mutable_initiator() = ToProto(At("10.0.0.2", 2727));
  *dialog.mutable_responder() = ToProto(At("10.0.0.1", 2427));
  dialog.set_invite_time_ns(start_ns);
  dialog.set_answer_time_ns(start_ns + kSecond);
  dialog.set_end_time_ns(start_ns + 10 * kSecond);
  dialog.set_end_reason(v1::END_REASON_BYE);
  store::v1::DialogLink& link = *dialog.add_links();
  link.set_kind(store::v1::LINK_KIND_CONTROLLED_CALL);
  link.set_value(call);
  link.set_time_ns(start_ns);
  return *MakeNode(std::move(stored));
}

TEST(ControlledCall, JoinsDevicesThatAreDirectedUnderOneName) {
  const Node a = Leg("aaln/1@gw1", "A1@10.0.0.2");
  const Node b = Leg("aaln/1@gw2", "A1@10.0.0.2", kStart + kSecond);
  EXPECT_TRUE(AreControlledTogether(a, b));
  const auto evidence = ControlledCall(a, b, {}, {});
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_CONTROLLED_CALL);
  EXPECT_EQ(evidence->detail, "call A1@10.0.0.2");
  EXPECT_EQ(ControlledCall(b, a, {}, {})->detail, evidence->detail);
}

TEST(ControlledCall, IsNoneOfAnotherController) {
  EXPECT_FALSE(ControlledCall(Leg("aaln/1@gw1", "A1@10.0.0.2"),
                              Leg("aaln/1@gw2", "A1@10.0.0.3"), {}, {}));
}

TEST(ControlledCall, IsNoneOfAnotherTime) {
  EXPECT_FALSE(ControlledCall(
      Leg("aaln/1@gw1", "A1@10.0.0.2"),
      Leg("aaln/1@gw2", "A1@10.0.0.2", kStart + 3600 * kSecond), {}, {}));
}

TEST(ControlledCall, IsNoneOfOneDeviceAtTwoCapturePoints) {
  EXPECT_FALSE(ControlledCall(Leg("aaln/1@gw1", "A1@10.0.0.2"),
                              Leg("aaln/1@gw1", "A1@10.0.0.2", kStart, "s2"),
                              {}, {}));
}

}  // namespace
}  // namespace callbraid::collector
