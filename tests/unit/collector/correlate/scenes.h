#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_SCENES_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_SCENES_H_

#include <string>
#include <utility>
#include <vector>

#include "tests/fakes/call_scene.h"

// Whole calls, built of what they consist of on the wire.
namespace callbraid::collector::scenes {

using fakes::Dialog;
using fakes::Reply;
using fakes::See;
using fakes::Spot;
using fakes::Stream;

// Numbers that make one call differ from the next.
struct Variant {
  int number = 0;
  int64_t start_ms = 0;
  int64_t talk_ms = 16'000;
};

inline std::string Phone(int number) {
  return "10.0.1." + std::to_string(number % 250 + 1);
}
inline std::string Port(const std::string& host, int port) {
  return host + ":" + std::to_string(port);
}

// Everything on the wire of one call.
struct Wire {
  std::vector<Dialog> dialogs;
  std::vector<Stream> streams;
};

inline Dialog Timed(const Variant& v) {
  Dialog dialog;
  dialog.call_id = "call-" + std::to_string(v.number);
  dialog.invite_ms = v.start_ms;
  dialog.ring_ms = v.start_ms + 40;
  dialog.answer_ms = v.start_ms + 1500;
  dialog.end_ms = v.start_ms + 1500 + v.talk_ms;
  return dialog;
}

inline Stream Talk(const Variant& v, const std::string& source,
                   const std::string& destination, int which) {
  Stream stream;
  stream.source = source;
  stream.destination = destination;
  stream.ssrc = static_cast<uint32_t>(fakes::Mix(v.number, which));
  stream.start_ms = v.start_ms + 1520;
  stream.packets = v.talk_ms / 20;
  stream.sequence = static_cast<uint16_t>(fakes::Mix(v.number, which + 100));
  stream.timestamp = static_cast<uint32_t>(fakes::Mix(v.number, which + 200));
  stream.content = fakes::Mix(v.number, which + 300) | 1;
  return stream;
}

// 10.0.1.N calls 10.0.2.N through a proxy; RTP goes from phone to phone.
inline Wire ProxyCall(const Variant& v) {
  const std::string a = Phone(v.number);
  const std::string b = "10.0.2." + std::to_string(v.number % 250 + 1);
  Wire wire;
  Dialog near = Timed(v);
  near.initiator = Port(a, 5060);
  near.responder = "10.0.0.9:5060";
  near.offer = Port(a, 4000);
  near.answer = Port(b, 4000);
  Dialog far = near;
  far.initiator = "10.0.0.9:5060";
  far.responder = Port(b, 5060);
  far.invite_ms += 3;
  wire.dialogs = {near, far};
  wire.streams = {Talk(v, near.offer, near.answer, 1),
                  Talk(v, near.answer, near.offer, 2)};
  return wire;
}

// The same through a B2BUA that relays the media: two Call-IDs, SSRCs of its
// own.
inline Wire B2buaCall(const Variant& v) {
  const std::string a = Phone(v.number);
  const std::string b = "10.0.2." + std::to_string(v.number % 250 + 1);
  const int port = 20'000 + v.number * 4 % 10'000;
  Wire wire;
  Dialog near = Timed(v);
  near.initiator = Port(a, 5060);
  near.responder = "10.0.0.9:5060";
  near.offer = Port(a, 4000);
  near.answer = Port("10.0.0.9", port);
  Dialog far = Timed(v);
  far.call_id += "-b";
  far.initiator = "10.0.0.9:5060";
  far.responder = Port(b, 5060);
  far.from = "sip:trunk@10.0.0.9";
  far.offer = Port("10.0.0.9", port + 2);
  far.answer = Port(b, 4000);
  far.invite_ms += 20;
  wire.dialogs = {near, far};
  const Stream spoken_a = Talk(v, near.offer, near.answer, 1);
  const Stream spoken_b = Talk(v, far.answer, far.offer, 2);
  Stream relayed_a = Talk(v, far.offer, far.answer, 3);
  relayed_a.content = spoken_a.content;
  relayed_a.start_ms += 5;
  Stream relayed_b = Talk(v, near.answer, near.offer, 4);
  relayed_b.content = spoken_b.content;
  relayed_b.start_ms += 5;
  wire.streams = {spoken_a, spoken_b, relayed_a, relayed_b};
  return wire;
}

inline std::vector<StoredObservation> SeeAll(const Wire& wire,
                                             const Spot& spot) {
  std::vector<StoredObservation> seen;
  for (const Dialog& dialog : wire.dialogs) seen.push_back(See(dialog, spot));
  for (const Stream& stream : wire.streams) seen.push_back(See(stream, spot));
  return seen;
}

inline std::vector<ObservationId> IdsOf(
    const std::vector<StoredObservation>& seen) {
  std::vector<ObservationId> ids;
  for (const StoredObservation& stored : seen) {
    ids.push_back(fakes::IdOf(stored));
  }
  return ids;
}

}  // namespace callbraid::collector::scenes

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_SCENES_H_
