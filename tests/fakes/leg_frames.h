#ifndef CALLBRAID_TESTS_FAKES_LEG_FRAMES_H_
#define CALLBRAID_TESTS_FAKES_LEG_FRAMES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "callbraid/v1/frame.pb.h"
#include "collector/ingest/observation_folder.h"
#include "collector/store/observation_id.h"
#include "common/net/endpoint.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::fakes {

// Folds messages of one capture point, in order, and tells what came out.
class LegFolder {
 public:
  explicit LegFolder(v1::SignallingProtocol protocol, std::string sensor = "s1",
                     v1::Transport transport = v1::TRANSPORT_UDP)
      : protocol_(protocol), sensor_(std::move(sensor)), transport_(transport) {
    Restart();
  }

  collector::FoldResult Fold(int64_t time_ns, const FlowKey& flow,
                             std::string_view message) {
    v1::CallFrame frame;
    v1::SipFrame& body = *frame.mutable_sip();
    body.set_time_ns(time_ns);
    *body.mutable_source() = ToProto(flow.source);
    *body.mutable_destination() = ToProto(flow.destination);
    body.set_transport(transport_);
    body.set_protocol(protocol_);
    body.set_message(std::string(message));
    const auto result = folder_->Fold({sensor_, site_, point_}, frame, group_);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : collector::FoldResult::kMalformed;
  }
  void Commit() {
    folder_->Collect(group_);
    EXPECT_TRUE(store_.Commit(group_).ok());
    group_ = {};
    folder_->Committed(0);
  }
  // As after a crash: nothing is in memory.
  void Restart() {
    group_ = {};
    folder_ = std::make_unique<collector::ObservationFolder>(store_);
  }
  // All that was folded, byte for byte.
  std::map<std::string, std::string> Dump() {
    std::map<std::string, std::string> dump;
    for (const auto& observation : Observations()) {
      dump[observation.id()] = observation.DebugString();
    }
    return dump;
  }
  // Dialogs by start.
  std::vector<store::v1::Observation> Legs() {
    std::map<int64_t, store::v1::Observation> legs;
    for (auto& observation : Observations()) {
      if (observation.has_dialog()) {
        legs[observation.first_time_ns()] = std::move(observation);
      }
    }
    std::vector<store::v1::Observation> by_start;
    for (auto& [start, leg] : legs) by_start.push_back(std::move(leg));
    return by_start;
  }
  // What of them makes a call.
  std::vector<store::v1::DialogObservation> Calls() {
    std::vector<store::v1::DialogObservation> calls;
    for (const auto& leg : Legs()) {
      if (leg.dialog().method() == "INVITE") calls.push_back(leg.dialog());
    }
    return calls;
  }

 private:
  std::vector<store::v1::Observation> Observations() {
    Commit();
    std::vector<store::v1::Observation> all;
    const auto ids = store_.facts().Unsettled();
    for (const collector::ObservationId& id : *ids) {
      const auto stored = store_.facts().GetObservation(id);
      EXPECT_TRUE(stored.ok()) << stored.status();
      if (stored.ok()) all.push_back(stored->observation);
    }
    return all;
  }

  const v1::SignallingProtocol protocol_;
  const std::string sensor_;
  const v1::Transport transport_;
  const std::string site_ = "site";
  const std::string point_ = "eth0";
  collector::MemoryStore store_;
  collector::CommitGroup group_;
  std::unique_ptr<collector::ObservationFolder> folder_;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_LEG_FRAMES_H_
