#include "collector/alerts/alert_rules.h"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kNowS = 1'795'770'000;
constexpr int64_t kDayS = 24 * 3600;

// "SENSOR_AWAY berlin s1 -".
std::vector<std::string> Told(const AlertFacts& facts) {
  std::vector<std::string> told;
  for (const v1::Alert& alert : JudgeAlerts(facts)) {
    EXPECT_NE(alert.text(), "");
    EXPECT_NE(alert.cure(), "");
    EXPECT_NE(alert.severity(), v1::SEVERITY_UNSPECIFIED);
    const auto or_dash = [](const std::string& text) {
      return text.empty() ? "-" : text;
    };
    told.push_back(absl::StrCat(
        v1::AlertKind_Name(alert.kind()).substr(11), " ", or_dash(alert.site()),
        " ", or_dash(alert.sensor()), " ", or_dash(alert.capture_point())));
  }
  return told;
}

// A sensor that listens at eth0 and has read a file.
AlertFacts Site() {
  AlertFacts facts;
  facts.now_ns = kNowS * 1'000'000'000;
  v1::Sensor& sensor = facts.sensors.emplace_back();
  sensor.set_id("s1");
  sensor.set_site("berlin");
  sensor.set_connected(true);
  for (const auto& [name, kind] :
       {std::pair("eth0", v1::CAPTURE_KIND_INTERFACE),
        std::pair("old.pcap", v1::CAPTURE_KIND_FILE)}) {
    v1::CapturePoint& point =
        *sensor.add_capture_points()->mutable_capture_point();
    point.set_name(name);
    point.set_kind(kind);
  }
  return facts;
}

void AddVerdict(v1::VerdictKind kind, const std::string& point,
                AlertFacts& facts, const std::string& text = "It is so.") {
  v1::Verdict& verdict = *facts.diagnosis.add_verdicts();
  verdict.set_kind(kind);
  verdict.set_severity(v1::SEVERITY_PROBLEM);
  verdict.set_site("berlin");
  verdict.set_sensor("s1");
  verdict.set_capture_point(point);
  verdict.set_text(text);
  verdict.set_cure("Mend it.");
}

TEST(JudgeAlerts, SaysNothingWhereAllIsWell) {
  EXPECT_THAT(Told(Site()), IsEmpty());
}

TEST(JudgeAlerts, GoesByTheDoctor) {
  AlertFacts facts = Site();
  AddVerdict(v1::VERDICT_KIND_SENSOR_AWAY, "", facts);
  AddVerdict(v1::VERDICT_KIND_ONE_DIRECTION, "eth0", facts);
  AddVerdict(v1::VERDICT_KIND_KERNEL_DROPS, "eth0", facts, "The worst.");
  AddVerdict(v1::VERDICT_KIND_INTERFACE_DROPS, "eth0", facts);
  AddVerdict(v1::VERDICT_KIND_SPOOL_OVERFLOW, "", facts);
  // Good to know, but no alarm.
  AddVerdict(v1::VERDICT_KIND_EVERYTHING_TWICE, "eth0", facts);
  // A file stays as it was.
  AddVerdict(v1::VERDICT_KIND_KERNEL_DROPS, "old.pcap", facts);
  EXPECT_THAT(Told(facts), ElementsAre("SENSOR_AWAY berlin s1 -",
                                       "SPOOL_FILLING berlin s1 -",
                                       "MIRROR_FAULT berlin s1 eth0",
                                       "CAPTURE_LOSS berlin s1 eth0"));
  EXPECT_EQ(JudgeAlerts(facts).back().text(), "The worst.");
}

TEST(JudgeAlerts, LeavesRevokedSensorsAlone) {
  AlertFacts facts = Site();
  AddVerdict(v1::VERDICT_KIND_SENSOR_AWAY, "", facts);
  v1::SensorTrust& trust = *facts.sensors[0].mutable_trust();
  trust.mutable_certificate_expire_time()->set_seconds(kNowS - 1);
  trust.mutable_revoke_time()->set_seconds(kNowS - 1);
  EXPECT_THAT(Told(facts), IsEmpty());
}

TEST(JudgeAlerts, TellsOfCertificatesInTime) {
  AlertFacts facts = Site();
  auto& expires =
      *facts.sensors[0].mutable_trust()->mutable_certificate_expire_time();
  expires.set_seconds(kNowS + 14 * kDayS);
  facts.certificates = {{"tls.cert", kNowS + 14 * kDayS}};
  EXPECT_THAT(Told(facts), IsEmpty());
  expires.set_seconds(kNowS + 14 * kDayS - 1);
  facts.certificates[0].to_s = kNowS - 1;
  EXPECT_THAT(Told(facts), ElementsAre("CERTIFICATE_EXPIRES - - -",
                                       "CERTIFICATE_EXPIRES berlin s1 -"));
  EXPECT_THAT(JudgeAlerts(facts)[0].text(), HasSubstr("tls.cert) has expired"));
  EXPECT_THAT(JudgeAlerts(facts)[1].text(),
              HasSubstr("expires in 13 days and 23 hours"));
  // Each of the collector's by itself.
  facts.certificates.push_back({"web.cert", kNowS + kDayS});
  EXPECT_THAT(Told(facts), ElementsAre("CERTIFICATE_EXPIRES - - -",
                                       "CERTIFICATE_EXPIRES - - -",
                                       "CERTIFICATE_EXPIRES berlin s1 -"));
  EXPECT_EQ(JudgeAlerts(facts)[1].setting(), "web.cert");
}

TEST(JudgeAlerts, TellsOfSpoolsAndDisksBeforeTheyAreFull) {
  AlertFacts facts = Site();
  v1::SpoolState& spool = *facts.sensors[0].add_spools();
  spool.set_limit_bytes(1000);
  spool.set_bytes(700);
  facts.disk_bytes = uint64_t{100} << 30;
  facts.disk_free_bytes = uint64_t{10} << 30;
  EXPECT_THAT(Told(facts), IsEmpty());
  spool.set_bytes(701);
  facts.disk_free_bytes = uint64_t{9} << 30;
  EXPECT_THAT(Told(facts),
              ElementsAre("SPOOL_FILLING berlin s1 -", "DISK_FILLING - - -"));
  EXPECT_THAT(JudgeAlerts(facts).back().text(), HasSubstr("9.0 of 100.0 GiB"));
}

TEST(JudgeAlerts, ComparesCompletenessWithWhatIsAskedFor) {
  AlertFacts facts = Site();
  facts.min_whole_percent = 95;
  for (const auto& [site, whole] :
       {std::pair("berlin", 18), std::pair("bonn", 19)}) {
    v1::DayCompleteness& day = facts.completeness.emplace_back();
    day.set_site(site);
    day.set_answered(20);
    v1::WholenessCount& count = *day.add_counts();
    count.set_wholeness(v1::WHOLENESS_WHOLE);
    count.set_calls(whole);
  }
  EXPECT_THAT(Told(facts), ElementsAre("INCOMPLETE berlin - -"));
  // Too few to say.
  facts.completeness[0].set_answered(19);
  EXPECT_THAT(Told(facts), IsEmpty());
  // What retention took was perhaps whole.
  facts.completeness[0].set_answered(20);
  v1::WholenessCount& deleted = *facts.completeness[0].add_counts();
  deleted.set_wholeness(v1::WHOLENESS_MEDIA_DELETED);
  deleted.set_calls(1);
  EXPECT_THAT(Told(facts), IsEmpty());
}

TEST(UnknownOf, HasWhatNothingNewIsKnownOf) {
  AlertFacts facts = Site();
  v1::Alert loss;
  loss.set_kind(v1::ALERT_KIND_CAPTURE_LOSS);
  loss.set_sensor("s1");
  v1::Alert incomplete;
  incomplete.set_kind(v1::ALERT_KIND_INCOMPLETE);
  incomplete.set_site("berlin");
  EXPECT_FALSE(UnknownOf(facts).Has(loss));
  facts.sensors[0].set_connected(false);
  EXPECT_TRUE(UnknownOf(facts).Has(loss));
  // Nobody asks for shares.
  EXPECT_FALSE(UnknownOf(facts).Has(incomplete));
  facts.min_whole_percent = 95;
  EXPECT_TRUE(UnknownOf(facts).Has(incomplete));
  v1::DayCompleteness& day = facts.completeness.emplace_back();
  day.set_site("berlin");
  day.set_answered(19);
  EXPECT_TRUE(UnknownOf(facts).Has(incomplete));
  day.set_answered(20);
  EXPECT_FALSE(UnknownOf(facts).Has(incomplete));
}

// One threshold for what is told here and by Prometheus.
TEST(JudgeAlerts, AgreesWithTheRulesForPrometheus) {
  std::ifstream file(CALLBRAID_ALERT_RULES);
  const std::string rules((std::istreambuf_iterator<char>(file)),
                          std::istreambuf_iterator<char>());
  const auto rule = [&rules](const std::string& name) {
    const size_t begin = rules.find("alert: " + name);
    EXPECT_NE(begin, std::string::npos) << name;
    return rules.substr(begin, rules.find("- alert:", begin) - begin);
  };
  const auto held = [](v1::AlertKind kind) {
    return absl::StrCat("for: ", absl::ToInt64Minutes(HoldOf(kind)), "m\n");
  };
  EXPECT_THAT(rule("CallbraidSensorGone"),
              HasSubstr(held(v1::ALERT_KIND_SENSOR_AWAY)));
  EXPECT_THAT(rule("CallbraidNoMirror"),
              HasSubstr(held(v1::ALERT_KIND_MIRROR_FAULT)));
  EXPECT_THAT(rule("CallbraidCaptureLoss"),
              HasSubstr(held(v1::ALERT_KIND_CAPTURE_LOSS)));
  EXPECT_THAT(rule("CallbraidSpoolFills"),
              HasSubstr(held(v1::ALERT_KIND_SPOOL_FILLING)));
  EXPECT_THAT(rule("CallbraidSpoolFills"),
              HasSubstr(absl::StrCat("> 0.", kSpoolFullPercent / 10, "\n")));
  EXPECT_THAT(rule("CallbraidCertificateEnds"),
              HasSubstr(absl::StrCat("< ", kCertificateDays, " * 86400\n")));
  EXPECT_THAT(rule("CallbraidDiskLow"),
              HasSubstr(absl::StrCat("< 0.", kDiskFreePercent / 10, "\n")));
  EXPECT_THAT(rule("CallbraidOwnCertificateEnds"),
              HasSubstr(absl::StrCat("within ", kCertificateDays, " days")));
  // Of what has no rule of its own here there is one.
  const std::string other = rule("CallbraidOther");
  for (int kind = v1::ALERT_KIND_UNSPECIFIED + 1; v1::AlertKind_IsValid(kind);
       ++kind) {
    const std::string word = absl::AsciiStrToLower(
        v1::AlertKind_Name(static_cast<v1::AlertKind>(kind)).substr(11));
    EXPECT_THAT(other, HasSubstr(word));
  }
}

}  // namespace
}  // namespace callbraid::collector
