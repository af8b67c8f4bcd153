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
