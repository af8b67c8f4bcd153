#include <string>

#include "absl/strings/str_cat.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/table.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::cli {
namespace {

const char* PlaceOf(v1::DtmfSource source) {
  switch (source) {
    case v1::DTMF_SOURCE_RTP:
      return "RTP";
    case v1::DTMF_SOURCE_INFO:
      return "SIP INFO";
    case v1::DTMF_SOURCE_KPML:
      return "KPML";
    case v1::DTMF_SOURCE_CONTROLLER:
      return "signalling";
    case v1::DTMF_SOURCE_AUDIO:
      return "audio";
    default:
      return "";
  }
}

std::string What(const v1::TimelineEvent& event) {
  switch (event.event_case()) {
    case v1::TimelineEvent::kDtmf:
      return event.dtmf().digit().empty()
                 ? "a key"
                 : absl::StrCat("key ", event.dtmf().digit());
    case v1::TimelineEvent::kHold:
      return event.hold().music() ? "hold, with music" : "hold";
    case v1::TimelineEvent::kTone:
      return absl::StrCat("tone ", event.tone().name());
    case v1::TimelineEvent::kCodec:
      return absl::StrCat("codec ", event.codec().codec());
    case v1::TimelineEvent::kFax:
      return event.fax().accepted() ? "fax (T.38)" : "fax (T.38) offered";
    case v1::TimelineEvent::kDeadAir:
      return "nobody heard";
    case v1::TimelineEvent::kUnheard:
      return absl::StrCat("not heard: ", Word(event.unheard().why()));
    case v1::TimelineEvent::kTransfer:
      return absl::StrCat(
          event.transfer().replaces() ? "taken over: " : "transfer to ",
          event.transfer().to().empty() ? "?" : event.transfer().to());
    case v1::TimelineEvent::kEarlyMedia:
      return "heard before the answer";
    default:
      return "something newer than this program";
  }
}

const char* Party(v1::Side side) {
  switch (side) {
    case v1::SIDE_CALLER:
      return "caller";
    case v1::SIDE_CALLEE:
      return "callee";
    default:
      return "";
  }
}

// "0:12", from the beginning of the call.
std::string Offset(const v1::Call& call, const v1::TimelineEvent& event) {
  const absl::Duration offset =
      ToTime(event.time()) - ToTime(call.start_time());
  return offset < absl::ZeroDuration() ? "-" : Length(offset);
}

}  // namespace

std::string RenderTimeline(const v1::Call& call,
                           const v1::GetTimelineResponse& timeline,
                           absl::TimeZone zone) {
  if (timeline.events().empty()) {
    return "no keys, holds, transfers, tones, faxes, early media, changes of "
           "codec or dead air\n";
  }
  Table table;
  table.AddColumn("TIME");
  table.AddColumn("IN CALL", Table::Align::kRight);
  table.AddColumn("BY");
  table.AddColumn("WHAT", Table::Align::kLeft, true);
  table.AddColumn("FOR", Table::Align::kRight);
  table.AddColumn("SEEN IN");
  for (const v1::TimelineEvent& event : timeline.events()) {
    using google::protobuf::util::TimeUtil;
    const std::string length =
        event.has_duration()
            ? ExactLength(absl::Nanoseconds(
                  TimeUtil::DurationToNanoseconds(event.duration())))
            : "";
    const std::string seen =
        event.has_dtmf() ? PlaceOf(event.dtmf().source())
        : event.tone().in_audio() || event.has_dead_air() || event.has_unheard()
            ? "audio"
        : event.stream_id().empty() ? "signalling"
                                    : "RTP";
    table.AddRow({TimeOfDay(ToTime(event.time()), zone), Offset(call, event),
                  Party(event.side()), What(event), length, seen});
  }
  std::string text = table.Render();
  if (timeline.truncated())
    text += "There are more events: these are the first.\n";
  return text;
}

}  // namespace callbraid::cli
