#include "collector/hearing/call_listening.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "collector/hearing/speech_meter.h"
#include "collector/hearing/talk.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kFrameNs = 20'000'000;
constexpr size_t kFramesOfSecond = 50;
// Who talks for less was not heard: a click, the end of a tone.
constexpr size_t kLeastTalk = kFramesOfSecond / 5;
constexpr size_t kDeadAirFrames = 10 * kFramesOfSecond;
constexpr size_t kOneWayTalk = 2 * kFramesOfSecond;
// In a shorter call, or rest of one, nobody may have had anything to say.
constexpr size_t kUnheardFrames = 10 * kFramesOfSecond;
constexpr int kMaxDeadAir = 1000;

// Frames of the call, [begin, end).
struct Frames {
  size_t begin = 0;
  size_t end = 0;
};

// Writes up what was heard.
class Listening {
 public:
  Listening(const HeardCall& heard, const std::vector<CallStretch>& holds)
      : heard_(heard),
        talks_{TalkIn(heard.parties[0].meter), TalkIn(heard.parties[1].meter)},
        on_hold_(talks_[0].frames.size(), false) {
    for (const CallStretch& hold : holds) {
      const Frames frames = {FrameOf(hold.begin_ns), FrameOf(hold.end_ns)};
      std::fill(on_hold_.begin() + static_cast<ptrdiff_t>(frames.begin),
                on_hold_.begin() + static_cast<ptrdiff_t>(frames.end), true);
      if (hold.end_ns > heard.time.begin_ns) after_hold_ = frames.end;
    }
  }

  v1::CallListening Write() const {
    v1::CallListening told;
    *told.mutable_begin() =
        TimeUtil::NanosecondsToTimestamp(heard_.time.begin_ns);
    *told.mutable_length() = LengthOf(on_hold_.size());
    const auto held =
        static_cast<size_t>(std::count(on_hold_.begin(), on_hold_.end(), true));
    *told.mutable_on_hold() = LengthOf(held);
    const size_t open = on_hold_.size() - held;
    for (size_t side = 0; side < 2; ++side) {
      WriteParty(side, open, *told.add_parties());
    }
    if (!AnyUnknown(told)) WriteBoth(open, told);
    return told;
  }

 private:
  static google::protobuf::Duration LengthOf(size_t frames) {
    return TimeUtil::NanosecondsToDuration(static_cast<int64_t>(frames) *
                                           kFrameNs);
  }
  google::protobuf::Timestamp TimeOf(size_t frame) const {
    return TimeUtil::NanosecondsToTimestamp(
        heard_.time.begin_ns + static_cast<int64_t>(frame) * kFrameNs);
  }
  size_t FrameOf(int64_t time_ns) const {
    return std::min(
        on_hold_.size(),
        static_cast<size_t>(
            std::max<int64_t>(0, time_ns - heard_.time.begin_ns) / kFrameNs));
  }
  static bool AnyUnknown(const v1::CallListening& told) {
    return std::any_of(told.parties().begin(), told.parties().end(),
                       [](const v1::PartyListening& party) {
                         return party.hearing() == v1::HEARING_UNSPECIFIED;
                       });
  }

  // From `begin` on, without holds.
  size_t TalkFrom(size_t side, size_t begin) const {
    size_t count = 0;
    for (size_t i = begin; i < on_hold_.size(); ++i) {
      count += talks_[side].frames[i] && !on_hold_[i] ? 1 : 0;
    }
    return count;
  }
  size_t OpenFrom(size_t begin) const {
    return static_cast<size_t>(
        std::count(on_hold_.begin() + static_cast<ptrdiff_t>(begin),
                   on_hold_.end(), false));
  }

  struct Verdict {
    v1::Hearing hearing = v1::HEARING_UNSPECIFIED;
    size_t since = 0;
  };

  Verdict Judge(size_t side) const {
    const HeardParty& party = heard_.parties[side];
    if (TalkFrom(side, 0) < kLeastTalk) {
      if (party.any_undecodable) return {};
      return {
          party.any_packets ? v1::HEARING_ONLY_SILENCE : v1::HEARING_NO_PACKETS,
          0};
    }
    if (party.any_undecodable) return {v1::HEARING_HEARD};
    const size_t stopped = FrameOf(party.last_packet_ns);
    if (after_hold_ && OpenFrom(*after_hold_) >= kUnheardFrames &&
        TalkFrom(side, *after_hold_) < kLeastTalk &&
        TalkFrom(1 - side, *after_hold_) >= kOneWayTalk) {
      return {stopped > *after_hold_ ? v1::HEARING_ONLY_SILENCE_AFTER_HOLD
                                     : v1::HEARING_NO_PACKETS_AFTER_HOLD,
              *after_hold_};
    }
    if (!party.sends_pauses && OpenFrom(stopped) >= kUnheardFrames &&
        TalkFrom(1 - side, stopped) >= kOneWayTalk) {
      return {v1::HEARING_PACKETS_STOPPED, stopped};
    }
    return {v1::HEARING_HEARD};
  }

  void WriteParty(size_t side, size_t open, v1::PartyListening& told) const {
    const HeardParty& party = heard_.parties[side];
    told.set_side(side == 0 ? v1::SIDE_CALLER : v1::SIDE_CALLEE);
    const Verdict verdict = Judge(side);
    told.set_hearing(verdict.hearing);
    if (verdict.hearing == v1::HEARING_UNSPECIFIED) return;
    if (verdict.hearing != v1::HEARING_HEARD) {
      *told.mutable_unheard_since() = TimeOf(verdict.since);
      told.set_one_way(TalkFrom(1 - side, verdict.since) >= kOneWayTalk &&
                       (verdict.hearing != v1::HEARING_ONLY_SILENCE ||
                        open >= kUnheardFrames));
    }
    if (talks_[side].noise_dbov) told.set_noise_dbov(*talks_[side].noise_dbov);
    const size_t talk = TalkFrom(side, 0);
    *told.mutable_talk() = LengthOf(talk);
    if (open > 0) {
      told.set_talk_share(static_cast<double>(talk) /
                          static_cast<double>(open));
    }
    if (talk < kLeastTalk) return;
    if (const auto level = party.meter.ActiveLevel()) {
      told.set_level_dbov(*level);
    }
    told.set_clipped_runs(party.meter.clipped_runs());
    told.set_clipped_share(std::min(
        1.0, static_cast<double>(party.meter.clipped_samples()) /
                 static_cast<double>(talk * SpeechMeter::kFrameSamples)));
    if (party.echo) {
      told.mutable_echo()->set_delay_ms(party.echo->delay_ms);
      told.mutable_echo()->set_return_loss_db(party.echo->return_loss_db);
      told.mutable_echo()->set_share(party.echo->share);
    }
  }

  void WriteBoth(size_t open, v1::CallListening& told) const {
    size_t both = 0;
    size_t quiet = 0;
    for (size_t i = 0; i < on_hold_.size(); ++i) {
      const bool a = talks_[0].frames[i];
      const bool b = talks_[1].frames[i];
      both += a && b && !on_hold_[i] ? 1 : 0;
      if (!a && !b && !on_hold_[i]) {
        ++quiet;
        continue;
      }
      EndQuiet(i, std::exchange(quiet, 0), told);
    }
    EndQuiet(on_hold_.size(), quiet, told);
    if (open > 0) {
      told.set_double_talk_share(static_cast<double>(both) /
                                 static_cast<double>(open));
    }
  }

  void EndQuiet(size_t end, size_t frames, v1::CallListening& told) const {
    if (frames < kDeadAirFrames || told.dead_air_size() == kMaxDeadAir) return;
    v1::SilentStretch& stretch = *told.add_dead_air();
    *stretch.mutable_time() = TimeOf(end - frames);
    *stretch.mutable_length() = LengthOf(frames);
  }

  const HeardCall& heard_;
  const std::array<Talk, 2> talks_;
  std::vector<bool> on_hold_;
  // Where the last hold ended.
  std::optional<size_t> after_hold_;
};

}  // namespace

absl::StatusOr<std::optional<v1::CallListening>> ListenToCall(
    Store& store, const store::v1::CallRecord& record,
    const std::vector<CallStretch>& holds) {
  ASSIGN_OR_RETURN(const std::optional<HeardCall> heard,
                   HearCall(store, record, holds));
  if (!heard) return std::nullopt;
  return Listening(*heard, holds).Write();
}

}  // namespace callbraid::collector
