#include "collector/timeline/leg_marks.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "collector/store/clock_offset.h"
#include "collector/timeline/faxes.h"
#include "collector/timeline/holds.h"
#include "collector/timeline/sip_digits.h"
#include "collector/timeline/sip_transfer.h"
#include "common/base/status_macros.h"
#include "common/net/endpoint.h"
#include "common/sip/sip_message.h"

namespace callbraid::collector {
namespace {

// A time beyond this (2116) is nonsense.
constexpr int64_t kMaxTimeNs = int64_t{1} << 62;

void SortByTime(std::vector<TimelineMark>& marks) {
  std::stable_sort(marks.begin(), marks.end(),
                   [](const TimelineMark& a, const TimelineMark& b) {
                     return a.time_ns < b.time_ns;
                   });
}

class LegReader {
 public:
  LegReader(Store& store, const store::v1::CallRecord& record,
            const v1::Leg& leg)
      : store_(store), record_(record), leg_(leg) {}

  absl::Status Read(const v1::LegObservation& seen) {
    const auto id = ObservationId::FromHex(seen.id());
    if (!id) return absl::DataLossError("a call record is damaged");
    const auto stored = store_.facts().GetObservation(*id);
    // Retention may be ahead of the call.
    if (absl::IsNotFound(stored.status())) return absl::OkStatus();
    RETURN_IF_ERROR(stored.status());
    const store::v1::Observation& observation = stored->observation;
    AddHolds(observation);
    AddFaxes(observation);
    AddKeys(observation);
    v1::CallFrame frame;
    return store_.media().ReadFrames(
        *id,
        {observation.bucket_ranges().begin(),
         observation.bucket_ranges().end()},
        [&](const FrameRecord& from) {
          if (frame.ParseFromString(from.frame) && frame.has_sip()) {
            AddRequest(frame.sip(), observation);
          }
          return told_.size() < kMaxMarks;
        });
  }

  // Of all that was read.
  std::vector<TimelineMark> Take() {
    SortByTime(told_);
    Unite(states_, std::move(told_));
    Unite(states_, std::move(keys_));
    for (TimelineMark& mark : states_) mark.event.set_leg_id(leg_.id());
    return std::move(states_);
  }

 private:
  // Each capture point sees the same ones, or fewer.
  void AddHolds(const store::v1::Observation& observation) {
    std::vector<TimelineMark> found;
    for (const Hold& hold : HoldsIn(observation.dialog())) {
      TimelineMark& mark = found.emplace_back();
      mark.time_ns = TimeOf(observation, hold.begin_ns);
      if (hold.end_ns) {
        mark.duration_ns = TimeOf(observation, *hold.end_ns) - mark.time_ns;
      }
      mark.side = SideOf(hold.by_initiator);
      mark.what = "hold";
      mark.event.mutable_hold();
    }
    Unite(states_, std::move(found));
  }

  void AddFaxes(const store::v1::Observation& observation) {
    std::vector<TimelineMark> found;
    for (const Fax& fax : FaxesIn(observation.dialog())) {
      TimelineMark& mark = found.emplace_back();
      mark.time_ns = TimeOf(observation, fax.begin_ns);
      if (fax.end_ns) {
        mark.duration_ns = TimeOf(observation, *fax.end_ns) - mark.time_ns;
      }
      mark.side = SideOf(fax.by_initiator);
      mark.what = fax.accepted ? "fax" : "fax offered";
      mark.event.mutable_fax()->set_accepted(fax.accepted);
    }
    Unite(states_, std::move(found));
  }

  // Pressed in a call of a controlled device: told key by key.
  void AddKeys(const store::v1::Observation& observation) {
    std::vector<TimelineMark> found;
    for (const store::v1::KeyPress& key : observation.dialog().keys()) {
      TimelineMark& mark = found.emplace_back();
      mark.time_ns = TimeOf(observation, key.time_ns());
      mark.side = SideOf(key.from_initiator());
      mark.what = key.digit();
      mark.event.mutable_dtmf()->set_digit(mark.what);
      mark.event.mutable_dtmf()->set_source(v1::DTMF_SOURCE_CONTROLLER);
    }
    Unite(keys_, std::move(found));
  }

  void AddRequest(const v1::SipFrame& sip,
                  const store::v1::Observation& observation) {
    const auto message = ParseSip(sip.message());
    if (!message || !message->is_request()) return;
    const auto digits = DigitsIn(*message);
    const auto transfer = TransferIn(*message);
    if (!digits && !transfer) return;
    // Sent again, or seen elsewhere.
    if (!requests_
             .insert({std::string(message->call_id),
                      std::string(message->from.tag), message->cseq})
             .second) {
      return;
    }
    // Not by the address: behind a proxy it is the proxy's.
    const v1::Side side =
        SideOf(message->from.tag == observation.dialog().from_tag());
    const int64_t time_ns = TimeOf(observation, sip.time_ns());
    if (digits) AddDigits(*digits, time_ns, side);
    if (transfer) AddTransfer(*transfer, time_ns, side);
  }

  void AddDigits(const SipDigits& digits, int64_t time_ns, v1::Side side) {
    for (const char digit : digits.digits) {
      TimelineMark& mark = told_.emplace_back();
      mark.time_ns = time_ns;
      if (digits.duration_ms > 0) {
        mark.duration_ns = digits.duration_ms * 1'000'000;
      }
      mark.side = side;
      mark.what = std::string(1, digit);
      mark.event.mutable_dtmf()->set_digit(mark.what);
      mark.event.mutable_dtmf()->set_source(digits.source);
    }
  }

  void AddTransfer(const SipTransfer& transfer, int64_t time_ns,
                   v1::Side side) {
    TimelineMark& mark = told_.emplace_back();
    mark.time_ns = time_ns;
    mark.side = side;
    mark.what = "transfer to " + transfer.to;
    mark.event.mutable_transfer()->set_to(transfer.to);
    mark.event.mutable_transfer()->set_replaces(transfer.replaces);
  }

  int64_t TimeOf(const store::v1::Observation& observation,
                 int64_t raw_ns) const {
    raw_ns = std::clamp<int64_t>(raw_ns, 0, kMaxTimeNs);
    return raw_ns + OffsetAt(record_, observation.sensor(), raw_ns);
  }
  // Legs lead from the caller to the callee.
  static v1::Side SideOf(bool is_initiator) {
    return is_initiator ? v1::SIDE_CALLER : v1::SIDE_CALLEE;
  }

  Store& store_;
  const store::v1::CallRecord& record_;
  const v1::Leg& leg_;
  std::set<std::tuple<std::string, std::string, uint32_t>> requests_;
  std::vector<TimelineMark> states_;
  // What requests told.
  std::vector<TimelineMark> told_;
  std::vector<TimelineMark> keys_;
};

}  // namespace

absl::StatusOr<std::vector<TimelineMark>> MarksOfLeg(
    Store& store, const store::v1::CallRecord& record, const v1::Leg& leg) {
  LegReader reader(store, record, leg);
  for (const v1::LegObservation& seen : leg.observations()) {
    RETURN_IF_ERROR(reader.Read(seen));
  }
  return reader.Take();
}

}  // namespace callbraid::collector
