#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_OLD_CALLS_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_OLD_CALLS_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/store/buckets.h"
#include "collector/store/filed_tokens.h"
#include "collector/store/observation_identity.h"
#include "collector/store/rocksdb_store.h"
#include "collector/store/tokens.h"
#include "gtest/gtest.h"

namespace callbraid::collector {

// A settled call of one dialog and one stream, for tests of what goes and what
// stays. Each frame says whose it is.
struct OldCall {
  int64_t start_ns = 0;
  std::string caller = "+4930100";
  std::string site = "hq";
  int seconds = 30;
  bool settled = true;
  bool has_legs = true;
  std::string call_id = "";
  // Of each frame of its speech, at least.
  size_t frame_bytes = 0;
  // 0: one of its own.
  uint32_t given_ssrc = 0;

  std::string Name() const {
    return call_id.empty() ? absl::StrCat(caller, "@", start_ns) : call_id;
  }
  ObservationId dialog() const { return ObservationId::Of("d" + Name()); }
  ObservationId stream() const { return ObservationId::Of("s" + Name()); }
  std::string id() const { return dialog().ToHex(); }
  Endpoint source() const { return {*IpAddress::Parse("10.0.0.1"), 4000}; }
  Endpoint destination() const { return {*IpAddress::Parse("10.0.0.2"), 5000}; }
  uint32_t ssrc() const {
    return given_ssrc != 0 ? given_ssrc
                           : static_cast<uint32_t>(start_ns / 1'000'000);
  }
  // Where its RTCP is.
  ObservationId rtcp() const {
    return RtcpFramesId({"s1", "eth0"}, {source(), destination()}, ssrc());
  }

  void AddTo(CommitGroup& group) const {
    constexpr int64_t kSecond = 1'000'000'000;
    ObservationUpsert& leg = group.observations.emplace_back();
    leg.id = dialog();
    leg.first_time_ns = start_ns;
    store::v1::Observation& said = leg.observation.emplace();
    SetOrigin(leg.id, said);
    said.set_last_time_ns(start_ns + seconds * kSecond);
    said.mutable_dialog()->set_call_id(Name());
    said.mutable_dialog()->set_from_tag("tag");
    said.mutable_dialog()->set_from_uri("sip:" + caller + "@example.com");
    said.mutable_dialog()->set_method("INVITE");
    AddBucket(BucketOf(start_ns), *said.mutable_bucket_ranges());
    leg.tokens = {DialogToken(Name(), "tag")};
    group.frames.push_back(
        {leg.id, start_ns, 0, "INVITE " + caller + " " + Name(), true});

    ObservationUpsert& run = group.observations.emplace_back();
    run.id = stream();
    run.first_time_ns = start_ns;
    store::v1::Observation& heard = run.observation.emplace();
    SetOrigin(run.id, heard);
    *heard.mutable_rtp()->mutable_source() = ToProto(source());
    *heard.mutable_rtp()->mutable_destination() = ToProto(destination());
    heard.mutable_rtp()->set_ssrc(ssrc());
    run.tokens = FiledTokens(heard);
    run.tally.emplace().set_last_time_ns(start_ns + seconds * kSecond);
    for (int second = 0; second < seconds; ++second) {
      const int64_t time_ns = start_ns + second * kSecond;
      AddBucket(BucketOf(time_ns), *run.tally->mutable_bucket_ranges());
      std::string frame = "speech of " + Name();
      frame.resize(std::max(frame.size(), frame_bytes), '.');
      group.frames.push_back({run.id, time_ns, 0, std::move(frame)});
    }
    group.frames.push_back(
        {*RtcpFramesId(heard), start_ns + kSecond, 0, "RTCP of " + Name()});
  }

  store::v1::CallRecord Record() const {
    store::v1::CallRecord record;
    for (const ObservationId& member : {dialog(), stream()}) {
      record.add_members(std::string(member.bytes()));
    }
    record.set_settled(settled);
    v1::Call& call = *record.mutable_call();
    call.set_id(id());
    call.set_caller(caller);
    call.set_state(settled ? v1::CALL_STATE_COMPLETED : v1::CALL_STATE_ACTIVE);
    call.mutable_start_time()->set_seconds(start_ns / 1'000'000'000);
    if (settled) {
      call.mutable_end_time()->set_seconds(start_ns / 1'000'000'000 + seconds);
    }
    if (has_legs) {
      call.add_legs()->add_observations()->set_site(site);
    } else {
      call.add_streams()->add_observations()->set_site(site);
    }
    return record;
  }

  void Store(RocksDbStore& store) const {
    CommitGroup group;
    AddTo(group);
    ASSERT_TRUE(store.Commit(group).ok());
    CallChange change;
    change.read_at = store.facts().LastCommit();
    change.deletions = store.facts().deletions().number();
    change.records.push_back(Record());
    if (settled) change.settled = {dialog(), stream()};
    ASSERT_TRUE(store.facts().ApplyCalls(change).ok());
  }

  bool IsThere(RocksDbStore& store) const {
    return store.facts().GetCall(id(), Scope::All()).ok();
  }
  size_t Frames(RocksDbStore& store, const ObservationId& of) const {
    size_t frames = 0;
    EXPECT_TRUE(store.media()
                    .ReadFrames(of, {0, 4'000'000'000},
                                [&](const FrameRecord&) { return ++frames; })
                    .ok());
    return frames;
  }
  size_t MediaFrames(RocksDbStore& store) const {
    return Frames(store, stream());
  }

 private:
  void SetOrigin(const ObservationId& observation,
                 store::v1::Observation& of) const {
    of.set_id(std::string(observation.bytes()));
    of.set_sensor("s1");
    of.set_site(site);
    of.set_capture_point("eth0");
    of.set_first_time_ns(start_ns);
  }
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_OLD_CALLS_H_
