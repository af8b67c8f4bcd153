#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_QUERY_STORED_CALL_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_QUERY_STORED_CALL_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/store/buckets.h"
#include "collector/store/observation_id.h"
#include "collector/store/store.h"
#include "common/base/absl_string.h"
#include "common/net/endpoint.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"

namespace callbraid::collector {

// 2026-11-23 09:21:32 UTC.
inline constexpr int64_t kStartNs = 1'795'425'692'000'000'000;

inline v1::Endpoint EndpointOf(const char* address, uint16_t port) {
  return ToProto({*IpAddress::Parse(address), port});
}

// Puts a call with its observations and frames into a store, as ingest and
// correlator would.
class StoredCall {
 public:
  explicit StoredCall(const std::string& name, int64_t start_ns = kStartNs)
      : start_ns_(start_ns) {
    call().set_id(ObservationId::Of(name).ToHex());
    call().set_caller("101");
    call().set_callee("103");
    call().set_state(v1::CALL_STATE_COMPLETED);
    call().set_revision(1);
    *call().mutable_start_time() =
        google::protobuf::util::TimeUtil::NanosecondsToTimestamp(start_ns);
  }

  v1::Call& call() { return *record_.mutable_call(); }
  store::v1::CallRecord& record() { return record_; }
  const std::string& id() const { return record_.call().id(); }

  // A dialog seen by `sensor`, as an observation of leg 0.
  ObservationId AddDialog(const std::string& sensor) {
    if (call().legs().empty()) call().add_legs()->set_id("leg");
    const ObservationId id = AddObservation("dialog", sensor);
    group_.observations.back().observation->mutable_dialog()->set_from_tag("1");
    v1::LegObservation* seen = call().mutable_legs(0)->add_observations();
    seen->set_id(id.ToHex());
    seen->set_sensor(sensor);
    return id;
  }
  // A stream seen by `sensor`.
  ObservationId AddRtp(const std::string& sensor) {
    const ObservationId id = AddObservation("rtp", sensor);
    store::v1::RtpObservation& rtp =
        *group_.observations.back().observation->mutable_rtp();
    *rtp.mutable_source() = EndpointOf("10.10.0.101", 16382);
    *rtp.mutable_destination() = EndpointOf("10.10.0.103", 16930);
    rtp.set_ssrc(1);
    group_.observations.back().tally.emplace();
    return id;
  }

  void AddSip(const ObservationId& id, int64_t after_ns,
              const std::string& start_line) {
    v1::CallFrame frame;
    v1::SipFrame& sip = *frame.mutable_sip();
    sip.set_time_ns(start_ns_ + after_ns);
    *sip.mutable_source() = EndpointOf("10.10.0.101", 5060);
    *sip.mutable_destination() = EndpointOf("10.10.0.10", 5060);
    sip.set_transport(v1::TRANSPORT_UDP);
    sip.set_message(absl::StrCat(
        start_line, "\r\nVia: SIP/2.0/UDP 10.10.0.101;branch=z9hG4bK1\r\n",
        "From: <sip:101@a>;tag=1\r\nTo: <sip:103@a>\r\nCall-ID: c1\r\n",
        "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"));
    AddFrame(id, sip.time_ns(), frame);
  }

  void AddFrame(const ObservationId& id, int64_t time_ns,
                const v1::CallFrame& frame) {
    group_.frames.push_back({id, time_ns, 0, frame.SerializeAsString()});
    for (ObservationUpsert& upsert : group_.observations) {
      if (upsert.id != id) continue;
      AddBucket(BucketOf(time_ns),
                upsert.tally ? *upsert.tally->mutable_bucket_ranges()
                             : *upsert.observation->mutable_bucket_ranges());
      if (upsert.tally) upsert.tally->set_last_time_ns(time_ns);
    }
  }

  // Of all its observations.
  void SetSite(const std::string& site) {
    for (ObservationUpsert& upsert : group_.observations) {
      upsert.observation->set_site(site);
    }
  }

  void SetOffset(const std::string& sensor, int64_t offset_ns) {
    store::v1::SensorOffset* offset = record_.add_offsets();
    offset->set_sensor(sensor);
    offset->set_offset_ns(offset_ns);
  }

  void StoreIn(Store& store) {
    ASSERT_TRUE(store.Commit(group_).ok());
    CallChange change;
    change.records.push_back(record_);
    ASSERT_TRUE(store.facts().ApplyCalls(change).ok());
  }

 private:
  ObservationId AddObservation(const std::string& what,
                               const std::string& sensor) {
    ObservationUpsert upsert;
    upsert.id = ObservationId::Of(absl::StrCat(id(), what, sensor));
    upsert.first_time_ns = start_ns_;
    store::v1::Observation& observation = upsert.observation.emplace();
    observation.set_id(std::string(upsert.id.bytes()));
    observation.set_sensor(sensor);
    observation.set_capture_point("span0");
    observation.set_first_time_ns(start_ns_);
    record_.add_members(std::string(upsert.id.bytes()));
    group_.observations.push_back(std::move(upsert));
    return group_.observations.back().id;
  }

  const int64_t start_ns_;
  store::v1::CallRecord record_;
  CommitGroup group_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_QUERY_STORED_CALL_H_
