#include "collector/access/audit_log.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

v1::AccessConfig Config(uint32_t entries = 1000) {
  v1::AccessConfig config;
  config.set_audit_days(10);
  config.set_audit_entries(entries);
  return config;
}

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() { EXPECT_TRUE(log_.Load().ok()); }

  void Append(const std::string& user, const std::string& target = "") {
    Caller caller;
    caller.name = user;
    ASSERT_TRUE(log_.Append(EntryOf(caller, v1::AUDIT_ACT_LISTEN, target,
                                    absl::OkStatus()))
                    .ok());
  }
  v1::ListAuditResponse List(const v1::ListAuditRequest& request = {}) {
    const auto page = log_.List(request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? *page : v1::ListAuditResponse();
  }
  static std::vector<uint64_t> Sequences(const v1::ListAuditResponse& page) {
    std::vector<uint64_t> sequences;
    for (const auto& entry : page.entries()) {
      sequences.push_back(entry.sequence());
    }
    return sequences;
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  AuditLog log_{Config(), store_.access(), clock_};
};

TEST_F(AuditLogTest, ListsNewestFirstByPages) {
  for (int i = 0; i < 5; ++i) Append("ann");
  v1::ListAuditRequest request;
  request.set_page_size(2);
  std::vector<uint64_t> all;
  do {
    const v1::ListAuditResponse page = List(request);
    for (const uint64_t sequence : Sequences(page)) all.push_back(sequence);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(all, ElementsAre(5, 4, 3, 2, 1));
}

TEST_F(AuditLogTest, ListsByTimeUserAndTarget) {
  Append("ann", "call1");
  clock_.Advance(kSecond);
  const auto second =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(clock_.WallNs());
  Append("bob", "call1");
  clock_.Advance(kSecond);
  Append("ann", "call2");
  v1::ListAuditRequest request;
  request.set_user("ann");
  EXPECT_THAT(Sequences(List(request)), ElementsAre(3, 1));
  request.set_target("call1");
  EXPECT_THAT(Sequences(List(request)), ElementsAre(1));
  request.Clear();
  *request.mutable_from() = second;
  EXPECT_THAT(Sequences(List(request)), ElementsAre(3, 2));
  *request.mutable_before() = second;
  EXPECT_THAT(Sequences(List(request)), ElementsAre());
  request.clear_from();
  EXPECT_THAT(Sequences(List(request)), ElementsAre(1));
  request.mutable_from()->set_nanos(-1);
  EXPECT_TRUE(absl::IsInvalidArgument(log_.List(request).status()));
}

TEST_F(AuditLogTest, GoesOnWhereItEnded) {
  Append("ann");
  AuditLog next(Config(), store_.access(), clock_);
  ASSERT_TRUE(next.Load().ok());
  ASSERT_TRUE(next.Append(v1::AuditEntry()).ok());
  EXPECT_THAT(Sequences(List()), ElementsAre(2, 1));
}

TEST_F(AuditLogTest, SaysWhenItCannotBeWritten) {
  store_.FailCommitsWith(absl::UnavailableError("full"), 1);
  const absl::Status status = log_.Append(v1::AuditEntry());
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("full"));
  Append("ann");
  EXPECT_THAT(Sequences(List()), ElementsAre(1)) << "no gap";
}

TEST_F(AuditLogTest, AnActAndItsNoteAreOneChange) {
  AccessChange change;
  change.tokens.emplace_back().set_hash("hash");
  store_.FailCommitsWith(absl::UnavailableError("full"), 1);
  EXPECT_FALSE(log_.Append(v1::AuditEntry(), change).ok());
  EXPECT_TRUE(store_.access().ListTokens()->empty());
  EXPECT_TRUE(log_.Append(v1::AuditEntry(), change).ok());
  EXPECT_EQ(store_.access().ListTokens()->size(), 1u);
}

TEST_F(AuditLogTest, CutsTheOldestAndSaysSo) {
  for (int i = 0; i < 1020; ++i) Append("ann");
  ASSERT_TRUE(log_.Cut().ok());
  v1::ListAuditRequest request;
  request.set_page_size(1000);
  const v1::ListAuditResponse page = List(request);
  EXPECT_EQ(page.cut(), 20u);
  EXPECT_EQ(page.entries(0).act(), v1::AUDIT_ACT_CUT);
  EXPECT_THAT(page.entries(0).detail(),
              testing::StartsWith("20 entries, up to number 20 of "));
  EXPECT_EQ(page.entries(0).sequence(), 1021u);
  // A little more than the limit is left alone: each cut is a note.
  ASSERT_TRUE(log_.Cut().ok());
  EXPECT_EQ(List().entries(0).sequence(), 1021u);
  AuditLog next(Config(), store_.access(), clock_);
  ASSERT_TRUE(next.Load().ok());
  EXPECT_EQ(next.List(request)->cut(), 20u);
}

TEST_F(AuditLogTest, CutsWhatIsTooOld) {
  Append("ann");
  clock_.Advance(5 * kDay);
  Append("ann");
  ASSERT_TRUE(log_.Cut().ok());
  EXPECT_EQ(List().cut(), 0u);
  clock_.Advance(6 * kDay);
  ASSERT_TRUE(log_.Cut().ok());
  EXPECT_EQ(List().cut(), 1u);
  EXPECT_THAT(Sequences(List()), ElementsAre(3, 2));
}

TEST_F(AuditLogTest, TakesNoMoreFromOutsideThanItMust) {
  Append(std::string(10'000, 'x'), "a\nb\xff");
  const v1::AuditEntry entry = List().entries(0);
  EXPECT_EQ(entry.user().size(), 128u);
  EXPECT_EQ(entry.target(), "a?b?");
}

}  // namespace
}  // namespace callbraid::collector
