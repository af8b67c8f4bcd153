#ifndef CALLBRAID_COLLECTOR_DOCTOR_FACTS_H_
#define CALLBRAID_COLLECTOR_DOCTOR_FACTS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "callbraid/v1/uplink.pb.h"
#include "collector/store/proto_time.h"
#include "common/net/endpoint.h"

// What verdicts are made of: everything that was asked of the store and of the
// sensors, and nothing else. Verdicts are pure functions of it.

namespace callbraid::collector {

struct SensorFacts {
  std::string id;
  std::string site;
  bool connected = false;
  // Its captures are over (files).
  bool ended = false;
  int64_t last_seen_ns = 0;
  // Thrown away because a spool was full. See ReportHistory::DiscardedBy().
  uint64_t discarded_frames = 0;
  // Frames of media that its spool still had when it was last heard of.
  uint64_t waiting_media = 0;
  // Its clock against the collector's; not of files, whose times are their own.
  std::optional<v1::RoundTrip> round_trip;
  // The same against another sensor's, by what both saw.
  std::optional<v1::SensorClock> clock;
};

// What one capture point saw of one host.
struct HostFacts {
  // "02:10:00:00:01:03"; empty where the link type has none.
  std::string mac;
  IpAddress address;
  std::vector<uint32_t> vlan_ids;
  uint64_t rtp_sent = 0;
  uint64_t rtp_received = 0;
  uint64_t sip_sent = 0;
  uint64_t sip_received = 0;
  uint64_t registers_sent = 0;
  uint64_t registers_received = 0;
};

struct PointFacts {
  std::string site;
  std::string sensor;
  v1::CapturePoint point;
  bool has_report = false;
  // The capture is over (a file).
  bool ended = false;
  // The times that `window` is about.
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  // Totals are those of the window; gauges are the newest, loads the highest.
  v1::CaptureReport window;
  std::vector<HostFacts> hosts;

  bool is_live() const { return point.kind() == v1::CAPTURE_KIND_INTERFACE; }
};

// A side of a call, by the address that its SDP named for audio.
struct MediaParty {
  IpAddress address;
  // By some SDP of the call it meant to send.
  bool sends = false;
};

// A dialog of a call at one capture point.
struct DialogFacts {
  std::string site;
  std::string sensor;
  std::string capture_point;
  IpAddress initiator;
  IpAddress responder;
  // Empty if not known.
  std::string initiator_number;
  std::string responder_number;
};

// What RTCP of one sender of a call said about what it receives.
struct ReceptionFacts {
  IpAddress reporter;
  // Datagrams with sender or receiver reports, and those without any report
  // block: while they are sent, nothing is received.
  uint32_t reports = 0;
  uint32_t empty_reports = 0;
  // SSRCs it received packets of.
  std::set<uint32_t> heard;
};

struct CallFacts {
  v1::Call call;
  std::set<std::string> sites;
  // By address; with what all dialogs said of it.
  std::vector<MediaParty> parties;
  std::vector<DialogFacts> dialogs;
  // Only of calls with media one way.
  std::vector<ReceptionFacts> receptions;

  bool HasFlag(v1::CallFlag flag) const {
    for (const int each : call.flags()) {
      if (each == flag) return true;
    }
    return false;
  }
  bool answered() const {
    return call.state() == v1::CALL_STATE_ACTIVE ||
           call.state() == v1::CALL_STATE_COMPLETED;
  }
  // Whether media are to be expected at all: it was answered, and went on for
  // as long as it takes to say a word.
  bool had_time_to_speak() const {
    if (!answered()) return false;
    if (!call.has_answer_time() || !call.has_end_time()) return true;
    return ToNs(call.end_time()) - ToNs(call.answer_time()) >= kTimeToSpeakNs;
  }
  static constexpr int64_t kTimeToSpeakNs = 2'000'000'000;
};

struct Facts {
  int64_t now_ns = 0;
  v1::SwitchFamily family = v1::SWITCH_FAMILY_CISCO_IOS;
  // By id; by sensor and name.
  std::vector<SensorFacts> sensors;
  std::vector<PointFacts> points;
  // Newest first.
  std::vector<CallFacts> calls;
  bool truncated = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_FACTS_H_
