#include "collector/ingest/plausible.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kNow = 1'700'000'000'000'000'000;
constexpr int64_t kDay = 86'400'000'000'000;
constexpr int64_t kYear2000 = 946'684'800'000'000'000;

// One of each kind, all of whose times are `time_ns`.
std::vector<v1::CallFrame> FramesAt(int64_t time_ns) {
  std::vector<v1::CallFrame> frames(5);
  frames[0].mutable_sip()->set_time_ns(time_ns);
  frames[1].mutable_rtcp()->set_time_ns(time_ns);
  frames[2].mutable_media()->set_stream_start_ns(time_ns);
  frames[2].mutable_media()->set_first_time_ns(time_ns);
  frames[3].mutable_stream()->set_stream_start_ns(time_ns);
  frames[3].mutable_stream()->set_time_ns(time_ns);
  frames[4].mutable_capture()->set_time_ns(time_ns);
  return frames;
}

TEST(Plausible, ALiveCaptureIsOfThisTime) {
  for (const auto& [time_ns, plausible] :
       {std::pair(kNow, true), std::pair(kNow - 3650 * kDay, true),
        std::pair(kYear2000, true), std::pair(kYear2000 - 1, false),
        std::pair(int64_t{0}, false), std::pair(int64_t{-1}, false),
        std::pair(std::numeric_limits<int64_t>::min(), false),
        std::pair(kNow + kDay, true), std::pair(kNow + kDay + 1, false),
        std::pair(std::numeric_limits<int64_t>::max(), false)}) {
    for (const v1::CallFrame& frame : FramesAt(time_ns)) {
      EXPECT_EQ(IsPlausible(frame, /*live=*/true, kNow), plausible)
          << frame.DebugString();
      EXPECT_TRUE(IsPlausible(frame, /*live=*/false, kNow));
    }
  }
}

TEST(Plausible, StatisticsFitToEachOther) {
  v1::CallFrame honest;
  v1::StreamStatistics& statistics =
      *honest.mutable_stream()->mutable_statistics();
  statistics.set_packets(100);
  statistics.set_expected(110);
  statistics.set_lost(12);
  statistics.set_duplicates(2);
  statistics.set_reordered(3);
  statistics.set_jitter_us(7);
  statistics.set_max_jitter_us(9);
  statistics.set_payload_bytes(16'000);
  EXPECT_TRUE(IsPlausible(honest, false, kNow));
  const std::vector<std::function<void(v1::StreamStatistics&)>> lies = {
      [](auto& said) { said.set_lost(111); },
      [](auto& said) { said.set_duplicates(101); },
      [](auto& said) { said.set_reordered(101); },
      [](auto& said) { said.set_jitter_us(10); },
      [](auto& said) { said.set_payload_bytes(uint64_t{1} << 40); }};
  for (size_t i = 0; i < lies.size(); ++i) {
    v1::CallFrame frame = honest;
    lies[i](*frame.mutable_stream()->mutable_statistics());
    EXPECT_FALSE(IsPlausible(frame, false, kNow)) << "lie " << i;
  }
}

TEST(Plausible, CountersAreOfThisWorld) {
  v1::CallFrame honest;
  honest.mutable_capture()->set_packets(1'000'000);
  honest.mutable_capture()->set_bytes(1'500'000'000);
  EXPECT_TRUE(IsPlausible(honest, false, kNow));
  const uint64_t much = std::numeric_limits<uint64_t>::max();
  const std::vector<std::function<void(v1::CaptureReport&)>> lies = {
      [=](auto& said) { said.set_packets(much); },
      [=](auto& said) { said.set_kernel_drops(much); },
      [=](auto& said) { said.set_interface_drops(much); },
      [=](auto& said) { said.set_mirror_copies(much); },
      [=](auto& said) { said.set_tunnel_drops(much); },
      [=](auto& said) { (*said.mutable_discarded())["x"] = much; },
      [](auto& said) { said.set_packets(1); }};
  for (size_t i = 0; i < lies.size(); ++i) {
    v1::CallFrame frame = honest;
    lies[i](*frame.mutable_capture());
    EXPECT_FALSE(IsPlausible(frame, false, kNow)) << "lie " << i;
  }
}

TEST(Plausible, AClockThatIsADayOffIsNotTaken) {
  v1::Hello hello;
  hello.set_sensor_id("s1");
  hello.set_clock_ns(kNow + 2 * kDay);
  hello.add_capture_points()->set_kind(v1::CAPTURE_KIND_FILE);
  EXPECT_TRUE(CheckClock(hello, kNow).ok());
  hello.add_capture_points()->set_kind(v1::CAPTURE_KIND_INTERFACE);
  const absl::Status status = CheckClock(hello, kNow);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(),
            "the clock of sensor 's1' says 2023-11-16 22:13:20 UTC, the "
            "collector's 2023-11-14 22:13:20 UTC: set it (NTP); what was "
            "captured stays in the sensor's spool");
  hello.set_clock_ns(kNow + kDay / 2);
  EXPECT_TRUE(CheckClock(hello, kNow).ok());
  hello.set_clock_ns(1'000'000'000);
  EXPECT_FALSE(CheckClock(hello, kNow).ok());
}

}  // namespace
}  // namespace callbraid::collector
