#include "collector/completeness/seen_call.h"

#include <algorithm>
#include <array>

#include "collector/store/call_counts.h"
#include "common/sip/sip_number.h"

namespace callbraid::collector {
namespace {

struct Flaw {
  v1::CallFlag flag;
  v1::Wholeness wholeness;
};
// Worst first.
constexpr std::array<Flaw, 7> kFlaws = {{
    {v1::CALL_FLAG_MEDIA_DELETED, v1::WHOLENESS_MEDIA_DELETED},
    {v1::CALL_FLAG_NO_MEDIA, v1::WHOLENESS_NO_MEDIA},
    {v1::CALL_FLAG_ONE_WAY, v1::WHOLENESS_ONE_WAY},
    {v1::CALL_FLAG_ENCRYPTED, v1::WHOLENESS_ENCRYPTED},
    {v1::CALL_FLAG_UNKNOWN_CODEC, v1::WHOLENESS_UNKNOWN_CODEC},
    {v1::CALL_FLAG_BEGAN_BEFORE_CAPTURE, v1::WHOLENESS_BEGAN_BEFORE_CAPTURE},
    {v1::CALL_FLAG_CAPTURE_LOSS, v1::WHOLENESS_LOSSY},
}};

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

bool Has(const v1::Call& call, v1::CallFlag flag) {
  return std::find(call.flags().begin(), call.flags().end(), flag) !=
         call.flags().end();
}

absl::Duration RecordedWithin(const v1::Call& call, absl::Time from,
                              absl::Time to) {
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
  for (const v1::Stream& stream : call.streams()) {
    if (stream.packets() == 0) continue;
    first = std::min(first, ToTime(stream.start_time()));
    last = std::max(last, ToTime(stream.end_time()));
  }
  return std::max(std::min(last, to) - std::max(first, from),
                  absl::ZeroDuration());
}

void AddParties(const std::string& caller, const std::string& callee,
                SeenCall& seen) {
  if (seen.parties.size() == kMaxParties) return;
  std::pair parties(PlainUser(caller), PlainUser(callee));
  if (parties.first.empty() && parties.second.empty()) return;
  if (std::find(seen.parties.begin(), seen.parties.end(), parties) ==
      seen.parties.end()) {
    seen.parties.push_back(std::move(parties));
  }
}

}  // namespace

SeenCall Summarise(const v1::Call& call, absl::Time now) {
  SeenCall seen;
  seen.id = call.id();
  seen.site = FirstSite(call);
  seen.start = ToTime(call.start_time());
  seen.end =
      call.has_end_time() ? ToTime(call.end_time()) : absl::InfiniteFuture();
  seen.answered = WasAnswered(call);
  seen.has_signalling = !Has(call, v1::CALL_FLAG_NO_SIGNALLING);
  if (seen.answered) {
    const absl::Time from =
        call.has_answer_time() ? ToTime(call.answer_time()) : seen.start;
    const absl::Time to = std::min(seen.end, now);
    seen.talk = std::max(to - from, absl::ZeroDuration());
    seen.recorded = RecordedWithin(call, from, to);
  }
  const auto flaw =
      std::find_if(kFlaws.begin(), kFlaws.end(),
                   [&](const Flaw& one) { return Has(call, one.flag); });
  if (flaw != kFlaws.end()) seen.wholeness = flaw->wholeness;
  AddParties(call.caller_uri(), call.callee_uri(), seen);
  for (const v1::Leg& leg : call.legs()) {
    AddParties(leg.caller_uri(), leg.callee_uri(), seen);
  }
  return seen;
}

}  // namespace callbraid::collector
