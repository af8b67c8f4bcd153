#include "collector/alerts/alert_book.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kMinuteNs = 60'000'000'000;
constexpr int64_t kNowNs = 1'795'770'000'000'000'000;

v1::Alert Away(const std::string& sensor = "s1") {
  v1::Alert alert;
  alert.set_kind(v1::ALERT_KIND_SENSOR_AWAY);
  alert.set_site("berlin");
  alert.set_sensor(sensor);
  return alert;
}

v1::Alert Of(v1::AlertKind kind, const std::string& sensor = "s1") {
  v1::Alert alert = Away(sensor);
  alert.set_kind(kind);
  return alert;
}

// "s1 began".
std::vector<std::string> Told(const std::vector<store::v1::CallEvent>& events) {
  std::vector<std::string> told;
  for (const store::v1::CallEvent& event : events) {
    told.push_back(event.alert().sensor() +
                   (event.kind() == v1::CALL_EVENT_KIND_ALERT_BEGAN
                        ? " began"
                        : " ended"));
  }
  return told;
}

TEST(AlertBook, TellsOnceWhatGoesOnAndOnceThatItIsOver) {
  AlertBook book;
  std::vector<std::string> told;
  std::vector<int> when;
  for (int minute = 0; minute < 20; ++minute) {
    std::vector<v1::Alert> wrong;
    if (minute >= 2 && minute < 12) wrong = {Away()};
    for (const std::string& one :
         Told(book.Update(wrong, {}, kNowNs + minute * kMinuteNs))) {
      told.push_back(one);
      when.push_back(minute);
    }
  }
  EXPECT_THAT(told, ElementsAre("s1 began", "s1 ended"));
  // Five minutes after it was found; a minute after it was found last.
  EXPECT_THAT(when, ElementsAre(7, 12));
}

TEST(AlertBook, TellsNothingOfWhatIsOverSoon) {
  AlertBook book;
  for (int minute = 0; minute < 60; ++minute) {
    // Four minutes at a time.
    std::vector<v1::Alert> wrong;
    if (minute % 6 < 5) wrong = {Away()};
    EXPECT_THAT(book.Update(wrong, {}, kNowNs + minute * kMinuteNs), IsEmpty());
  }
}

TEST(AlertBook, ABreakOfHalfAMinuteIsNoEnd) {
  AlertBook book;
  const v1::Alert expires = Of(v1::ALERT_KIND_CERTIFICATE_EXPIRES);
  EXPECT_THAT(Told(book.Update({expires}, {}, kNowNs)),
              ElementsAre("s1 began"));
  EXPECT_THAT(book.Update({}, {}, kNowNs + kMinuteNs / 2), IsEmpty());
  EXPECT_THAT(book.Update({expires}, {}, kNowNs + kMinuteNs), IsEmpty());
}

TEST(AlertBook, GoesOnAfterARestart) {
  AlertBook book;
  const v1::Alert expires = Of(v1::ALERT_KIND_CERTIFICATE_EXPIRES);
  const auto began = book.Update({expires}, {}, kNowNs);
  ASSERT_EQ(began.size(), 1u);
  AlertBook again(book.Open());
  EXPECT_THAT(again.Update({expires}, {}, kNowNs + kMinuteNs), IsEmpty());
  AlertBook ending(again.Open());
  EXPECT_THAT(ending.Update({}, {}, kNowNs + 2 * kMinuteNs), IsEmpty());
  const auto ended = ending.Update({}, {}, kNowNs + 3 * kMinuteNs);
  ASSERT_THAT(Told(ended), ElementsAre("s1 ended"));
  EXPECT_EQ(ended[0].alert().begin_time().seconds(),
            began[0].alert().begin_time().seconds());
  EXPECT_EQ(ending.Open().alerts_size(), 0);
}

// What an away sensor sees nobody knows: it did not become well.
TEST(AlertBook, KeepsWhatWasWrongWithTheMirrorsOfAwaySensors) {
  AlertBook book;
  const v1::Alert loss = Of(v1::ALERT_KIND_CAPTURE_LOSS);
  int minute = 0;
  for (; minute < 5; ++minute) {
    book.Update({loss}, {}, kNowNs + minute * kMinuteNs);
  }
  EXPECT_THAT(Told(book.Update({loss}, {}, kNowNs + minute++ * kMinuteNs)),
              ElementsAre("s1 began"));
  for (; minute < 20; ++minute) {
    EXPECT_THAT(
        book.Update({}, {.away_sensors = {"s1"}}, kNowNs + minute * kMinuteNs),
        IsEmpty());
  }
  EXPECT_THAT(Told(book.Update({}, {}, kNowNs + minute * kMinuteNs)),
              ElementsAre("s1 ended"));
}

// At night, when the mirror is as dead as it was in the evening.
TEST(AlertBook, KeepsWhatIsIncompleteWhileTooFewCallsTell) {
  AlertBook book;
  const v1::Alert incomplete = Of(v1::ALERT_KIND_INCOMPLETE, "");
  const Unknown night = {.sites_but = {{"bonn"}}};
  const Unknown day = {.sites_but = {{"berlin", "bonn"}}};
  EXPECT_THAT(Told(book.Update({incomplete}, day, kNowNs)),
              ElementsAre(" began"));
  AlertBook again(book.Open());
  for (int minute = 1; minute < 600; ++minute) {
    EXPECT_THAT(again.Update({}, night, kNowNs + minute * kMinuteNs),
                IsEmpty());
  }
  EXPECT_THAT(Told(again.Update({}, day, kNowNs + 600 * kMinuteNs)),
              ElementsAre(" ended"));
}

// After a restart with no min_whole_percent.
TEST(AlertBook, EndsWhatNobodyAsksForAnyMore) {
  AlertBook book;
  book.Update({Of(v1::ALERT_KIND_INCOMPLETE)}, {}, kNowNs);
  EXPECT_THAT(Told(book.Update({}, {}, kNowNs + kMinuteNs)),
              ElementsAre("s1 ended"));
}

TEST(AlertBook, TellsOnceMoreWhenItGetsWorse) {
  AlertBook book;
  v1::Alert expires = Of(v1::ALERT_KIND_CERTIFICATE_EXPIRES);
  expires.set_severity(v1::SEVERITY_WARNING);
  const auto began = book.Update({expires}, {}, kNowNs);
  ASSERT_THAT(Told(began), ElementsAre("s1 began"));
  v1::Alert expired = expires;
  expired.set_severity(v1::SEVERITY_PROBLEM);
  expired.set_text("has expired");
  AlertBook again(book.Open());
  const auto worse = again.Update({expired}, {}, kNowNs + kMinuteNs);
  ASSERT_THAT(Told(worse), ElementsAre("s1 began"));
  EXPECT_EQ(worse[0].alert().text(), "has expired");
  EXPECT_EQ(worse[0].alert().begin_time().seconds(),
            began[0].alert().begin_time().seconds());
  // Neither that it goes on, nor that it is better for a while.
  EXPECT_THAT(again.Update({expired}, {}, kNowNs + 2 * kMinuteNs), IsEmpty());
  EXPECT_THAT(again.Update({expires}, {}, kNowNs + 3 * kMinuteNs), IsEmpty());
  EXPECT_THAT(again.Update({expired}, {}, kNowNs + 4 * kMinuteNs), IsEmpty());
  const auto ended = again.Update({}, {}, kNowNs + 5 * kMinuteNs);
  ASSERT_THAT(Told(ended), ElementsAre("s1 ended"));
  EXPECT_EQ(ended[0].alert().severity(), v1::SEVERITY_PROBLEM);
}

TEST(AlertBook, TellsTheCollectorsCertificatesApart) {
  AlertBook book;
  v1::Alert tls;
  tls.set_kind(v1::ALERT_KIND_CERTIFICATE_EXPIRES);
  v1::Alert web = tls;
  tls.set_setting("tls.cert");
  web.set_setting("web.cert");
  EXPECT_EQ(book.Update({tls, web}, {}, kNowNs).size(), 2u);
  EXPECT_EQ(book.Update({web}, {}, kNowNs + kMinuteNs).size(), 1u);
}

TEST(AlertBook, SaysWhoseSiteItIs) {
  AlertBook book;
  v1::Alert disk;
  disk.set_kind(v1::ALERT_KIND_DISK_FILLING);
  const auto events =
      book.Update({Of(v1::ALERT_KIND_CERTIFICATE_EXPIRES), disk}, {}, kNowNs);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_THAT(events[0].sites(), ElementsAre("berlin"));
  EXPECT_THAT(events[1].sites(), IsEmpty());
}

TEST(AlertBook, IsBounded) {
  AlertBook book;
  std::vector<v1::Alert> wrong;
  for (size_t i = 0; i < 2 * AlertBook::kMaxOpen; ++i) {
    wrong.push_back(
        Of(v1::ALERT_KIND_CERTIFICATE_EXPIRES, "s" + std::to_string(i)));
  }
  EXPECT_EQ(book.Update(wrong, {}, kNowNs).size(), AlertBook::kMaxOpen);
}

}  // namespace
}  // namespace callbraid::collector
