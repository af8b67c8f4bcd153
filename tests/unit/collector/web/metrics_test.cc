#include "collector/web/metrics.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, HaveTheFiguresOfSensorsSpoolsAndCapturePoints) {
  v1::ListSensorsResponse response;
  v1::Sensor& sensor = *response.add_sensors();
  sensor.set_id("s1");
  sensor.set_site("berlin");
  sensor.set_version("0.1.0");
  sensor.set_connected(true);
  sensor.set_frames_stored(12'345'678'901);
  sensor.mutable_clock()->set_offset_ns(-1'500'000);
  v1::SpoolState& spool = *sensor.add_spools();
  spool.set_spool_id(0xab);
  spool.set_lane(v1::SPOOL_LANE_SPARE_MEDIA);
  spool.set_first_sequence(10);
  spool.set_next_sequence(17);
  v1::SensorCapturePoint& point = *sensor.add_capture_points();
  point.mutable_capture_point()->set_name("eth1");
  point.mutable_report()->set_kernel_drops(3);
  (*point.mutable_report()->mutable_discarded())["bad_sip"] = 4;
  (*response.mutable_refused_strangers())["certificate"] = 5;

  const std::string text = MetricsText(response, {});
  for (const char* line :
       {"# TYPE callbraid_sensor_connected gauge\n"
        "callbraid_sensor_connected{sensor=\"s1\",site=\"berlin\",version=\"0."
        "1.0\"} 1\n",
        "# TYPE callbraid_sensor_frames_stored_total counter\n"
        "callbraid_sensor_frames_stored_total{sensor=\"s1\"} 12345678901\n",
        "callbraid_sensor_clock_offset_seconds{sensor=\"s1\",reference="
        "\"collector\"} -0.0015\n",
        "callbraid_spool_waiting_frames{sensor=\"s1\",lane=\"spare_media\","
        "spool=\"ab\"} 7\n",
        "callbraid_capture_kernel_drops_total{sensor=\"s1\",capture_point="
        "\"eth1\"} 3\n",
        "callbraid_capture_discarded_total{sensor=\"s1\",capture_point="
        "\"eth1\",reason=\"bad_sip\"} 4\n",
        "callbraid_refused_connections_total{sensor=\"\",reason="
        "\"certificate\"} 5\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  // Never seen, and never given a certificate.
  EXPECT_THAT(text, Not(HasSubstr("last_seen")));
  EXPECT_THAT(text, Not(HasSubstr("certificate_expiry")));
}

TEST(Metrics, HaveTheFiguresOfSinks) {
  SinkState sink;
  sink.name = "crm";
  sink.type = "webhook";
  sink.delivered = 7;
  sink.expired = 2;
  sink.oldest_ns = 1'500'000'000;
  sink.down = true;
  const std::string text = MetricsText({}, WholeState{{sink}, {}});
  for (const char* line :
       {"callbraid_events_sink_down{sink=\"crm\",type=\"webhook\"} 1\n",
        "# TYPE callbraid_events_delivered_total counter\n"
        "callbraid_events_delivered_total{sink=\"crm\",type=\"webhook\"} 7\n",
        "callbraid_events_lost_total{sink=\"crm\",type=\"webhook\",reason="
        "\"expired\"} 2\n",
        "callbraid_events_waiting{sink=\"crm\",type=\"webhook\"} 0\n",
        "callbraid_events_oldest_seconds{sink=\"crm\",type=\"webhook\"} "
        "1.5\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, TellWhatIsWrong) {
  v1::Alert mirror;
  mirror.set_kind(v1::ALERT_KIND_MIRROR_FAULT);
  mirror.set_site("berlin");
  mirror.set_sensor("s1");
  mirror.set_capture_point("eth1");
  v1::Alert incomplete;
  incomplete.set_kind(v1::ALERT_KIND_INCOMPLETE);
  incomplete.set_site("berlin");
  v1::Alert disk;
  disk.set_kind(v1::ALERT_KIND_DISK_FILLING);
  v1::Alert certificate;
  certificate.set_kind(v1::ALERT_KIND_CERTIFICATE_EXPIRES);
  certificate.set_setting("web.cert");
  const std::string text = MetricsText(
      {}, WholeState{{}, {}, {mirror, incomplete, disk, certificate}});
  for (const char* line :
       {"# TYPE callbraid_alert gauge\n"
        "callbraid_alert{kind=\"mirror_fault\",site=\"berlin\",sensor=\"s1\","
        "capture_point=\"eth1\"} 1\n",
        "\ncallbraid_alert{kind=\"incomplete\",site=\"berlin\"} 1\n",
        "\ncallbraid_alert{kind=\"disk_filling\"} 1\n",
        "\ncallbraid_alert{kind=\"certificate_expires\",setting=\"web.cert\"} "
        "1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(MetricsText({}, WholeState()), Not(HasSubstr("callbraid_alert")));
}

v1::Sensor* AddSensor(const std::string& id, v1::ListSensorsResponse& to) {
  v1::Sensor* const sensor = to.add_sensors();
  sensor->set_id(id);
  v1::SensorCapturePoint& point = *sensor->add_capture_points();
  point.mutable_capture_point()->set_name("eth1");
  point.mutable_report()->set_packets(7);
  (*point.mutable_report()->mutable_discarded())["bad_sip"] = 4;
  return sensor;
}

// What it said last would be a mirror that nothing comes from.
TEST(Metrics, SayNothingOfACaptureThatEnded) {
  v1::ListSensorsResponse response;
  v1::Sensor& sensor = *AddSensor("s1", response);
  sensor.mutable_capture_points(0)->mutable_report()->set_final(true);
  const std::string text = MetricsText(response, {});
  EXPECT_THAT(text, Not(HasSubstr("callbraid_capture_")));
  EXPECT_THAT(text, HasSubstr("\ncallbraid_sensor_frames_stored_total{"));
}

TEST(Metrics, OfARevokedSensorSayThatItIsKnownAndRefused) {
  v1::ListSensorsResponse response;
  v1::Sensor& sensor = *AddSensor("s1", response);
  sensor.mutable_last_seen_time()->set_seconds(1'700'000'000);
  sensor.mutable_clock()->set_offset_ns(1);
  sensor.add_spools()->set_bytes(1);
  sensor.mutable_trust()->mutable_certificate_expire_time()->set_seconds(1);
  sensor.mutable_trust()->mutable_revoke_time()->set_seconds(1);
  (*sensor.mutable_refused())["revoked"] = 3;
  std::string text = MetricsText(response, {});
  for (const char* line :
       {"\ncallbraid_sensor_connected{sensor=\"s1\",site=\"\",version=\"\"} "
        "0\n",
        "\ncallbraid_sensor_expected{sensor=\"s1\"} 0\n",
        "\ncallbraid_refused_connections_total{sensor=\"s1\",reason="
        "\"revoked\"} 3\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
    text.erase(text.find(line) + 1, std::string(line).size() - 1);
  }
  EXPECT_THAT(text, Not(HasSubstr("s1")));
}

TEST(Metrics, TellOfWhichSensorsAreExpected) {
  v1::ListSensorsResponse response;
  AddSensor("away", response);
  AddSensor("there", response)->set_connected(true);
  AddSensor("over", response)
      ->mutable_capture_points(0)
      ->mutable_report()
      ->set_final(true);
  // Read a file, and listens at eth1.
  AddSensor("half", response)
      ->add_capture_points()
      ->mutable_report()
      ->set_final(true);
  AddSensor("never", response)->clear_capture_points();
  const std::string text = MetricsText(response, {});
  for (const char* expected : {"away", "there", "half"}) {
    EXPECT_THAT(text, HasSubstr("\ncallbraid_sensor_expected{sensor=\"" +
                                std::string(expected) + "\"} 1\n"));
  }
  for (const char* other : {"over", "never"}) {
    EXPECT_THAT(text, HasSubstr("\ncallbraid_sensor_expected{sensor=\"" +
                                std::string(other) + "\"} 0\n"));
  }
}

TEST(Metrics, WhatASensorCallsItselfBreaksNoLine) {
  v1::ListSensorsResponse response;
  v1::Sensor& sensor = *response.add_sensors();
  sensor.set_version("a\"b\\c\nd");
  EXPECT_THAT(MetricsText(response, {}),
              HasSubstr("version=\"a\\\"b\\\\c\\nd\"} 0\n"));
}

TEST(Metrics, TellWhatIsKept) {
  RetentionState state;
  state.use.bytes = 12'345'678'901;
  state.use.oldest_media_ns = 1'700'000'000'500'000'000;
  state.expired_calls = 7;
  state.is_full = true;
  const std::string text = MetricsText({}, WholeState{{}, state});
  for (const char* line :
       {"\ncallbraid_store_bytes 12345678901\n",
        "\ncallbraid_store_oldest_media_seconds 1700000000\n",
        "\ncallbraid_retention_expired_calls_total 7\n",
        "\ncallbraid_retention_full 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, WhoSeesSomeIsToldNothingOfTheWhole) {
  v1::ListSensorsResponse response;
  response.add_sensors()->set_id("s1");
  const std::string text = MetricsText(response, std::nullopt);
  EXPECT_THAT(text, HasSubstr("\ncallbraid_sensor_connected{sensor=\"s1\""));
  EXPECT_THAT(text, HasSubstr("\nprocess_open_fds "));
  for (const char* name : {"_store_", "_retention_", "_events_"}) {
    EXPECT_THAT(text, Not(HasSubstr(name)));
  }
}

TEST(Metrics, OfNoSensorAreThoseOfTheCollector) {
  const std::string text = MetricsText({}, WholeState());
  EXPECT_THAT(text, HasSubstr("\nprocess_resident_memory_bytes "));
  EXPECT_THAT(text, HasSubstr("\nprocess_open_fds "));
  EXPECT_THAT(text, HasSubstr("\ncallbraid_store_bytes 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("callbraid_sensor_")));
  EXPECT_THAT(text, Not(HasSubstr("callbraid_events_")));
}

}  // namespace
}  // namespace callbraid::collector
