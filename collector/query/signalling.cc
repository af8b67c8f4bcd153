#include "collector/query/signalling.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/store/observation_id.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"
#include "common/net/endpoint.h"
#include "common/sip/sip_message.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

// The earliest messages within limits, out of any number in any order.
class EarliestMessages {
 public:
  explicit EarliestMessages(const SignallingLimits& limits) : limits_(limits) {}

  void Add(int64_t aligned_ns, v1::SipRecord record) {
    bytes_ += record.message().size();
    entries_.push_back({aligned_ns, std::move(record)});
    // Rarely, so that trimming costs little for each message.
    if (entries_.size() >= 2 * limits_.messages ||
        bytes_ >= 4 * limits_.bytes) {
      Trim();
    }
  }

  void MoveTo(v1::GetSignallingResponse& response) {
    Trim();
    for (Entry& entry : entries_) {
      *response.add_messages() = std::move(entry.record);
    }
    response.set_truncated(truncated_);
  }

 private:
  struct Entry {
    int64_t aligned_ns;
    v1::SipRecord record;

    bool operator<(const Entry& other) const {
      return std::tie(aligned_ns, record.sensor(), record.capture_point()) <
             std::tie(other.aligned_ns, other.record.sensor(),
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

// "INVITE", "180 Ringing"; what can be read of a damaged message.
std::string Summary(std::string_view message) {
  if (const auto sip = ParseSip(message)) {
    if (sip->is_request()) return std::string(sip->method);
    return absl::StrCat(sip->status, " ", ToAbsl(sip->reason));
  }
  return std::string(
      message.substr(0, std::min<size_t>(message.find_first_of("\r\n"), 60)));
}

absl::Status ReadObservation(Store& store, const store::v1::CallRecord& record,
                             const v1::Leg& leg, const ObservationId& id,
                             EarliestMessages& messages) {
  ASSIGN_OR_RETURN(const StoredObservation stored,
                   store.facts().GetObservation(id));
  const store::v1::Observation& observation = stored.observation;
  const int64_t offset_ns = OffsetNs(record, observation.sensor());
  v1::CallFrame frame;
  return store.media().ReadFrames(
      id,
      {observation.bucket_ranges().begin(), observation.bucket_ranges().end()},
      [&](const FrameRecord& stored_frame) {
        if (!frame.ParseFromString(stored_frame.frame) || !frame.has_sip()) {
          return true;
        }
        v1::SipFrame& sip = *frame.mutable_sip();
        const int64_t aligned_ns = sip.time_ns() + offset_ns;
        v1::SipRecord message;
        *message.mutable_time() =
            TimeUtil::NanosecondsToTimestamp(sip.time_ns());
        *message.mutable_aligned_time() =
            TimeUtil::NanosecondsToTimestamp(aligned_ns);
        message.set_sensor(observation.sensor());
        message.set_capture_point(observation.capture_point());
        message.set_source(ToText(sip.source()));
        message.set_destination(ToText(sip.destination()));
        message.set_transport(sip.transport());
        message.set_summary(Summary(sip.message()));
        message.set_truncated(sip.truncated());
        message.set_leg_id(leg.id());
        message.set_message(std::move(*sip.mutable_message()));
        messages.Add(aligned_ns, std::move(message));
        return true;
      });
}

}  // namespace

int64_t OffsetNs(const store::v1::CallRecord& record,
                 const std::string& sensor) {
  for (const store::v1::SensorOffset& offset : record.offsets()) {
    if (offset.sensor() == sensor) return offset.offset_ns();
  }
  return 0;
}

absl::Status ReadSignalling(Store& store, const store::v1::CallRecord& record,
                            const SignallingLimits& limits,
                            v1::GetSignallingResponse& response) {
  EarliestMessages messages(limits);
  for (const v1::Leg& leg : record.call().legs()) {
    for (const v1::LegObservation& observation : leg.observations()) {
      const auto id = ObservationId::FromHex(observation.id());
      if (!id) return absl::DataLossError("a call record is damaged");
      RETURN_IF_ERROR(ReadObservation(store, record, leg, *id, messages));
    }
  }
  messages.MoveTo(response);
  return absl::OkStatus();
}

}  // namespace callbraid::collector
