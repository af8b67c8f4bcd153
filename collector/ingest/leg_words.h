#ifndef CALLBRAID_COLLECTOR_INGEST_LEG_WORDS_H_
#define CALLBRAID_COLLECTOR_INGEST_LEG_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/store/store.h"
#include "common/net/endpoint.h"

// What happens to the leg of a device, whatever protocol tells of it, in the
// words of DialogObservation. Pure.

namespace callbraid::collector {

// After the end of a leg, what is still said of it.
inline constexpr int64_t kAfterwordNs = 4'000'000'000;

// Whether the device began the leg.
bool DeviceInitiates(const FlowKey& device_and_controller,
                     const store::v1::DialogObservation& dialog);

struct LegStart {
  v1::SignallingProtocol protocol = v1::SIGNALLING_PROTOCOL_UNSPECIFIED;
  v1::Transport transport = v1::TRANSPORT_UNSPECIFIED;
  FlowKey device_and_controller;
  bool device_initiates = false;
  // The beginning was not seen.
  bool began_before = false;
  std::string call_id;
  // Tells the device's end apart: from_tag.
  std::string device;
};
void BeginLeg(const LegStart& start, store::v1::DialogObservation& dialog);

// Whether a message with that identity was counted.
bool HasMark(uint64_t identity, const store::v1::DialogObservation& dialog);

// Counts a message, and puts its identity (the same at every capture point) to
// the marks. False if it has been there: it was sent again.
bool CountMessage(uint64_t identity, int64_t time_ns, uint32_t ordinal,
                  bool from_initiator, store::v1::Observation& leg);

void Attempt(int64_t time_ns, store::v1::DialogObservation& dialog);
void Ring(int64_t time_ns, store::v1::DialogObservation& dialog);
void Answer(int64_t time_ns, store::v1::DialogObservation& dialog);
// Hung up if it was answered, else cancelled.
void Hangup(int64_t time_ns, store::v1::DialogObservation& dialog);
void Refuse(int64_t time_ns, store::v1::DialogObservation& dialog);

// A key of the device: dialled before the answer, and pressed after it.
void PressKey(char digit, int64_t time_ns, bool from_initiator,
              store::v1::DialogObservation& dialog);

// Until the leg is answered the newest word counts. Empty ones say nothing.
void NameCaller(std::string_view number, std::string_view name,
                store::v1::DialogObservation& dialog);
void NameCallee(std::string_view number, std::string_view name,
                store::v1::DialogObservation& dialog);

// What that side stated last of its audio, with another direction. Nothing if
// it stated none, or the same.
void Restate(std::string_view direction, int64_t time_ns, bool from_initiator,
             store::v1::DialogObservation& dialog);
// That side receives no more where it said.
void StopMedia(int64_t time_ns, bool from_initiator,
               store::v1::DialogObservation& dialog);

// The last audio line of that side; null if it stated none.
const store::v1::SdpMedia* LastAudio(
    bool from_initiator, const store::v1::DialogObservation& dialog);

// Tokens by which a leg that makes a call is found, to be added when any of
// what they rest on has changed.
void AddLegTokens(const store::v1::Observation& leg,
                  std::vector<Token>& tokens);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_LEG_WORDS_H_
