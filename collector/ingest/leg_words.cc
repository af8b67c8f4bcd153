#include "collector/ingest/leg_words.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "collector/ingest/sdp_fold.h"
#include "collector/store/buckets.h"
#include "collector/store/link_tokens.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/base/absl_string.h"
#include "common/bytes/utf8.h"

namespace callbraid::collector {
namespace {

constexpr int kMaxMarks = 64;
constexpr int kMaxKeys = 128;
constexpr size_t kMaxDialled = 64;
constexpr size_t kMaxNameBytes = 256;
constexpr std::string_view kScheme = "tel:";
// Controllers stop the media in the moment before they end a call: no hold.
constexpr int64_t kFarewellNs = 200'000'000;

using store::v1::DialogObservation;
using store::v1::Observation;
using store::v1::SdpMedia;

void End(int64_t time_ns, v1::EndReason reason, DialogObservation& dialog) {
  if (dialog.end_time_ns() != 0) return;
  dialog.set_end_time_ns(time_ns);
  dialog.set_end_reason(reason);
  auto& media = *dialog.mutable_media();
  while (!media.empty() &&
         media[media.size() - 1].time_ns() >= time_ns - kFarewellNs &&
         media[media.size() - 1].direction() != "sendrecv") {
    media.RemoveLast();
  }
}

void Name(std::string_view number, std::string_view name, bool answered,
          std::string& uri, std::string& display) {
  if (!number.empty() && (!answered || uri.empty())) {
    uri = absl::StrCat(ToAbsl(kScheme), ToUtf8(number, kMaxDialled));
  }
  if (!name.empty() && (!answered || display.empty())) {
    display = ToUtf8(name, kMaxNameBytes);
  }
}

// Nothing is received there: closed, or on hold since.
bool IsStopped(const SdpMedia& media) {
  const auto endpoint = FromProto(media.rtp());
  return !endpoint || endpoint->address.is_unspecified();
}

enum Wanted { kAny, kRunning };
const SdpMedia* LastAudio(bool from_initiator, const DialogObservation& dialog,
                          Wanted wanted) {
  for (int i = dialog.media_size(); i-- > 0;) {
    const SdpMedia& media = dialog.media(i);
    if (media.from_initiator() == from_initiator && media.kind() == "audio" &&
        (wanted == kAny || !IsStopped(media))) {
      return &media;
    }
  }
  return nullptr;
}

void AddMedia(SdpMedia media, DialogObservation& dialog) {
  if (dialog.media_size() < kMaxMediaLines) {
    *dialog.add_media() = std::move(media);
  }
}

}  // namespace

bool DeviceInitiates(const FlowKey& device_and_controller,
                     const DialogObservation& dialog) {
  const auto initiator = FromProto(dialog.initiator());
  const auto& [device, controller] = device_and_controller;
  if (!initiator) return false;
  // A phone that connects anew has another port.
  return device.address == controller.address
             ? *initiator == device
             : initiator->address == device.address;
}

void BeginLeg(const LegStart& start, DialogObservation& dialog) {
  dialog.set_protocol(start.protocol);
  dialog.set_transport(start.transport);
  dialog.set_call_id(start.call_id);
  dialog.set_from_tag(start.device);
  dialog.set_began_before(start.began_before);
  const auto& [device, controller] = start.device_and_controller;
  *dialog.mutable_initiator() =
      ToProto(start.device_initiates ? device : controller);
  *dialog.mutable_responder() =
      ToProto(start.device_initiates ? controller : device);
}

bool HasMark(uint64_t identity, const DialogObservation& dialog) {
  return std::any_of(
      dialog.marks().begin(), dialog.marks().end(),
      [identity](const auto& mark) { return mark.identity() == identity; });
}

bool CountMessage(uint64_t identity, int64_t time_ns, uint32_t ordinal,
                  bool from_initiator, Observation& leg) {
  DialogObservation& dialog = *leg.mutable_dialog();
  leg.set_last_time_ns(std::max(leg.last_time_ns(), time_ns));
  dialog.set_last_ordinal(ordinal);
  dialog.set_messages(dialog.messages() + 1);
  AddBucket(BucketOf(time_ns), *leg.mutable_bucket_ranges());
  const bool again = HasMark(identity, dialog);
  if (again || dialog.marks_size() >= kMaxMarks) return !again;
  store::v1::MessageMark& mark = *dialog.add_marks();
  mark.set_identity(identity);
  mark.set_time_ns(time_ns);
  mark.set_from_initiator(from_initiator);
  return true;
}

void Attempt(int64_t time_ns, DialogObservation& dialog) {
  if (dialog.invite_time_ns() == 0 && !dialog.began_before()) {
    dialog.set_invite_time_ns(time_ns);
  }
}

void Ring(int64_t time_ns, DialogObservation& dialog) {
  if (dialog.ringing_time_ns() != 0 || dialog.answer_time_ns() != 0 ||
      dialog.began_before()) {
    return;
  }
  Attempt(time_ns, dialog);
  dialog.set_ringing_time_ns(time_ns);
}

void Answer(int64_t time_ns, DialogObservation& dialog) {
  if (dialog.answer_time_ns() != 0 || dialog.end_time_ns() != 0 ||
      dialog.began_before()) {
    return;
  }
  Attempt(time_ns, dialog);
  dialog.set_answer_time_ns(time_ns);
}

void Hangup(int64_t time_ns, DialogObservation& dialog) {
  const bool talked = dialog.answer_time_ns() != 0 || dialog.began_before();
  End(time_ns, talked ? v1::END_REASON_BYE : v1::END_REASON_CANCELLED, dialog);
}

void Refuse(int64_t time_ns, DialogObservation& dialog) {
  if (dialog.answer_time_ns() != 0 || dialog.began_before()) return;
  End(time_ns, v1::END_REASON_REFUSED, dialog);
}

void PressKey(char digit, int64_t time_ns, bool from_initiator,
              DialogObservation& dialog) {
  const bool talking = dialog.answer_time_ns() != 0 || dialog.began_before();
  if (talking) {
    if (dialog.keys_size() == kMaxKeys) return;
    store::v1::KeyPress& key = *dialog.add_keys();
    key.set_time_ns(time_ns);
    key.set_from_initiator(from_initiator);
    key.set_digit(std::string(1, digit));
    return;
  }
  // Who is called dials nothing.
  if (!from_initiator || dialog.ringing_time_ns() != 0) return;
  std::string& uri = *dialog.mutable_to_uri();
  if (uri.empty()) uri = kScheme;
  if (uri.size() < kScheme.size() + kMaxDialled) uri.push_back(digit);
  // What was dialled so far is an attempt when the last digit is there.
  if (dialog.invite_time_ns() != 0) dialog.set_invite_time_ns(time_ns);
}

void NameCaller(std::string_view number, std::string_view name,
                DialogObservation& dialog) {
  Name(number, name, dialog.answer_time_ns() != 0, *dialog.mutable_from_uri(),
       *dialog.mutable_from_name());
}

void NameCallee(std::string_view number, std::string_view name,
                DialogObservation& dialog) {
  Name(number, name, dialog.answer_time_ns() != 0, *dialog.mutable_to_uri(),
       *dialog.mutable_to_name());
}

const SdpMedia* LastAudio(bool from_initiator,
                          const DialogObservation& dialog) {
  return LastAudio(from_initiator, dialog, kAny);
}

void Restate(std::string_view direction, int64_t time_ns, bool from_initiator,
             DialogObservation& dialog) {
  const SdpMedia* last = LastAudio(from_initiator, dialog);
  if (last == nullptr || ToStd(last->direction()) == direction) return;
  SdpMedia media = *last;
  if (IsStopped(*last)) {
    // Where it will receive again is yet to be said.
    if (direction == "sendrecv") return;
    const SdpMedia* before = LastAudio(from_initiator, dialog, kRunning);
    if (before == nullptr) return;
    media = *before;
    *media.mutable_rtp() = ToProto(
        Endpoint{IpAddress(), static_cast<uint16_t>(before->rtp().port())});
  }
  media.set_direction(std::string(direction));
  media.set_time_ns(time_ns);
  AddMedia(std::move(media), dialog);
}

void StopMedia(int64_t time_ns, bool from_initiator,
               DialogObservation& dialog) {
  const SdpMedia* last = LastAudio(from_initiator, dialog);
  if (last == nullptr || IsStopped(*last)) return;
  SdpMedia media;
  media.set_time_ns(time_ns);
  media.set_from_initiator(from_initiator);
  media.set_kind("audio");
  media.set_direction("inactive");
  *media.mutable_rtp() = ToProto(Endpoint());
  *media.mutable_rtcp() = ToProto(Endpoint());
  AddMedia(std::move(media), dialog);
}

void AddLegTokens(const Observation& leg, std::vector<Token>& tokens) {
  const DialogObservation& dialog = leg.dialog();
  if (dialog.method() != "INVITE") return;
  tokens.push_back(DialogToken(dialog.call_id(), dialog.from_tag()));
  for (const FiledToken& filed : PartyTokens(dialog, leg.site())) {
    tokens.push_back(filed.token);
  }
}

}  // namespace callbraid::collector
