#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_FACT_STORE_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_FACT_STORE_CONTRACT_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {

class FactStoreContract : public StoreContract {
 protected:
  StoredObservation Get(const ObservationId& id) {
    const auto stored = facts().GetObservation(id);
    EXPECT_TRUE(stored.ok()) << stored.status();
    return stored.ok() ? *stored : StoredObservation();
  }
  std::vector<ObservationId> Find(Token token, int64_t from_ns, int64_t to_ns,
                                  size_t limit = 100) {
    const auto found = facts().FindByToken(token, from_ns, to_ns, limit);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : std::vector<ObservationId>();
  }
  std::vector<ObservationId> Unsettled() {
    const auto ids = facts().Unsettled();
    EXPECT_TRUE(ids.ok()) << ids.status();
    return ids.ok() ? *ids : std::vector<ObservationId>();
  }
  void File(Token token, const ObservationId& id, int64_t first_ns) {
    CommitGroup group;
    group.observations.push_back(DialogUpsert(id, first_ns));
    group.observations[0].tokens = {token};
    MustCommit(group);
  }
};

TEST_P(FactStoreContract, KnowsNothingOfWhatWasNeverCommitted) {
  EXPECT_TRUE(absl::IsNotFound(facts().GetObservation(IdOf(1)).status()));
  EXPECT_TRUE(absl::IsNotFound(facts().GetCommitted(IdOf(1)).status()));
}

TEST_P(FactStoreContract, LeavesWhatAnUpsertDoesNotNameAsItWas) {
  CommitGroup group;
  group.observations.push_back(RtpUpsert(IdOf(1), 100));
  MustCommit(group);
  group.observations[0].observation.reset();
  group.observations[0].tally->set_last_time_ns(200);
  MustCommit(group);
  group.observations[0].tally.reset();
  MustCommit(group);
  const auto stored = facts().GetCommitted(IdOf(1));
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->observation.rtp().ssrc(), 7u);
  EXPECT_EQ(stored->tally.last_time_ns(), 200);
}

TEST_P(FactStoreContract, PutsReportAndPacketsTogetherInEitherOrder) {
  v1::StreamReport report;
  report.set_time_ns(100);
  report.set_final(true);
  report.mutable_statistics()->set_mirror_copies(3);
  report.mutable_link()->add_vlan_ids(42);
  CommitGroup earlier;
  earlier.reports.push_back({IdOf(3), report});
  MustCommit(earlier);
  EXPECT_TRUE(absl::IsNotFound(facts().GetObservation(IdOf(3)).status()));
  EXPECT_THAT(Unsettled(), testing::IsEmpty());
  CommitGroup packets;
  for (const int number : {1, 2, 3}) {
    packets.observations.push_back(RtpUpsert(IdOf(number), 100));
  }
  packets.reports.push_back({IdOf(1), report});
  MustCommit(packets);
  CommitGroup later;
  later.reports.push_back({IdOf(2), report});
  MustCommit(later);
  for (const int number : {1, 2, 3}) {
    const StoredObservation stored = Get(IdOf(number));
    ASSERT_EQ(stored.observation.rtp().link().vlan_ids_size(), 1) << number;
    EXPECT_EQ(stored.observation.last_time_ns(), 100) << number;
    EXPECT_EQ(stored.tally.statistics().mirror_copies(), 3u) << number;
    EXPECT_TRUE(stored.observation.final() && stored.tally.final()) << number;
    EXPECT_FALSE(facts().GetCommitted(IdOf(number))->observation.final());
  }
}

TEST_P(FactStoreContract, StreamIsNotFinalUntilAllItsPacketsCame) {
  CommitGroup group;
  group.observations.push_back(RtpUpsert(IdOf(1), 99));
  v1::StreamReport report;
  report.set_time_ns(100);
  report.set_final(true);
  group.reports.push_back({IdOf(1), report});
  MustCommit(group);
  EXPECT_FALSE(Get(IdOf(1)).observation.final());
}

TEST_P(FactStoreContract, TakesAKeyThatComesAfterTheLastReport) {
  CommitGroup group;
  group.observations.push_back(RtpUpsert(IdOf(1), 100));
  v1::StreamReport report;
  report.set_time_ns(100);
  report.set_final(true);
  v1::DtlsSrtp& agreed = *report.add_dtls_srtp();
  agreed.set_profile(7);
  group.reports.push_back({IdOf(1), report});
  MustCommit(group);
  EXPECT_FALSE(Get(IdOf(1)).observation.rtp().dtls_srtp(0).has_key());

  CommitGroup late;
  agreed.set_master_key_and_salt("secret");
  late.reports.push_back({IdOf(1), report});
  MustCommit(late);
  // Delivered again.
  MustCommit(group);
  const StoredObservation stored = Get(IdOf(1));
  ASSERT_EQ(stored.observation.rtp().dtls_srtp_size(), 1);
  EXPECT_EQ(stored.observation.rtp().dtls_srtp(0).profile(), 7u);
  EXPECT_TRUE(stored.observation.rtp().dtls_srtp(0).has_key());
  EXPECT_EQ(stored.observation.DebugString().find("secret"), std::string::npos);
  const auto keys = facts().GetDtlsSrtp(IdOf(1));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->size(), 1u);
  EXPECT_EQ(keys->front().master_key_and_salt(), "secret");
  const auto none = facts().GetDtlsSrtp(IdOf(2));
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_TRUE(none->empty());
}

TEST_P(FactStoreContract, AnOlderReportChangesNothing) {
  CommitGroup group;
  group.observations.push_back(RtpUpsert(IdOf(1), 100));
  for (const uint32_t copies : {2, 3, 1}) {
    v1::StreamReport report;
    report.set_time_ns(copies);
    report.mutable_statistics()->set_mirror_copies(copies);
    group.reports.push_back({IdOf(1), report});
  }
  MustCommit(group);
  group.reports.erase(group.reports.begin(), group.reports.begin() + 2);
  MustCommit(group);
  EXPECT_EQ(Get(IdOf(1)).tally.statistics().mirror_copies(), 3u);
}

TEST_P(FactStoreContract, EndOfTheCaptureMakesFinalWhatIsNotLater) {
  constexpr int64_t kSecond = 1'000'000'000;
  CommitGroup group;
  group.observations.push_back(DialogUpsert(IdOf(1), 10 * kSecond));
  group.observations.push_back(DialogUpsert(IdOf(2), 13 * kSecond));
  group.capture_ends = {{"s1", "eth0", 11 * kSecond},
                        {"s1", "eth0", 10 * kSecond},
                        {"s1", "eth1", 99 * kSecond},
                        {"s2", "eth0", 99 * kSecond}};
  MustCommit(group);
  EXPECT_TRUE(Get(IdOf(1)).observation.final());
  EXPECT_FALSE(Get(IdOf(2)).observation.final());
}

TEST_P(FactStoreContract, FindsByTokenNewestFirst) {
  File(5, IdOf(1), 100);
  File(5, IdOf(2), 300);
  File(5, IdOf(3), 200);
  File(6, IdOf(4), 200);
  EXPECT_THAT(Find(5, 0, 1000),
              testing::ElementsAre(IdOf(2), IdOf(3), IdOf(1)));
  EXPECT_THAT(Find(5, 100, 200), testing::ElementsAre(IdOf(3), IdOf(1)));
  EXPECT_THAT(Find(5, 0, 1000, 1), testing::ElementsAre(IdOf(2)));
  EXPECT_THAT(Find(7, 0, 1000), testing::IsEmpty());
}

TEST_P(FactStoreContract, FindsByTokenAtTheEndsOfTime) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const Token last = std::numeric_limits<Token>::max();
  File(last, IdOf(1), kMin);
  File(last, IdOf(2), -5);
  File(last, IdOf(3), kMax);
  EXPECT_THAT(Find(last, kMin, kMax),
              testing::ElementsAre(IdOf(3), IdOf(2), IdOf(1)));
  EXPECT_THAT(Find(last, -10, 10), testing::ElementsAre(IdOf(2)));
}

TEST_P(FactStoreContract, FiledTwiceIsFoundOnce) {
  File(5, IdOf(1), 100);
  File(5, IdOf(1), 100);
  EXPECT_THAT(Find(5, 0, 1000), testing::ElementsAre(IdOf(1)));
}

TEST_P(FactStoreContract, WhatChangedIsUnsettledUntilSettled) {
  CommitGroup group;
  group.observations = {DialogUpsert(IdOf(1)), DialogUpsert(IdOf(2))};
  MustCommit(group);
  EXPECT_THAT(Unsettled(), testing::UnorderedElementsAre(IdOf(1), IdOf(2)));
  CallChange change;
  change.settled = {IdOf(1), IdOf(3)};
  change.read_at = facts().LastCommit();
  MustApply(change);
  EXPECT_THAT(Unsettled(), testing::ElementsAre(IdOf(2)));
}

TEST_P(FactStoreContract, WhatIsUnsettledComesByItsFirstTime) {
  CommitGroup group;
  group.observations = {DialogUpsert(IdOf(1), 300), DialogUpsert(IdOf(2), -5),
                        DialogUpsert(IdOf(3), 100)};
  MustCommit(group);
  EXPECT_THAT(Unsettled(), testing::ElementsAre(IdOf(2), IdOf(3), IdOf(1)));
  // Whatever changed last.
  group.observations.resize(1);
  group.observations[0].observation.reset();
  MustCommit(group);
  EXPECT_THAT(Unsettled(), testing::ElementsAre(IdOf(2), IdOf(3), IdOf(1)));
}

TEST_P(FactStoreContract, ACallThatIsOpenAgainHasAnUnsettledMember) {
  CommitGroup group;
  group.observations = {DialogUpsert(IdOf(1)), DialogUpsert(IdOf(2))};
  MustCommit(group);
  CallChange change;
  change.settled = {IdOf(1), IdOf(2)};
  change.read_at = facts().LastCommit();
  store::v1::CallRecord& record = change.records.emplace_back();
  record.mutable_call()->set_id(IdOf(1).ToHex());
  for (const int number : {1, 2}) {
    record.add_members(std::string(IdOf(number).bytes()));
  }
  record.set_settled(true);
  MustApply(change);
  EXPECT_THAT(Unsettled(), testing::IsEmpty());
  // Its sensor goes on after all.
  change.settled.clear();
  record.set_settled(false);
  MustApply(change);
  EXPECT_THAT(Unsettled(), testing::ElementsAre(IdOf(1)));
  change.settled = {IdOf(1), IdOf(2)};
  record.set_settled(true);
  MustApply(change);
  EXPECT_THAT(Unsettled(), testing::IsEmpty());
}

TEST_P(FactStoreContract, WhatChangedSinceItWasReadStaysUnsettled) {
  CommitGroup group;
  group.observations = {DialogUpsert(IdOf(1))};
  MustCommit(group);
  CallChange change;
  change.settled = {IdOf(1)};
  change.read_at = facts().LastCommit();
  // Ingest is quicker than the correlator.
  group.observations[0].observation.reset();
  MustCommit(group);
  MustApply(change);
  EXPECT_THAT(Unsettled(), testing::ElementsAre(IdOf(1)));
  change.read_at = facts().LastCommit();
  MustApply(change);
  EXPECT_THAT(Unsettled(), testing::IsEmpty());
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_FACT_STORE_CONTRACT_H_
