#include "collector/ingest/sensor_session.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr uint64_t kWindow = 1000;

v1::Hello SomeHello() {
  v1::Hello hello;
  hello.set_sensor_id("s1");
  hello.set_site("here");
  hello.add_capture_points()->set_name("eth0");
  hello.add_spools()->set_spool_id(5);
  hello.add_spools()->set_spool_id(6);
  return hello;
}

v1::FrameBatch Batch(uint64_t first, int frames, uint64_t discarded = 0) {
  v1::FrameBatch batch;
  batch.set_spool_id(5);
  batch.set_first_sequence(first);
  batch.set_discarded_before(discarded);
  for (int i = 0; i < frames; ++i) batch.add_frames();
  return batch;
}

SensorSession Session(uint64_t watermark = 0) {
  return SensorSession(SomeHello(), {{"s1", 5, watermark}, {"s1", 6, 0}},
                       kWindow);
}

TEST(CheckHello, TakesWhatKeepsTheRules) {
  EXPECT_TRUE(CheckHello(SomeHello()).ok());
}

TEST(CheckHello, NamesTheFieldThatBreaksThem) {
  const auto refused = [](const std::function<void(v1::Hello&)>& change) {
    v1::Hello hello = SomeHello();
    change(hello);
    const absl::Status status = CheckHello(hello);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_NE(
      refused([](v1::Hello& h) { h.set_sensor_id(""); }).find("sensor_id"),
      std::string::npos);
  EXPECT_NE(
      refused([](v1::Hello& h) { h.set_sensor_id("a b"); }).find("sensor_id"),
      std::string::npos);
  EXPECT_NE(refused([](v1::Hello& h) {
              h.set_site(std::string(65, 'a'));
            }).find("site"),
            std::string::npos);
  refused([](v1::Hello& h) { h.add_spools()->set_spool_id(0); });
  refused([](v1::Hello& h) { h.add_spools()->set_spool_id(5); });
  refused([](v1::Hello& h) {
    for (uint64_t i = 10; i < 20; ++i) h.add_spools()->set_spool_id(i);
  });
  refused([](v1::Hello& h) { h.add_capture_points(); });
  refused([](v1::Hello& h) {
    h.add_capture_points()->set_name(std::string(129, 'a'));
  });
  refused([](v1::Hello& h) {
    h.add_capture_points()->set_name(std::string("a\0b", 3));
  });
  refused([](v1::Hello& h) {
    for (int i = 0; i < 64; ++i) h.add_capture_points()->set_name("x");
  });
}

TEST(SensorSession, WelcomesWithWhereToGoOn) {
  const v1::Welcome welcome = Session(41).Welcome("1.2.3", 77);
  EXPECT_EQ(welcome.version(), "1.2.3");
  EXPECT_EQ(welcome.clock_ns(), 77);
  ASSERT_EQ(welcome.watermarks_size(), 2);
  EXPECT_EQ(welcome.watermarks(0).spool_id(), 5u);
  EXPECT_EQ(welcome.watermarks(0).received(), 41u);
  EXPECT_EQ(welcome.watermarks(0).stored(), 41u);
  EXPECT_EQ(welcome.watermarks(1).stored(), 0u);
  EXPECT_EQ(welcome.credit().bytes(), kWindow);
}

TEST(SensorSession, AcknowledgesAfterTheCommitAndNotBefore) {
  SensorSession session = Session();
  EXPECT_EQ(*session.Accept(Batch(1, 3), 10), 0);
  EXPECT_EQ(*session.Accept(Batch(4, 2), 10), 0);
  const auto uncommitted = session.Uncommitted();
  ASSERT_EQ(uncommitted.size(), 1u);
  EXPECT_EQ(uncommitted[0].sensor, "s1");
  EXPECT_EQ(uncommitted[0].spool_id, 5u);
  EXPECT_EQ(uncommitted[0].sequence, 5u);
  const v1::Ack ack = session.Committed(/*give_credit=*/true).ack;
  ASSERT_EQ(ack.watermarks_size(), 1);
  EXPECT_EQ(ack.watermarks(0).stored(), 5u);
  EXPECT_TRUE(session.Uncommitted().empty());
  EXPECT_EQ(session.Committed(/*give_credit=*/true).ack.watermarks_size(), 0);
}

TEST(SensorSession, TakesARepeatedFrameOnce) {
  SensorSession session = Session(10);
  EXPECT_EQ(*session.Accept(Batch(9, 4), 10), 2);
  EXPECT_EQ(*session.Accept(Batch(9, 4), 10), 4);
  EXPECT_EQ(*session.Accept(Batch(1, 5), 10), 5);
  EXPECT_EQ(session.Uncommitted()[0].sequence, 12u);
}

TEST(SensorSession, TellsASensorAgainThatRepeatsItself) {
  SensorSession session = Session(10);
  EXPECT_EQ(*session.Accept(Batch(1, 5), 10), 5);
  const v1::Ack ack = session.Committed(/*give_credit=*/true).ack;
  ASSERT_EQ(ack.watermarks_size(), 1);
  EXPECT_EQ(ack.watermarks(0).stored(), 10u);
}

TEST(SensorSession, RefusesAGapThatIsNotAnnounced) {
  SensorSession session = Session(10);
  EXPECT_TRUE(
      absl::IsInvalidArgument(session.Accept(Batch(12, 1), 1).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(session.Accept(Batch(14, 1, 2), 1).status()));
  EXPECT_EQ(session.discarded_frames(), 0u);
}

TEST(SensorSession, TakesAGapThatIsAnnouncedAndCountsIt) {
  SensorSession session = Session(10);
  EXPECT_EQ(*session.Accept(Batch(14, 2, 3), 1), 0);
  EXPECT_EQ(session.discarded_frames(), 3u);
  // Some of what the spool discarded had come before.
  EXPECT_EQ(*session.Accept(Batch(20, 1, 12), 1), 0);
  EXPECT_EQ(session.discarded_frames(), 7u);
}

TEST(SensorSession, RefusesBatchesThatMakeNoSense) {
  SensorSession session = Session();
  v1::FrameBatch batch = Batch(1, 1);
  batch.set_spool_id(7);
  EXPECT_FALSE(session.Accept(batch, 1).ok());
  EXPECT_FALSE(session.Accept(Batch(1, 0), 1).ok());
  EXPECT_FALSE(session.Accept(Batch(0, 1), 1).ok());
  EXPECT_FALSE(session.Accept(Batch(1, 4097), 1).ok());
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  EXPECT_FALSE(session.Accept(Batch(kMax, 2, kMax), 1).ok());
  EXPECT_TRUE(session.Uncommitted().empty());
}

TEST(SensorSession, GivesCreditAsCommitsProceed) {
  SensorSession session = Session();
  ASSERT_TRUE(session.Accept(Batch(1, 1), 100).ok());
  // Not worth a message.
  EXPECT_EQ(session.Committed(/*give_credit=*/true).credit.bytes(), 0u);
  ASSERT_TRUE(session.Accept(Batch(2, 1), 200).ok());
  EXPECT_EQ(session.Committed(/*give_credit=*/true).credit.bytes(),
            300 + kWindow);
}

TEST(SensorSession, AcknowledgesWithoutCreditWhatASensorInArrearsSent) {
  SensorSession session = Session();
  ASSERT_TRUE(session.Accept(Batch(1, 1), 300).ok());
  const auto held = session.Committed(/*give_credit=*/false);
  EXPECT_EQ(held.ack.watermarks_size(), 1);
  EXPECT_EQ(held.credit.bytes(), 0u);
  EXPECT_EQ(session.Committed(/*give_credit=*/true).credit.bytes(),
            300 + kWindow);
}

}  // namespace
}  // namespace callbraid::collector
