#include "collector/query/signalling.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "collector/query/call_rtcp.h"
#include "collector/query/causal_order.h"
#include "collector/query/message_text.h"
#include "collector/store/clock_offset.h"
#include "collector/store/observation_id.h"
#include "common/base/status_macros.h"
#include "common/net/endpoint.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

// No call has so many legs; what looks like one is not worth the search.
constexpr size_t kMaxLegPairs = 64;

// The earliest messages within limits, out of any number in any order.
class EarliestMessages {
 public:
  explicit EarliestMessages(const SignallingLimits& limits) : limits_(limits) {}

  void Add(LadderMessage ladder, v1::SipRecord record) {
    bytes_ += record.message().size();
    entries_.push_back({std::move(ladder), std::move(record)});
    // Rarely, so that trimming costs little for each message.
    if (entries_.size() >= 2 * limits_.messages ||
        bytes_ >= 4 * limits_.bytes) {
      Trim();
    }
  }

  // Cause before effect.
  void MoveTo(const std::vector<LegPair>& legs,
              v1::GetSignallingResponse& response) {
    Trim();
    std::vector<LadderMessage> ladder;
    for (Entry& entry : entries_) ladder.push_back(std::move(entry.ladder));
    OrderCausally(legs, ladder);
    for (size_t i = 0; i < entries_.size(); ++i) {
      *entries_[i].record.mutable_aligned_time() =
          TimeUtil::NanosecondsToTimestamp(ladder[i].aligned_ns);
      entries_[i].ladder = std::move(ladder[i]);
    }
    std::stable_sort(entries_.begin(), entries_.end());
    for (Entry& entry : entries_) {
      *response.add_messages() = std::move(entry.record);
    }
    response.set_truncated(truncated_);
  }

 private:
  struct Entry {
    LadderMessage ladder;
    v1::SipRecord record;

    bool operator<(const Entry& other) const {
      return std::tie(ladder.aligned_ns, record.sensor(),
                      record.capture_point()) <
             std::tie(other.ladder.aligned_ns, other.record.sensor(),
                      other.record.capture_point());
    }
  };

  void Trim() {
    // Stable: messages of one observation came in their order.
    std::stable_sort(entries_.begin(), entries_.end());
    size_t kept = 0;
    size_t bytes = 0;
    while (kept < entries_.size() && kept < limits_.messages) {
      const size_t size = entries_[kept].record.message().size();
      if (bytes + size > limits_.bytes) break;
      bytes += size;
      ++kept;
    }
    truncated_ = truncated_ || kept < entries_.size();
    entries_.resize(kept);
    bytes_ = bytes;
  }

  const SignallingLimits limits_;
  std::vector<Entry> entries_;
  size_t bytes_ = 0;
  bool truncated_ = false;
};

std::string ToText(const v1::Endpoint& endpoint) {
  const auto parsed = FromProto(endpoint);
  return parsed ? parsed->ToString() : "";
}

// "10.0.0.1" of "10.0.0.1:5060".
std::string_view HostOf(std::string_view endpoint) {
  return endpoint.substr(0, endpoint.rfind(':'));
}

// What tells where a message belongs in the order of things.
LadderMessage LadderOf(const v1::SipFrame& frame, const v1::Leg& leg,
                       const v1::SipRecord& record) {
  LadderMessage message;
  message.call_id = leg.call_id();
  const bool hosts_differ = HostOf(leg.source()) != HostOf(leg.destination());
  message.forward = hosts_differ
                        ? HostOf(record.source()) == HostOf(leg.source())
                        : record.source() == leg.source();
  SetTransaction(frame, message);
  return message;
}

// Of one dialog: where a proxy takes it from one host to the next.
std::vector<LegPair> PairsOf(const v1::Call& call) {
  std::vector<LegPair> pairs;
  for (int near = 0; near < call.legs_size(); ++near) {
    for (int far = 0; far < call.legs_size(); ++far) {
      const v1::Leg& x = call.legs(near);
      const v1::Leg& y = call.legs(far);
      if (near == far || x.call_id() != y.call_id() ||
          HostOf(x.destination()) != HostOf(y.source())) {
        continue;
      }
      for (LegPair& pair : pairs) {
        pair.forked = pair.forked || pair.near == static_cast<size_t>(near);
      }
      const bool forked = !pairs.empty() && pairs.back().forked &&
                          pairs.back().near == static_cast<size_t>(near);
      pairs.push_back(
          {static_cast<size_t>(near), static_cast<size_t>(far), forked});
      if (pairs.size() == kMaxLegPairs) return pairs;
    }
  }
  return pairs;
}

// Where in the call an observation is.
struct Sighting {
  const v1::Leg& leg;
  size_t leg_index = 0;
  size_t sensor_index = 0;
};

absl::Status ReadObservation(Store& store, const store::v1::CallRecord& record,
                             const Sighting& sighting, const ObservationId& id,
                             PressedKeys pressed_keys,
                             EarliestMessages& messages) {
  ASSIGN_OR_RETURN(const StoredObservation stored,
                   store.facts().GetObservation(id));
  const store::v1::Observation& observation = stored.observation;
  v1::CallFrame frame;
  return store.media().ReadFrames(
      id,
      {observation.bucket_ranges().begin(), observation.bucket_ranges().end()},
      [&](const FrameRecord& stored_frame) {
        if (!frame.ParseFromString(stored_frame.frame) || !frame.has_sip()) {
          return true;
        }
        v1::SipFrame& sip = *frame.mutable_sip();
        if (pressed_keys == PressedKeys::kMasked && !MaskPressedKeys(sip)) {
          return true;
        }
        v1::SipRecord message;
        *message.mutable_time() =
            TimeUtil::NanosecondsToTimestamp(sip.time_ns());
        message.set_sensor(observation.sensor());
        message.set_capture_point(observation.capture_point());
        message.set_source(ToText(sip.source()));
        message.set_destination(ToText(sip.destination()));
        message.set_transport(sip.transport());
        message.set_summary(SummaryOf(sip));
        message.set_truncated(sip.truncated());
        message.set_leg_id(sighting.leg.id());
        message.set_protocol(sighting.leg.protocol());
        LadderMessage ladder = LadderOf(sip, sighting.leg, message);
        ladder.leg = sighting.leg_index;
        ladder.sensor = sighting.sensor_index;
        ladder.aligned_ns =
            sip.time_ns() +
            OffsetAt(record, observation.sensor(), sip.time_ns());
        ladder.uncertainty_ns =
            OffsetUncertaintyAt(record, observation.sensor(), sip.time_ns());
        MaskMediaKeys(sip);
        message.set_message(std::move(*sip.mutable_message()));
        messages.Add(std::move(ladder), std::move(message));
        return true;
      });
}

}  // namespace

absl::Status ReadSignalling(Store& store, const store::v1::CallRecord& record,
                            const SignallingLimits& limits,
                            PressedKeys pressed_keys,
                            v1::GetSignallingResponse& response) {
  EarliestMessages messages(limits);
  std::map<std::string, size_t> sensors;
  const v1::Call& call = record.call();
  for (int i = 0; i < call.legs_size(); ++i) {
    for (const v1::LegObservation& observation : call.legs(i).observations()) {
      const auto id = ObservationId::FromHex(observation.id());
      if (!id) return absl::DataLossError("a call record is damaged");
      const auto sensor =
          sensors.try_emplace(observation.sensor(), sensors.size()).first;
      RETURN_IF_ERROR(ReadObservation(
          store, record, {call.legs(i), static_cast<size_t>(i), sensor->second},
          *id, pressed_keys, messages));
    }
  }
  messages.MoveTo(PairsOf(call), response);
  return absl::OkStatus();
}

absl::Status ReadRtcpRecords(Store& store, const store::v1::CallRecord& record,
                             size_t most, v1::GetSignallingResponse& response) {
  // The earliest of all, whichever capture point comes first.
  std::multimap<int64_t, v1::RtcpRecord> earliest;
  RETURN_IF_ERROR(VisitRtcp(store, record, [&](const CallRtcp& seen) {
    v1::RtcpRecord rtcp;
    *rtcp.mutable_time() =
        TimeUtil::NanosecondsToTimestamp(seen.frame.time_ns());
    rtcp.set_sensor(seen.sensor);
    rtcp.set_capture_point(seen.capture_point);
    rtcp.set_source(ToText(seen.frame.source()));
    rtcp.set_destination(ToText(seen.frame.destination()));
    rtcp.set_summary(SummaryOfRtcp(seen.frame.packet()));
    rtcp.set_leg_id(seen.leg_id);
    *rtcp.mutable_aligned_time() =
        TimeUtil::NanosecondsToTimestamp(seen.aligned_ns);
    earliest.emplace(seen.aligned_ns, std::move(rtcp));
    if (earliest.size() > most) {
      earliest.erase(std::prev(earliest.end()));
      response.set_truncated(true);
    }
    return true;
  }));
  for (auto& [time_ns, rtcp] : earliest) *response.add_rtcp() = std::move(rtcp);
  return absl::OkStatus();
}

}  // namespace callbraid::collector
