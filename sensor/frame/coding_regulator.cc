#include "sensor/frame/coding_regulator.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Best takes some seven times the CPU of all the rest, fast as much again: so
// that going over, and back, does not lead to where it began.
constexpr double kTooBusy = 0.7;
constexpr double kFreeForFast = 0.3;
constexpr double kFreeForBest = 0.08;

constexpr int64_t kBehindNs = 5 * kSecond;
constexpr int64_t kKeepsUpNs = kSecond;
// For how long it must keep up until bytes are cheap again.
constexpr int64_t kRecoveredNs = 60 * kSecond;

}  // namespace

void CodingRegulator::Note(int64_t now_ns, double busy, int64_t waiting_ns) {
  if (waiting_ns > kKeepsUpNs) {
    keeps_up_since_ns_ = 0;
  } else if (keeps_up_since_ns_ == 0) {
    keeps_up_since_ns_ = now_ns;
  }
  const bool recovered =
      keeps_up_since_ns_ != 0 && now_ns - keeps_up_since_ns_ >= kRecoveredNs;
  switch (effort_) {
    case CodingEffort::kNone:
      if (busy < kFreeForFast) effort_ = CodingEffort::kFast;
      break;
    case CodingEffort::kFast:
      if (busy > kTooBusy) {
        effort_ = CodingEffort::kNone;
      } else if (waiting_ns > kBehindNs && busy < kFreeForBest) {
        effort_ = CodingEffort::kBest;
      }
      break;
    case CodingEffort::kBest:
      if (busy > kTooBusy || recovered) effort_ = CodingEffort::kFast;
      break;
  }
}

}  // namespace callbraid::sensor
