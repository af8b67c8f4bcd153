#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(JudgeFrames, SeesFramesThatAnOffloadPutTogether) {
  PointFacts point = MakePoint();
  point.window.mutable_census()->set_oversize_frames(3);
  point.window.mutable_census()->set_longest_frame(9000);
  point.window.mutable_interface()->set_gro(true);
  const Verdicts verdicts = JudgeFrames(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_MERGED_FRAMES));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("up to 9,000 bytes"));
  EXPECT_THAT(verdicts[0].commands(),
              ElementsAre("ethtool -K span0 gro off lro off"));
  EXPECT_EQ(verdicts[0].evidence(2).text(), "GRO is on");
}

TEST(JudgeFrames, DoesNotMindAnOffloadThatDoesNoHarm) {
  PointFacts point = MakePoint();
  point.window.mutable_interface()->set_gro(true);
  point.window.mutable_interface()->set_lro(true);
  EXPECT_THAT(JudgeFrames(MakeFacts(point)), IsEmpty());
}

TEST(JudgeFrames, NotesPartialChecksums) {
  PointFacts point = MakePoint();
  point.window.mutable_census()->set_checksums_checked(100);
  point.window.mutable_census()->set_checksums_partial(40);
  const Verdicts verdicts = JudgeFrames(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_PARTIAL_CHECKSUMS));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_NOTE);
  EXPECT_THAT(verdicts[0].text(), HasSubstr("40.0 %"));
}

TEST(JudgeFrames, WarnsOfWrongChecksums) {
  PointFacts point = MakePoint();
  point.window.mutable_census()->set_checksums_checked(1000);
  point.window.mutable_census()->set_checksums_bad(2);
  EXPECT_THAT(JudgeFrames(MakeFacts(point)), IsEmpty());
  point.window.mutable_census()->set_checksums_bad(9);
  EXPECT_THAT(JudgeFrames(MakeFacts(point)), IsEmpty());
  point.window.mutable_census()->set_checksums_bad(10);
  EXPECT_THAT(KindsOf(JudgeFrames(MakeFacts(point))),
              ElementsAre(v1::VERDICT_KIND_BAD_CHECKSUMS));
}

TEST(JudgeFrames, SeesFramesThatWereCut) {
  PointFacts point = MakePoint();
  point.point.set_snaplen(128);
  point.window.mutable_census()->set_truncated_frames(4);
  point.window.mutable_census()->set_longest_truncated_frame(1200);
  const Verdicts verdicts = JudgeFrames(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_FRAMES_CUT));
  EXPECT_EQ(EvidenceOf(verdicts[0], "capture.snaplen"), 128);
  EXPECT_THAT(verdicts[0].commands(), Contains("capture: {snaplen: 2048}"));
}

TEST(JudgeFrames, TellsHowAFileIsCapturedAgain) {
  PointFacts point = MakePoint("s1", v1::CAPTURE_KIND_FILE);
  point.window.mutable_census()->set_truncated_frames(4);
  EXPECT_THAT(JudgeFrames(MakeFacts(point))[0].commands(),
              ElementsAre("tcpdump -s 0 -w FILE"));
}

}  // namespace
}  // namespace callbraid::collector
