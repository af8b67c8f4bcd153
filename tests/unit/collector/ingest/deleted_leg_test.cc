// A leg of MGCP that was deleted on order comes again, of a capture point that
// had not told of it yet.
#include <cstdint>
#include <memory>
#include <string>

#include "collector/ingest/observation_folder.h"
#include "collector/store/rocksdb_store.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/delete_call.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kStart = int64_t{1'700'000'000} * fakes::kSecond;

v1::CallFrame Rings(const std::string& call, int64_t time_ns) {
  v1::CallFrame frame;
  v1::SipFrame& body = *frame.mutable_sip();
  body.set_time_ns(time_ns);
  *body.mutable_source() = ToProto(fakes::At("10.0.0.2", 2427));
  *body.mutable_destination() = ToProto(fakes::At("10.0.0.1", 2427));
  body.set_transport(v1::TRANSPORT_UDP);
  body.set_protocol(v1::SIGNALLING_PROTOCOL_MGCP);
  body.set_message(
      "CRCX 24 AALN/1@GW MGCP 1.0\r\nC: " + call +
      "\r\nM: recvonly\r\nS: L/rg, L/ci(05/04/08/36,2002,Bob)\r\n");
  return frame;
}

class DeletedLeg : public testing::Test {
 protected:
  FoldResult Fold(const std::string& sensor, const v1::CallFrame& frame) {
    ObservationFolder folder(*store_);
    CommitGroup group;
    group.deletions = store_->facts().deletions().number();
    const auto result = folder.Fold({sensor, "site", "eth0"}, frame, group);
    EXPECT_TRUE(result.ok()) << result.status();
    folder.Collect(group);
    EXPECT_TRUE(store_->Commit(group).ok());
    for (const ObservationUpsert& upsert : group.observations) {
      if (upsert.observation && upsert.observation->has_dialog()) {
        leg_ = upsert.id;
      }
    }
    return result.value_or(FoldResult::kMalformed);
  }

  const fakes::TempDir dir_;
  std::unique_ptr<RocksDbStore> store_ =
      *RocksDbStore::Open(dir_.path() + "/data");
  ObservationId leg_;
};

TEST_F(DeletedLeg, IsKnownWhereverElseItWasSeen) {
  ASSERT_EQ(Fold("s1", Rings("A1", kStart)), FoldResult::kStored);
  CallChange change;
  change.read_at = store_->facts().LastCommit();
  change.settled = *store_->facts().Unsettled();
  store::v1::CallRecord& record = change.records.emplace_back();
  record.add_members(std::string(leg_.bytes()));
  record.set_settled(true);
  record.mutable_call()->set_id(leg_.ToHex());
  record.mutable_call()->mutable_end_time()->set_seconds(1'700'000'001);
  ASSERT_TRUE(store_->facts().ApplyCalls(change).ok());
  const absl::Status deleted =
      fakes::DeleteCall(*store_, leg_.ToHex(), Scope::All(), kStart).status();
  ASSERT_TRUE(deleted.ok()) << deleted;
  EXPECT_EQ(Fold("s2", Rings("A1", kStart + fakes::kMs)), FoldResult::kDeleted);
  EXPECT_EQ(Fold("s2", Rings("A2", kStart + fakes::kSecond)),
            FoldResult::kStored);
}

}  // namespace
}  // namespace callbraid::collector
