#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_DOCTOR_MAKE_FACTS_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_DOCTOR_MAKE_FACTS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/doctor/facts.h"
#include "collector/doctor/verdict.h"

// Facts for tests of verdicts: say what was seen.
namespace callbraid::collector {

inline constexpr int64_t kSecondNs = 1'000'000'000;
inline constexpr int64_t kStartNs = 1'700'000'000 * kSecondNs;

inline IpAddress Ip(const std::string& text) { return *IpAddress::Parse(text); }

// A capture point that watched for five minutes.
inline PointFacts MakePoint(const std::string& sensor = "s1",
                            v1::CaptureKind kind = v1::CAPTURE_KIND_INTERFACE) {
  PointFacts point;
  point.site = "hq";
  point.sensor = sensor;
  point.point.set_name("span0");
  point.point.set_kind(kind);
  point.has_report = true;
  point.from_ns = kStartNs;
  point.to_ns = kStartNs + 300 * kSecondNs;
  if (kind == v1::CAPTURE_KIND_INTERFACE) {
    v1::InterfaceState& interface = *point.window.mutable_interface();
    interface.set_running(true);
    interface.set_speed_mbit(1000);
  }
  return point;
}

inline SensorFacts MakeSensor(const std::string& id = "s1") {
  SensorFacts sensor;
  sensor.id = id;
  sensor.site = "hq";
  sensor.connected = true;
  return sensor;
}

inline Facts MakeFacts(PointFacts point) {
  Facts facts;
  facts.now_ns = kStartNs + 400 * kSecondNs;
  facts.sensors.push_back(MakeSensor(point.sensor));
  facts.points.push_back(std::move(point));
  return facts;
}

// A host with what was seen from and to it.
inline HostFacts& AddHost(const std::string& address, uint64_t sip_sent,
                          uint64_t sip_received, uint64_t rtp_sent,
                          uint64_t rtp_received, PointFacts& point) {
  HostFacts& host = point.hosts.emplace_back();
  host.address = Ip(address);
  host.mac =
      absl::StrCat("02:00:00:00:00:", address.substr(address.size() - 2));
  host.sip_sent = sip_sent;
  host.sip_received = sip_received;
  host.rtp_sent = rtp_sent;
  host.rtp_received = rtp_received;
  return host;
}

// An answered call between two phones by the PBX 10.0.0.10, seen at s1.
inline CallFacts MakeCall(const std::string& id, const std::string& caller,
                          const std::string& callee) {
  CallFacts call;
  call.call.set_id(id);
  call.call.set_state(v1::CALL_STATE_COMPLETED);
  call.sites.insert("hq");
  for (const std::string& phone : {caller, callee}) {
    v1::Leg& leg = *call.call.add_legs();
    v1::LegObservation& seen = *leg.add_observations();
    seen.set_sensor("s1");
    seen.set_capture_point("span0");
    call.parties.push_back({Ip(phone), true});
    DialogFacts& dialog = call.dialogs.emplace_back();
    dialog.site = "hq";
    dialog.sensor = "s1";
    dialog.capture_point = "span0";
    dialog.initiator = phone == caller ? Ip(phone) : Ip("10.0.0.10");
    dialog.responder = phone == caller ? Ip("10.0.0.10") : Ip(phone);
    (phone == caller ? dialog.initiator_number : dialog.responder_number) =
        phone.substr(phone.rfind('.') + 1);
  }
  return call;
}

inline v1::Stream& AddStream(const std::string& source,
                             const std::string& destination, uint32_t ssrc,
                             CallFacts& call,
                             const std::string& sensor = "s1") {
  v1::Stream& stream = *call.call.add_streams();
  stream.set_ssrc(ssrc);
  stream.set_source(source + ":4000");
  stream.set_destination(destination + ":4002");
  v1::StreamObservation& seen = *stream.add_observations();
  seen.set_sensor(sensor);
  seen.set_capture_point("span0");
  seen.set_source(stream.source());
  seen.set_destination(stream.destination());
  seen.set_packets(500);
  return stream;
}

inline constexpr char kA[] = "10.0.0.11";
inline constexpr char kB[] = "10.0.0.12";
inline constexpr char kC[] = "10.0.0.13";
inline constexpr char kD[] = "10.0.0.14";

// A site whose phones all signal; media of A and B are seen in a first call.
inline Facts MakeSite() {
  PointFacts point = MakePoint();
  for (const char* phone : {kA, kB, kC, kD}) {
    AddHost(phone, 10, 10, 0, 0, point).vlan_ids = {20};
  }
  AddHost("10.0.0.10", 40, 40, 0, 0, point);
  point.window.mutable_census()->set_rtp_packets(1000);
  Facts facts = MakeFacts(point);
  CallFacts call = MakeCall("good", kA, kB);
  AddStream(kA, kB, 1, call);
  AddStream(kB, kA, 2, call);
  facts.calls.push_back(call);
  return facts;
}

inline std::vector<v1::VerdictKind> KindsOf(const Verdicts& verdicts) {
  std::vector<v1::VerdictKind> kinds;
  for (const v1::Verdict& verdict : verdicts) kinds.push_back(verdict.kind());
  return kinds;
}

// The evidence of this name; -1 if there is none.
inline double EvidenceOf(const v1::Verdict& verdict, const std::string& name) {
  for (const v1::VerdictEvidence& evidence : verdict.evidence()) {
    if (evidence.name() == name) return evidence.value();
  }
  return -1;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_DOCTOR_MAKE_FACTS_H_
