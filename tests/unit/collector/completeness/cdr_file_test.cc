#include "collector/completeness/cdr_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// 2026-11-27 09:00:00 UTC.
const absl::Time kNine = absl::FromUnixSeconds(1795770000);

CdrFile MustParse(std::string_view text, const CdrFileOptions& options = {}) {
  auto file = ParseCdrFile(text, options);
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? *std::move(file) : CdrFile();
}

std::string Failure(std::string_view text, const CdrFileOptions& options = {}) {
  const auto file = ParseCdrFile(text, options);
  EXPECT_TRUE(absl::IsInvalidArgument(file.status())) << file.status();
  return std::string(file.status().message());
}

// As cdr_csv writes Master.csv: no titles, every text in quotes.
TEST(CdrFile, ReadsAsterisk) {
  const CdrFile file = MustParse(
      "\"\",\"101\",\"0049301234\",\"from-internal\",\"\"\"Ann\"\" <101>\","
      "\"PJSIP/101-00000001\",\"PJSIP/trunk-00000002\",\"Dial\",\"PJSIP/1\","
      "\"2026-11-27 09:00:00\",\"2026-11-27 09:00:04\",\"2026-11-27 "
      "09:01:19\",79,75,\"ANSWERED\",\"DOCUMENTATION\",\"1795770000.1\",\"\"\n"
      "\"\",\"102\",\"103\",\"from-internal\",\"102\",\"PJSIP/102-3\",\"\","
      "\"Dial\",\"\",\"2026-11-27 09:05:00\",,\"2026-11-27 09:05:20\",20,0,"
      "\"NO ANSWER\",\"DOCUMENTATION\",\"1795770300.3\",\"\"\n");
  EXPECT_EQ(file.layout, "Asterisk");
  ASSERT_EQ(file.rows.size(), 2u);
  EXPECT_EQ(file.rows[0].record, 1u);
  EXPECT_EQ(file.rows[0].caller, "101");
  EXPECT_EQ(file.rows[0].callee, "0049301234");
  EXPECT_EQ(file.rows[0].start, kNine);
  EXPECT_TRUE(file.rows[0].answered);
  EXPECT_EQ(file.rows[0].talk, absl::Seconds(75));
  EXPECT_EQ(file.rows[0].id, "1795770000.1");
  EXPECT_FALSE(file.rows[1].answered);
  EXPECT_EQ(file.rows[1].talk, absl::ZeroDuration());
}

TEST(CdrFile, ReadsFreeSwitch) {
  const CdrFile file = MustParse(
      "\"Ann\",\"1001\",\"1002\",\"default\",\"2026-11-27 09:00:00\","
      "\"2026-11-27 09:00:02\",\"2026-11-27 09:00:12\",\"12\",\"10\","
      "\"NORMAL_CLEARING\",\"a-uuid\",\"b-uuid\",\"1001\"\n"
      "\"Ann\",\"1001\",\"1003\",\"default\",\"2026-11-27 09:01:00\",\"\","
      "\"2026-11-27 09:01:12\",\"12\",\"0\",\"NO_ANSWER\",\"c-uuid\",\"\",\"\""
      "\n");
  EXPECT_EQ(file.layout, "FreeSWITCH");
  ASSERT_EQ(file.rows.size(), 2u);
  EXPECT_EQ(file.rows[0].talk, absl::Seconds(10));
  EXPECT_EQ(file.rows[0].callee, "1002");
  EXPECT_FALSE(file.rows[1].answered);
}

// Titles, then a line of types; times are epoch seconds, 0 where there is none.
TEST(CdrFile, ReadsCiscoUcm) {
  const CdrFile file = MustParse(
      "\"cdrRecordType\",\"globalCallID_callId\",\"dateTimeOrigination\","
      "\"callingPartyNumber\",\"originalCalledPartyNumber\","
      "\"finalCalledPartyNumber\",\"dateTimeConnect\",\"dateTimeDisconnect\","
      "\"duration\"\n"
      "INTEGER,INTEGER,INTEGER,VARCHAR(50),VARCHAR(50),VARCHAR(50),INTEGER,"
      "INTEGER,INTEGER\n"
      "1,17,1795770000,\"4001\",\"4002\",\"4002\",1795770003,1795770033,30\n"
      "1,18,1795770100,\"4001\",\"4003\",\"4003\",0,1795770110,0\n");
  EXPECT_EQ(file.layout, "Cisco UCM");
  ASSERT_EQ(file.rows.size(), 2u);
  EXPECT_EQ(file.unread, 1u);
  EXPECT_EQ(file.first_unread, 2u);
  EXPECT_EQ(file.rows[0].record, 3u);
  EXPECT_EQ(file.rows[0].start, kNine);
  EXPECT_EQ(file.rows[0].talk, absl::Seconds(30));
  EXPECT_EQ(file.rows[0].id, "17");
  EXPECT_FALSE(file.rows[1].answered);
}

TEST(CdrFile, ReadsTitlesOfAnyPbx) {
  const CdrFile file = MustParse(
      "\xef\xbb\xbf"
      "Start Time;Caller ID Number;Destination;Talk Time;Status\r\n"
      "27.11.2026 09:00:00;\"+49 (30) 12-34\";sip:bob@example.com;0:01:15;"
      "answered\r\n");
  EXPECT_EQ(file.layout, "with titles");
  ASSERT_EQ(file.rows.size(), 1u);
  EXPECT_EQ(file.rows[0].caller, "+49301234");
  EXPECT_EQ(file.rows[0].callee, "bob");
  EXPECT_EQ(file.rows[0].start, kNine);
  EXPECT_EQ(file.rows[0].talk, absl::Seconds(75));
}

TEST(CdrFile, TakesTimesInTheZoneThatIsGiven) {
  CdrFileOptions options;
  options.zone = absl::FixedTimeZone(3600);
  const CdrFile file = MustParse(
      "start,src,dst\n2026-11-27 10:00:00,1,2\n2026-11-27T09:00:00Z,1,2\n"
      "1795770000,1,2\n1795770000000,1,2\n",
      options);
  ASSERT_EQ(file.rows.size(), 4u);
  for (const CdrRow& row : file.rows) EXPECT_EQ(row.start, kNine);
}

TEST(CdrFile, GoesByTheColumnsThatAreSaid) {
  CdrFileOptions options;
  options.columns = "caller=2,callee=3,start=1,talk=4";
  options.time_format = "%m/%d/%y %H:%M";
  const std::string rows = "11/27/26 09:00,a@x,b@x,12.5\n";
  EXPECT_EQ(MustParse(rows, options).rows[0].talk, absl::Milliseconds(12500));
  options.columns = "caller=Who,callee=Whom,start=When,talk=Paid";
  const CdrFile file = MustParse("When,Who,Whom,Paid\n" + rows, options);
  ASSERT_EQ(file.rows.size(), 1u);
  EXPECT_EQ(file.rows[0].caller, "a");
  EXPECT_TRUE(file.rows[0].answered);
}

TEST(CdrFile, SaysWhatIsWrong) {
  EXPECT_EQ(Failure(""), "cdr: it is empty");
  EXPECT_THAT(Failure("a,b,c\n1,2,3\n"),
              AllOf(StartsWith("columns: "), HasSubstr("caller=2")));
  EXPECT_THAT(Failure("start,src\n11/27/2026 9:00,1\n"),
              StartsWith("time_format: "));
  EXPECT_THAT(Failure("start,src\n\"2026-11-27 09:00:00,1\n"),
              AllOf(StartsWith("cdr: "),
                    HasSubstr("a quote that does not fit in record 2")));
  EXPECT_THAT(Failure("a,b\n", {.columns = "caller=3"}),
              HasSubstr("no column 3; the file has 1 to 2"));
  EXPECT_THAT(Failure("a,b\n", {.columns = "who=1"}),
              HasSubstr("no field 'who'; there are caller, callee, start"));
  EXPECT_THAT(Failure("a,b\n", {.columns = "start=c"}),
              HasSubstr("no column is called 'c'"));
}

TEST(CdrFile, IsBounded) {
  EXPECT_THAT(Failure(std::string(kMaxCdrBytes + 1, '\n')),
              HasSubstr("more than 3 MiB"));
  std::string many = "start,src\n";
  for (size_t i = 0; i < kMaxCdrRecords; ++i) many += "1795770000,1\n";
  EXPECT_THAT(Failure(many), HasSubstr("more than 100000 records"));
  many.resize(many.size() - std::string("1795770000,1\n").size());
  EXPECT_EQ(MustParse(many).rows.size(), kMaxCdrRecords - 1);
  EXPECT_THAT(Failure("start,src" + std::string(255, ',') + "\n"),
              HasSubstr("record 1 has more than 256 fields"));
}

// What goes into an answer of the API must be text, and no longer than it says.
TEST(CdrFile, KeepsTextsThatCanBeTold) {
  const CdrFile file = MustParse("start,src,id\n1795770000,J\xfcrgen,\xff" +
                                 std::string(100, 'x') + "\n");
  EXPECT_EQ(file.rows[0].caller, "j?rgen");
  EXPECT_EQ(file.rows[0].id, "?" + std::string(63, 'x'));
}

TEST(CdrFile, TakesNoAbsurdNumbers) {
  const CdrFile file = MustParse(
      "start,src,billsec\n1795770000,1,nan\n1795770000,1,-5\n"
      "1795770000,1,1e300\n1795770000,1,1:2:3:4\n1e300,1,5\nnan,1,5\n");
  ASSERT_EQ(file.rows.size(), 4u);
  for (const CdrRow& row : file.rows) {
    EXPECT_FALSE(row.answered);
    EXPECT_EQ(row.talk, absl::ZeroDuration());
  }
  EXPECT_EQ(file.unread, 2u);
}

}  // namespace
}  // namespace callbraid::collector
