#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/table.h"
#include "collector/cli/text.h"
#include "common/base/absl_string.h"
#include "common/h323/q931_message.h"

namespace callbraid::cli {
namespace {

// Joins of one kind that are listed; a conference has thousands.
constexpr int kMaxEvidence = 8;

using google::protobuf::Timestamp;

// What goes without saying is SIP.
const char* ProtocolOf(const v1::Leg& leg) {
  switch (leg.protocol()) {
    case v1::SIGNALLING_PROTOCOL_MGCP:
      return "MGCP  ";
    case v1::SIGNALLING_PROTOCOL_SCCP:
      return "SCCP  ";
    case v1::SIGNALLING_PROTOCOL_H323:
      return "H.323  ";
    default:
      return "";
  }
}

// "cause 17, user busy", "\"Call completed elsewhere\""; of a leg or a call.
template <typename Ended>
void AddRelease(const Ended& ended, std::vector<std::string>& parts) {
  if (ended.release_cause() != 0) {
    const std::string_view name = Q850Name(ended.release_cause());
    parts.push_back(absl::StrCat("cause ", ended.release_cause(),
                                 name.empty() ? "" : ", ", ToAbsl(name)));
  }
  if (!ended.release_reason().empty()) {
    parts.push_back(absl::StrCat("\"", ended.release_reason(), "\""));
  }
}

// "caller hung up". Who cancelled and who refused goes without saying.
std::string EndOf(const v1::Call& call) {
  const std::string reason = Word(call.end_reason());
  if (call.end_reason() != v1::END_REASON_BYE ||
      call.ended_by() == v1::SIDE_UNSPECIFIED) {
    return reason;
  }
  return absl::StrCat(
      call.ended_by() == v1::SIDE_CALLER ? "caller " : "callee ", reason);
}

// "hung up by 10.0.0.1:5060": who is the caller of a leg need not be that of
// the call.
std::string EndOf(const v1::Leg& leg) {
  const std::string reason = Word(leg.end_reason());
  if (leg.end_reason() != v1::END_REASON_BYE ||
      leg.ended_by() == v1::SIDE_UNSPECIFIED) {
    return reason;
  }
  return absl::StrCat(
      reason, " by ",
      leg.ended_by() == v1::SIDE_CALLER ? leg.source() : leg.destination());
}

class CallText {
 public:
  CallText(const v1::Call& call, absl::Time now, absl::TimeZone zone)
      : call_(call), now_(now), zone_(zone) {
    for (int i = 0; i < call.legs_size(); ++i) {
      leg_names_[call.legs(i).id()] = absl::StrCat("leg ", i + 1);
      for (const auto& seen : call.legs(i).observations()) {
        places_[seen.id()] = {absl::StrCat("leg ", i + 1), seen.sensor(),
                              seen.capture_point()};
      }
    }
    for (int i = 0; i < call.streams_size(); ++i) {
      for (const auto& seen : call.streams(i).observations()) {
        places_[seen.id()] = {absl::StrCat("stream ", i + 1), seen.sensor(),
                              seen.capture_point()};
      }
    }
  }

  std::string Render() {
    Head();
    for (int i = 0; i < call_.legs_size(); ++i) Leg(i);
    for (int i = 0; i < call_.streams_size(); ++i) Stream(i);
    Evidence();
    return std::move(text_);
  }

 private:
  // An observation, as people would call it.
  struct Place {
    std::string what;
    std::string sensor;
    std::string capture_point;
  };

  void Line(const std::string& text, size_t indent = 2, size_t hanging = 14) {
    text_ += Wrap(Printable(text), indent, hanging);
  }
  void Fact(const std::string& name, const std::string& value) {
    if (!value.empty()) Line(absl::StrCat(PadRight(name, 11), " ", value));
  }
  void Title(const std::string& text) {
    absl::StrAppend(&text_, "\n", Printable(text), "\n");
  }

  std::string Party(const std::string& number, const std::string& name,
                    const std::string& uri) const {
    std::string party = number.empty() ? "not known" : number;
    if (!name.empty() && name != number) {
      absl::StrAppend(&party, " \"", name, "\"");
    }
    if (!uri.empty()) absl::StrAppend(&party, "  <", uri, ">");
    return party;
  }

  // "completed, caller hung up, SIP status 200"
  std::string Course() const {
    std::vector<std::string> parts = {Word(call_.state())};
    const std::string reason = EndOf(call_);
    if (!reason.empty()) parts.push_back(reason);
    if (call_.final_status() != 0) {
      parts.push_back(absl::StrCat("SIP status ", call_.final_status()));
    }
    AddRelease(call_, parts);
    return absl::StrJoin(parts, ", ");
  }

  void Annotation() {
    const v1::CallAnnotation& annotation = call_.annotation();
    Fact("Tags", absl::StrJoin(annotation.tags(), ", "));
    const char* name = "Note";
    for (absl::string_view line : absl::StrSplit(annotation.note(), '\n')) {
      Fact(name, std::string(line));
      name = "";
    }
  }

  void Head() {
    absl::StrAppend(&text_, "Call ", call_.id(), "\n\n");
    Fact("Caller",
         Party(call_.caller(), call_.caller_name(), call_.caller_uri()));
    Fact("Callee",
         Party(call_.callee(), call_.callee_name(), call_.callee_uri()));
    Fact("State", Course());
    const absl::Time start = ToTime(call_.start_time());
    Fact("Started",
         absl::StrCat(absl::FormatTime("%a %Y-%m-%d ", start, zone_),
                      TimeOfDay(start, zone_), " ", ZoneName(start, zone_)));
    if (call_.has_ringing_time()) {
      const absl::Time ringing = ToTime(call_.ringing_time());
      Fact("Rang", absl::StrCat(TimeOfDay(ringing, zone_), ", after ",
                                ExactLength(ringing - start)));
    }
    if (call_.has_answer_time()) {
      const absl::Time answer = ToTime(call_.answer_time());
      Fact("Answered", absl::StrCat(TimeOfDay(answer, zone_), ", after ",
                                    ExactLength(answer - start)));
    }
    const absl::Duration talked = TalkTime(call_, now_);
    if (call_.has_end_time()) {
      const absl::Time end = ToTime(call_.end_time());
      Fact("Ended",
           absl::StrCat(TimeOfDay(end, zone_), ", after ",
                        talked > absl::ZeroDuration()
                            ? absl::StrCat(ExactLength(talked), " of talk")
                            : ExactLength(end - start)));
    } else if (talked > absl::ZeroDuration()) {
      Fact("Talking", absl::StrCat("for ", ExactLength(talked), " so far"));
    }
    Fact("Seen by",
         call_.sensors_size() == 0
             ? ""
             : absl::StrCat(call_.sensors_size() == 1 ? "sensor " : "sensors ",
                            SensorList(call_)));
    if (call_.has_listening_mos()) {
      Fact("MOS", absl::StrCat(ListeningMos(call_),
                               " at the worst, by codec and loss"));
    }
    Fact("Notes", FlagWords(call_));
    Annotation();
    if (call_.has_hold()) {
      Fact("Hold",
           absl::StrCat(
               "by ",
               call_.hold().user().empty() ? "anyone" : call_.hold().user(),
               " since ", DateAndTime(ToTime(call_.hold().time()), zone_), ": ",
               call_.hold().reason()));
    }
  }

  std::string Span(bool has_from, const Timestamp& from, bool has_to,
                   const Timestamp& to) const {
    return absl::StrCat(has_from ? TimeOfDay(ToTime(from), zone_) : "?", " - ",
                        has_to ? TimeOfDay(ToTime(to), zone_) : "");
  }

  void Leg(int index) {
    const v1::Leg& leg = call_.legs(index);
    std::vector<std::string> state = {Word(leg.state())};
    const std::string reason = EndOf(leg);
    if (!reason.empty()) state.push_back(reason);
    if (leg.final_status() != 0) {
      state.push_back(absl::StrCat(leg.final_status()));
    }
    AddRelease(leg, state);
    Title(absl::StrCat("Leg ", index + 1, "  ", ProtocolOf(leg), leg.source(),
                       " → ", leg.destination(), "  ",
                       absl::StrJoin(state, ", ")));
    Fact("Call-ID", leg.call_id());
    Fact("From, to",
         absl::StrCat("<", leg.caller_uri(), ">  <", leg.callee_uri(), ">"));
    for (int i = 0; i < call_.legs_size(); ++i) {
      if (leg.continues().empty() || leg.continues() != call_.legs(i).id()) {
        continue;
      }
      Fact("Goes on from", absl::StrCat("leg ", i + 1));
    }
    Table table;
    table.AddColumn("SEEN AT");
    table.AddColumn("CAPTURE POINT", Table::Align::kLeft, true);
    table.AddColumn("MESSAGES", Table::Align::kRight);
    table.AddColumn("FIRST - LAST");
    for (const v1::LegObservation& seen : leg.observations()) {
      table.AddRow({seen.sensor(), seen.capture_point(), Count(seen.messages()),
                    Span(seen.has_first_time(), seen.first_time(),
                         seen.has_last_time(), seen.last_time())});
    }
    if (!table.empty()) text_ += table.Render(2);
  }

  static bool IsUdptl(const v1::Stream& stream) {
    return stream.transport() == v1::MEDIA_TRANSPORT_UDPTL;
  }

  std::string Codec(const v1::Stream& stream) const {
    if (IsUdptl(stream)) return absl::StrCat("fax (", stream.codec(), ")");
    std::string codec =
        stream.codec().empty()
            ? absl::StrCat("payload type ", stream.payload_type())
            : absl::StrCat(stream.codec(), "/", stream.clock_rate());
    if (!stream.encrypted()) return codec;
    return absl::StrCat(codec, "  encrypted",
                        stream.encryption().empty()
                            ? ""
                            : absl::StrCat(" (", stream.encryption(), ")"));
  }

  void Stream(int index) {
    const v1::Stream& stream = call_.streams(index);
    Title(absl::StrCat("Stream ", index + 1, "  ", Word(stream.side()), "  ",
                       stream.source(), " → ", stream.destination(), "  ",
                       Codec(stream)));
    std::vector<std::string> facts = {
        Counted(stream.packets(), "packet"),
        absl::StrCat(
            Count(stream.lost()), " lost (",
            Percent(stream.lost(), uint64_t{stream.packets()} + stream.lost()),
            ")")};
    if (stream.has_listening_mos()) {
      facts.push_back(absl::StrFormat("MOS %.2f", stream.listening_mos()));
    }
    if (stream.has_start_time() && stream.has_end_time()) {
      facts.push_back(
          ExactLength(ToTime(stream.end_time()) - ToTime(stream.start_time())));
    }
    if (!IsUdptl(stream)) {
      facts.push_back(absl::StrFormat("SSRC %08x", stream.ssrc()));
    }
    const auto leg = leg_names_.find(stream.leg_id());
    if (leg != leg_names_.end()) facts.push_back(leg->second);
    Line(absl::StrJoin(facts, ", "));
    StreamObservations(stream);
    for (const v1::Hop& hop : stream.hops()) Hop(hop);
    for (const std::string& finding : stream.findings()) {
      Line(absl::StrCat("! ", finding), 2, 4);
    }
  }

  void StreamObservations(const v1::Stream& stream) {
    Table table;
    table.AddColumn("SEEN AT");
    table.AddColumn("CAPTURE POINT", Table::Align::kLeft, true);
    for (const char* title :
         {"PACKETS", "LOST", "LATE", "TWICE", "MIRRORED", "JITTER", "MAX"}) {
      table.AddColumn(title, Table::Align::kRight);
    }
    table.AddColumn("AS", Table::Align::kLeft, true);
    for (const v1::StreamObservation& seen : stream.observations()) {
      const bool translated = seen.source() != stream.source() ||
                              seen.destination() != stream.destination();
      table.AddRow({seen.sensor(), seen.capture_point(), Count(seen.packets()),
                    Count(seen.lost()), Count(seen.reordered()),
                    Count(seen.duplicates()), Count(seen.mirror_copies()),
                    absl::StrFormat("%.1f ms", seen.jitter_ms()),
                    absl::StrFormat("%.1f ms", seen.max_jitter_ms()),
                    translated
                        ? absl::StrCat(seen.source(), " → ", seen.destination())
                        : ""});
    }
    if (!table.empty()) text_ += table.Render(2);
  }

  void Hop(const v1::Hop& hop) {
    std::string line = absl::StrCat(
        hop.from_sensor(), " → ", hop.to_sensor(), ": ",
        Counted(hop.packets(), "packet"), ", ", Count(hop.lost()),
        " lost on the way (", Percent(hop.lost(), hop.packets()), ")");
    if (hop.missed_near() > 0) {
      absl::StrAppend(&line, ", ", Count(hop.missed_near()),
                      " that the mirror of ", hop.from_sensor(), " missed");
    }
    if (hop.has_delay_ms()) {
      absl::StrAppend(
          &line, absl::StrFormat(", took %.1f ms ± %.1f ms", hop.delay_ms(),
                                 hop.delay_uncertainty_ms()));
    }
    if (hop.delay_variation_p95_ms() >= 0.05) {
      absl::StrAppend(&line, absl::StrFormat(", varying by %.1f ms",
                                             hop.delay_variation_p95_ms()));
    }
    Line(line);
  }

  static std::string Words(v1::EvidenceKind kind) {
    switch (kind) {
      case v1::EVIDENCE_KIND_SAME_DIALOG:
        return "same dialog";
      case v1::EVIDENCE_KIND_SDP_DESTINATION:
        return "RTP to where SDP wants it";
      case v1::EVIDENCE_KIND_SDP_SOURCE:
        return "RTP from where SDP says";
      case v1::EVIDENCE_KIND_REVERSE_FLOW:
        return "RTP the other way";
      case v1::EVIDENCE_KIND_SAME_RTP:
        return "same RTP";
      case v1::EVIDENCE_KIND_RELAYED_PAYLOAD:
        return "same payload, relayed";
      case v1::EVIDENCE_KIND_SESSION_ID:
        return "same Session-ID";
      case v1::EVIDENCE_KIND_CHARGING_VECTOR:
        return "same charging id";
      case v1::EVIDENCE_KIND_CISCO_GUID:
        return "same Cisco-Guid";
      case v1::EVIDENCE_KIND_CONTROLLED_CALL:
        return "one name for the call";
      case v1::EVIDENCE_KIND_LINK_HEADER:
        return "linked by a header";
      case v1::EVIDENCE_KIND_SDP_ORIGIN:
        return "SDP passed on";
      case v1::EVIDENCE_KIND_REPLACES:
        return "takes its place";
      case v1::EVIDENCE_KIND_TRANSFER:
        return "transferred";
      case v1::EVIDENCE_KIND_REDIRECT:
        return "redirected";
      case v1::EVIDENCE_KIND_NUMBERS_AND_TIME:
        return "numbers and times agree";
      default:
        return "joined";
    }
  }

  // "leg 1 at sensors s1 and s2", "leg 1 at s1 and stream 2 at s2".
  std::string Between(const v1::Evidence& evidence) const {
    const auto first = places_.find(evidence.first());
    const auto second = places_.find(evidence.second());
    if (first == places_.end() || second == places_.end()) return "";
    const Place& a = first->second;
    const Place& b = second->second;
    // Two capture points of one sensor need their own names.
    const bool points =
        a.sensor == b.sensor && a.capture_point != b.capture_point;
    const auto where = [points](const Place& place) {
      return points ? absl::StrCat(place.sensor, "/", place.capture_point)
                    : place.sensor;
    };
    if (a.what == b.what) {
      return absl::StrCat(" at ", points ? "" : "sensors ", where(a), " and ",
                          where(b), " (", a.what, ")");
    }
    if (where(a) == where(b)) {
      return absl::StrCat(" (", a.what, ", ", b.what, " at ", where(a), ")");
    }
    return absl::StrCat(" (", a.what, " at ", where(a), ", ", b.what, " at ",
                        where(b), ")");
  }

  void Evidence() {
    if (call_.evidence_size() == 0) return;
    Title("Why this is one call");
    std::map<v1::EvidenceKind, int> listed;
    for (const v1::Evidence& evidence : call_.evidence()) {
      if (++listed[evidence.kind()] > kMaxEvidence) continue;
      std::string line = absl::StrCat(Words(evidence.kind()), Between(evidence),
                                      evidence.detail().empty() ? "" : ": ",
                                      evidence.detail());
      if (evidence.score() < 1) {
        absl::StrAppend(&line,
                        absl::StrFormat("  [score %.2f]", evidence.score()));
      }
      Line(line, 2, 4);
    }
    for (const auto& [kind, count] : listed) {
      if (count > kMaxEvidence) {
        Line(absl::StrCat("and ", count - kMaxEvidence, " more of ",
                          Words(kind)));
      }
    }
  }

  const v1::Call& call_;
  const absl::Time now_;
  const absl::TimeZone zone_;
  std::map<std::string, Place> places_;
  std::map<std::string, std::string> leg_names_;
  std::string text_;
};

}  // namespace

std::string RenderCall(const v1::Call& call, absl::Time now,
                       absl::TimeZone zone) {
  return CallText(call, now, zone).Render();
}

}  // namespace callbraid::cli
