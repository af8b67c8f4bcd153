#include "collector/store/call_counts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "collector/store/call_listing.h"
#include "collector/store/proto_time.h"

namespace callbraid::collector {
namespace {

// States and flags that a newer Callbraid knows count as well: what it added
// must be what this one takes off.
constexpr int kMaxValues = 64;

using Numbers = google::protobuf::RepeatedField<int64_t>;

constexpr int64_t kMsNs = 1'000'000;

// Whatever clocks say, sums wrap around, so that each can be taken off again.
int64_t Sum(int64_t a, int64_t b, int times) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) +
                              static_cast<uint64_t>(b) *
                                  static_cast<uint64_t>(int64_t{times}));
}

void AddOne(int at, Numbers& numbers) {
  if (at < 0) return;
  if (at >= numbers.size()) numbers.Resize(at + 1, 0);
  numbers[at] = Sum(numbers[at], 1, 1);
}

void AddNumbers(const Numbers& numbers, int times, Numbers& sum) {
  if (sum.size() < numbers.size()) sum.Resize(numbers.size(), 0);
  for (int i = 0; i < numbers.size(); ++i) {
    sum[i] = Sum(sum[i], numbers[i], times);
  }
  while (!sum.empty() && sum[sum.size() - 1] == 0) sum.RemoveLast();
}

void AddMos(double mos, store::v1::CallCounts& counts) {
  if (!(mos >= 1 && mos <= 5)) return;
  const int64_t thousandths = std::llround(mos * 1000);
  counts.set_mos_sum(thousandths);
  AddOne(std::min(static_cast<int>(thousandths - 1000) / 100, kMosSteps - 1),
         *counts.mutable_mos());
}

int64_t TalkMs(const v1::Call& call) {
  const int64_t from_ns =
      call.has_answer_time() ? ToNs(call.answer_time()) : StartNs(call);
  const int64_t to_ns = ToNs(call.end_time());
  return to_ns <= from_ns ? 0 : Sum(to_ns, from_ns, -1) / kMsNs;
}

}  // namespace

int64_t QuarterOf(int64_t time_ns) {
  const int64_t into_ns = time_ns % kQuarterNs;
  const int64_t start_ns = time_ns - into_ns;
  const bool is_before =
      into_ns < 0 &&
      start_ns >= std::numeric_limits<int64_t>::min() + kQuarterNs;
  return is_before ? start_ns - kQuarterNs : start_ns;
}

CallCountKey CountedAs(const v1::Call& call) {
  return {QuarterOf(StartNs(call)), FirstSite(call)};
}

store::v1::CallCounts CountsOf(const v1::Call& call) {
  store::v1::CallCounts counts;
  counts.set_calls(1);
  if (WasAnswered(call)) {
    counts.set_answered(1);
    if (call.has_end_time()) counts.set_talk_ms(TalkMs(call));
  }
  if (call.state() >= 0 && call.state() < kMaxValues) {
    AddOne(call.state(), *counts.mutable_states());
  }
  for (const int flag : call.flags()) {
    if (flag < 0 || flag >= kMaxValues || flag == v1::CALL_FLAG_MEDIA_DELETED ||
        (flag < counts.flags_size() && counts.flags(flag) > 0)) {
      continue;
    }
    AddOne(flag, *counts.mutable_flags());
  }
  if (call.has_listening_mos()) AddMos(call.listening_mos(), counts);
  return counts;
}

void AddCounts(const store::v1::CallCounts& counts, int times,
               store::v1::CallCounts& sum) {
  sum.set_calls(Sum(sum.calls(), counts.calls(), times));
  sum.set_answered(Sum(sum.answered(), counts.answered(), times));
  AddNumbers(counts.states(), times, *sum.mutable_states());
  AddNumbers(counts.flags(), times, *sum.mutable_flags());
  sum.set_talk_ms(Sum(sum.talk_ms(), counts.talk_ms(), times));
  AddNumbers(counts.mos(), times, *sum.mutable_mos());
  sum.set_mos_sum(Sum(sum.mos_sum(), counts.mos_sum(), times));
}

bool IsEmpty(const store::v1::CallCounts& counts) {
  return counts.ByteSizeLong() == 0;
}

bool WasAnswered(const v1::Call& call) {
  return call.has_answer_time() || call.state() == v1::CALL_STATE_ACTIVE ||
         call.state() == v1::CALL_STATE_COMPLETED;
}

std::string FirstSite(const v1::Call& call) {
  for (const v1::Leg& leg : call.legs()) {
    for (const auto& sight : leg.observations()) return sight.site();
  }
  for (const v1::Stream& stream : call.streams()) {
    for (const auto& sight : stream.observations()) return sight.site();
  }
  return "";
}

}  // namespace callbraid::collector
