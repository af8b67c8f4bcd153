#include "collector/calls/call_state.h"

#include <algorithm>

#include "collector/store/proto_time.h"

namespace callbraid::collector {
namespace {

// What the hops of one dialog say together: the BYE that one of them missed,
// another one saw.
struct DialogStanding {
  bool answered = false;
  bool ended = false;
  // It takes the place of another: what that one came to is not the end.
  bool continues = false;
  int64_t end_ns = 0;
  v1::EndReason end_reason = v1::END_REASON_UNSPECIFIED;
};

void EndWith(const CallLeg& leg, DialogStanding& dialog) {
  dialog.ended = true;
  dialog.end_ns = std::max(dialog.end_ns, leg.end_ns);
  dialog.end_reason = leg.end_reason;
}

std::vector<DialogStanding> DialogsOf(const std::vector<CallLeg>& legs) {
  std::map<std::string, std::vector<const CallLeg*>> places;
  std::vector<std::string> order;
  for (const CallLeg& leg : legs) {
    auto& hops = places[leg.call_id()];
    if (hops.empty()) order.push_back(leg.call_id());
    hops.push_back(&leg);
  }
  std::vector<DialogStanding> dialogs;
  for (const std::string& call_id : order) {
    DialogStanding& dialog = dialogs.emplace_back();
    const auto& hops = places[call_id];
    for (const CallLeg* leg : hops) {
      dialog.continues = dialog.continues || leg->continues.has_value();
      dialog.answered = dialog.answered || leg->answered() ||
                        leg->best->dialog().began_before();
      if (leg->end_ns != 0 && leg->end_reason == v1::END_REASON_BYE) {
        EndWith(*leg, dialog);
      }
    }
    // What was not answered ends where the caller is told so: a fork that was
    // refused may not be the last.
    if (!dialog.answered && hops.front()->end_ns != 0) {
      EndWith(*hops.front(), dialog);
    }
  }
  return dialogs;
}

// Whether signalling says that the call is over; then when and why.
bool EndedBySignalling(const std::vector<DialogStanding>& dialogs,
                       CallStanding& standing) {
  const bool answered =
      std::any_of(dialogs.begin(), dialogs.end(),
                  [](const DialogStanding& dialog) { return dialog.answered; });
  bool any = false;
  for (const DialogStanding& dialog : dialogs) {
    // Once answered, branches that never were do not keep a call open.
    if (answered && !dialog.answered && !dialog.continues) continue;
    if (!dialog.ended) return false;
    if (!any || dialog.end_ns > standing.end_ns) {
      standing.end_ns = dialog.end_ns;
    }
    // Of several branches the first leg's is the caller's.
    if (!any) standing.end_reason = dialog.end_reason;
    any = true;
  }
  return any;
}

bool EndedByQuiet(const std::vector<WatchPoint>& points,
                  const Watermarks& watermarks, const EvidencePolicy& policy,
                  CallStanding& standing) {
  bool capture_ended = true;
  for (const WatchPoint& point : points) {
    const Outlook outlook = point.OutlookAt(
        watermarks.Of(point.sensor, point.capture_point), policy);
    if (outlook == Outlook::kOpen) return false;
    capture_ended = capture_ended && outlook == Outlook::kEnded;
  }
  standing.end_ns = standing.last_ns;
  standing.end_reason =
      capture_ended ? v1::END_REASON_CAPTURE_ENDED : v1::END_REASON_SILENCE;
  return true;
}

bool HasBothSides(const std::vector<CallStream>& streams) {
  const auto has = [&](v1::Side side) {
    return std::any_of(
        streams.begin(), streams.end(),
        [side](const CallStream& stream) { return stream.side == side; });
  };
  return has(v1::SIDE_CALLER) && has(v1::SIDE_CALLEE);
}

// What the caller got in the end: not that somebody else is to be called, nor
// that the phone which rang had to stop because another took the call.
uint32_t FinalStatusOf(const std::vector<CallLeg>& legs) {
  uint32_t status = 0;
  for (const CallLeg& leg : legs) {
    const bool redirected = status / 100 == 3 && leg.final_status != 0;
    const bool taken =
        status >= 300 && leg.continues && leg.final_status / 100 == 2;
    if (status == 0 || redirected || taken) status = leg.final_status;
  }
  return status;
}

int64_t RingingOf(const std::vector<CallLeg>& legs) {
  int64_t ringing_ns = kNever;
  for (const CallLeg& leg : legs) {
    const int64_t told_ns =
        leg.ringing_ns != 0 ? leg.ringing_ns : leg.answer_ns;
    if (told_ns != 0) ringing_ns = std::min(ringing_ns, told_ns);
  }
  return ringing_ns == kNever ? 0 : ringing_ns;
}

v1::CallState OpenState(const std::vector<CallLeg>& legs, bool answered) {
  if (answered) return v1::CALL_STATE_ACTIVE;
  const bool ringing =
      std::any_of(legs.begin(), legs.end(),
                  [](const CallLeg& leg) { return leg.ringing_ns != 0; });
  return ringing ? v1::CALL_STATE_RINGING : v1::CALL_STATE_SETUP;
}

}  // namespace

Watermarks::Watermarks(const std::vector<v1::Sensor>& sensors, int64_t wall_ns,
                       const EvidencePolicy& policy)
    : uplinks_(sensors) {
  for (const v1::Sensor& sensor : sensors) {
    const int64_t away_ns = wall_ns - ToNs(sensor.last_seen_time());
    for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
      Mark& mark = marks_[{sensor.id(), point.capture_point().name()}];
      mark.time_ns = std::max<int64_t>(0, point.report().time_ns());
      mark.final = point.report().final();
      mark.lost = !sensor.connected() &&
                  away_ns > std::max(policy.silence_ns, policy.sensor_lost_ns);
      mark.gone = !sensor.connected() && away_ns > policy.sensor_gone_ns;
    }
  }
}

Watermarks::Mark Watermarks::Of(const std::string& sensor,
                                const std::string& capture_point) const {
  const auto found = marks_.find({sensor, capture_point});
  return found == marks_.end() ? Mark() : found->second;
}

Outlook WatchPoint::OutlookAt(const Watermarks::Mark& mark,
                              const EvidencePolicy& policy) const {
  if (mark.time_ns >= last_ns + policy.silence_ns) return Outlook::kSilent;
  if (mark.final) return Outlook::kEnded;
  if (final) return Outlook::kDone;
  return mark.lost ? Outlook::kLost : Outlook::kOpen;
}

bool WatchPoint::PassedAt(const Watermarks::Mark& mark,
                          const EvidencePolicy& policy) const {
  return mark.final || mark.time_ns >= last_ns + policy.settle_ns;
}

bool WatchPoint::IsDoneAt(const Watermarks::Mark& mark,
                          const EvidencePolicy& policy) const {
  return PassedAt(mark, policy) && (!owes || mark.gone);
}

std::vector<WatchPoint> WatchPointsOf(const Component& component) {
  std::map<std::pair<std::string, std::string>, WatchPoint> points;
  for (const Node* node : component.members) {
    const auto [it, added] = points.try_emplace(
        {node->sensor(), node->capture_point()},
        WatchPoint{node->sensor(), node->capture_point(), 0, true, false});
    it->second.last_ns = std::max(it->second.last_ns, node->last_ns);
    it->second.final = it->second.final && node->final();
  }
  std::vector<WatchPoint> out;
  out.reserve(points.size());
  for (auto& [key, point] : points) out.push_back(std::move(point));
  return out;
}

std::string PhaseOf(const std::vector<WatchPoint>& points,
                    const Watermarks& watermarks,
                    const EvidencePolicy& policy) {
  std::string phase;
  for (const WatchPoint& point : points) {
    const Watermarks::Mark mark =
        watermarks.Of(point.sensor, point.capture_point);
    phase.push_back(static_cast<char>(
        'a' + 3 * static_cast<int>(point.OutlookAt(mark, policy)) +
        (point.PassedAt(mark, policy) ? 1 : 0) +
        (point.IsDoneAt(mark, policy) ? 1 : 0)));
  }
  return phase;
}

CallStanding StandingOf(const std::vector<CallLeg>& legs,
                        const std::vector<CallStream>& streams,
                        const std::vector<WatchPoint>& points,
                        const Component& component, const SensorClocks& clocks,
                        const Watermarks& watermarks,
                        const EvidencePolicy& policy) {
  CallStanding standing;
  standing.start_ns = kNever;
  int64_t invite_ns = kNever;
  for (const Node* node : component.members) {
    standing.start_ns = std::min(standing.start_ns,
                                 clocks.Align(node->sensor(), node->first_ns));
    standing.last_ns =
        std::max(standing.last_ns, clocks.Align(node->sensor(), node->last_ns));
  }
  for (const CallLeg& leg : legs) {
    if (leg.invite_ns != 0) invite_ns = std::min(invite_ns, leg.invite_ns);
    if (standing.answer_ns == 0) standing.answer_ns = leg.answer_ns;
  }
  standing.final_status = FinalStatusOf(legs);
  if (invite_ns != kNever) {
    standing.start_ns = invite_ns;
    const int64_t ringing_ns = RingingOf(legs);
    // Of two sensors, whose clocks are known so far and no further.
    if (ringing_ns != 0) standing.ringing_ns = std::max(ringing_ns, invite_ns);
  }
  const std::vector<DialogStanding> dialogs = DialogsOf(legs);
  bool answered = legs.empty() || std::any_of(dialogs.begin(), dialogs.end(),
                                              [](const auto& dialog) {
                                                return dialog.answered;
                                              });
  const bool signalled = EndedBySignalling(dialogs, standing);
  standing.over =
      signalled || EndedByQuiet(points, watermarks, policy, standing);
  if (!standing.over) {
    standing.state = OpenState(legs, answered);
    standing.end_ns = 0;
    standing.end_reason = v1::END_REASON_UNSPECIFIED;
    return standing;
  }
  // The answer was not seen, yet both spoke until it went quiet.
  answered = answered || (!signalled && HasBothSides(streams));
  standing.state =
      answered ? v1::CALL_STATE_COMPLETED : v1::CALL_STATE_UNANSWERED;
  standing.settled =
      std::all_of(points.begin(), points.end(), [&](const WatchPoint& point) {
        const auto mark = watermarks.Of(point.sensor, point.capture_point);
        const Outlook outlook = point.OutlookAt(mark, policy);
        // Without signalling, why it ended must be certain, too.
        if (signalled) return point.IsDoneAt(mark, policy);
        return (outlook == Outlook::kSilent || outlook == Outlook::kEnded) &&
               (!point.owes || point.IsDoneAt(mark, policy));
      });
  return standing;
}

}  // namespace callbraid::collector
