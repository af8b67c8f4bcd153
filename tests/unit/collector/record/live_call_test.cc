// A call that is heard while it goes on has the samples of its recording.
#include "collector/record/live_call.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/read_only_store.h"
#include "tests/unit/collector/record/dtmf.h"
#include "tests/unit/collector/record/recorded_call.h"
#include "tests/unit/collector/record/talker.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A store in which a chunk is when its last packet was captured a while ago.
class LateStore final : public ReadOnlyStore {
 public:
  using ReadOnlyStore::ReadOnlyStore;

  int64_t now_ns = 0;
  // How late a chunk is whose first packet was captured then.
  std::function<int64_t(int64_t)> latency = [](int64_t) { return 150 * kMs; };
  // That could be seen, for the first time.
  int chunks = 0;

 private:
  absl::Status ReadFrames(
      const ObservationId& id, const std::vector<uint32_t>& ranges,
      const std::function<bool(const FrameRecord&)>& visit) override {
    return store_.media().ReadFrames(id, ranges, [&](const FrameRecord& frame) {
      // A chunk is open for half a second.
      const int64_t stored_ns =
          frame.time_ns + 500 * kMs + latency(frame.time_ns);
      if (stored_ns > now_ns) return true;
      ++chunks;
      return visit(frame);
    });
  }
};

struct Heard {
  uint32_t sample_rate = 0;
  int64_t begin_ns = 0;
  bool has_gap = false;
  std::vector<int16_t> left;
  std::vector<int16_t> right;
  std::vector<std::string> findings;
};

// By somebody who listens from the one to the other, ms after the start.
class LiveListener {
 public:
  explicit LiveListener(RecordedCall& call, LiveCall::Options options = {})
      : store(call.store()),
        call_(call),
        options_(options),
        live_(store, options) {}

  Heard Listen(int64_t from_ms, int64_t until_ms) {
    for (int64_t ms = from_ms; ms < until_ms; ms += 50) {
      store.now_ns = kStart + ms * kMs;
      before_round(ms);
      if (ms == from_ms || (updates && ms % 1000 == 0)) {
        EXPECT_TRUE(live_.Update(call_.record()).ok());
      }
      for (;;) {
        const auto window = live_.Next(store.now_ns);
        EXPECT_TRUE(window.ok()) << window.status();
        if (!window.ok() || !*window) break;
        Take(**window);
      }
      for (std::string& finding : live_.TakeFindings()) {
        heard_.findings.push_back(std::move(finding));
      }
    }
    heard_.sample_rate = live_.sample_rate();
    return heard_;
  }

  LateStore store;
  std::function<void(int64_t)> before_round = [](int64_t) {};
  bool updates = false;

 private:
  void Take(const LiveCall::Window& window) {
    const auto rate = static_cast<int64_t>(live_.sample_rate());
    const auto seen = static_cast<int64_t>(heard_.left.size());
    if (seen == 0) heard_.begin_ns = window.time_ns;
    heard_.has_gap |=
        std::abs(window.time_ns - heard_.begin_ns - seen * kSecond / rate) > 2;
    // When it is due, and not before.
    EXPECT_LE(window.time_ns + options_.delay_ns, store.now_ns);
    EXPECT_GE(window.time_ns + options_.delay_ns + 250 * kMs, store.now_ns);
    for (size_t i = 0; i < window.samples.size(); i += 2) {
      heard_.left.push_back(window.samples[i]);
      heard_.right.push_back(window.samples[i + 1]);
    }
  }

  RecordedCall& call_;
  const LiveCall::Options options_;
  LiveCall live_;
  Heard heard_;
};

// Of samples from `from_ms` after the start on, how many are not those of a
// recording, which begins about at the start: where its first packet lies.
size_t Different(const Heard& heard, const Wav& whole, int64_t from_ms = 0) {
  const auto rate = static_cast<int64_t>(heard.sample_rate);
  const int64_t begin = (heard.begin_ns - kStart) * rate / kSecond;
  const auto different = [&](int64_t shift, size_t until) {
    size_t count = 0;
    for (size_t i = 0; i < until; ++i) {
      const int64_t at = begin + static_cast<int64_t>(i);
      const auto place = static_cast<size_t>(at + shift);
      if (at + shift < 0 || at < from_ms * rate / 1000) continue;
      if (place >= whole.left.size()) break;
      count += heard.left[i] != whole.left[place] ||
               heard.right[i] != whole.right[place];
    }
    return count;
  };
  size_t least = heard.left.size();
  for (int64_t ms = -40 * 8; ms <= 40 * 8; ++ms) {
    const int64_t shift = ms * rate / 8000;
    if (different(shift, heard.left.size() / 4) > least) continue;
    least = std::min(least, different(shift, heard.left.size()));
  }
  return least;
}

size_t Sounding(const std::vector<int16_t>& pcm) {
  return pcm.size() -
         static_cast<size_t>(std::count(pcm.begin(), pcm.end(), 0));
}

// With jitter, and without one packet in fifty.
Packets Shaken(Packets packets, unsigned seed) {
  std::mt19937 random(seed);
  for (SentPacket& packet : packets) packet.time_ns += random() % (25 * kMs);
  std::erase_if(packets, [&](const SentPacket& packet) {
    return &packet != &packets.front() && random() % 50 == 0;
  });
  std::stable_sort(packets.begin(), packets.end(),
                   [](const SentPacket& a, const SentPacket& b) {
                     return a.time_ns < b.time_ns;
                   });
  // The recording begins with the first of all.
  packets.front().time_ns = kStart;
  return packets;
}

void AddBoth(RecordedCall& call, const Packets& caller, const Packets& callee) {
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "", 1), "s1", caller);
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA, "", 2), "s1", callee);
}

TEST(LiveCall, HasTheSamplesOfTheRecording) {
  RecordedCall call;
  AddBoth(call, Shaken(Speech(6000), 1), Shaken(Speech(6000, 2), 2));
  const Wav whole = call.Render();
  for (const int64_t from_ms : {15'000, 70'000}) {
    LiveListener listener(call);
    const Heard heard = listener.Listen(from_ms, from_ms + 30'000);
    EXPECT_EQ(heard.sample_rate, 8000u);
    EXPECT_NEAR(heard.left.size(), 8 * 30'000, 8 * 200);
    EXPECT_FALSE(heard.has_gap);
    EXPECT_EQ(Different(heard, whole), 0u) << from_ms;
    EXPECT_GT(Sounding(heard.left), heard.left.size() * 9 / 10);
    EXPECT_THAT(heard.findings, ElementsAre());
  }
}

TEST(LiveCall, HasThemOfACodecWithAMemory) {
  Packets caller = Shaken(Speech(4000), 3);
  for (SentPacket& packet : caller) packet.type = 9;  // G.722.
  RecordedCall call;
  AddBoth(call, caller, Shaken(Speech(4000, 2), 4));
  const Wav whole = call.Render();
  LiveListener listener(call);
  const Heard heard = listener.Listen(30'500, 72'000);
  EXPECT_EQ(heard.sample_rate, 16000u);
  EXPECT_EQ(Different(heard, whole), 0u);
}

TEST(LiveCall, HasThemSoonAfterAStreamBegan) {
  RecordedCall call;
  AddBoth(call, Shaken(Speech(1000), 5), Shaken(Speech(1000, 2), 6));
  const Wav whole = call.Render();
  LiveListener listener(call);
  const Heard heard = listener.Listen(0, 15'000);
  // It is heard from its first packet on, though the place of the first second
  // is only about right.
  const auto begin =
      static_cast<ptrdiff_t>((kStart - heard.begin_ns) / 125'000);
  ASSERT_GT(begin, 0);
  EXPECT_EQ(std::count(heard.left.begin(), heard.left.begin() + begin - 1, 0),
            begin - 1);
  EXPECT_GT(
      Sounding({heard.left.begin() + begin, heard.left.begin() + begin + 8000}),
      7000u);
  EXPECT_EQ(Different(heard, whole, 1200), 0u);
}

TEST(LiveCall, GoesOnWhereFramesAreLate) {
  RecordedCall call;
  AddBoth(call, Shaken(Speech(2000), 7), Shaken(Speech(2000, 2), 8));
  const Wav whole = call.Render();
  LiveListener listener(call);
  // Three seconds of both come four seconds later.
  listener.store.latency = [](int64_t time_ns) {
    const int64_t ms = (time_ns - kStart) / kMs;
    return (ms >= 12'000 && ms < 15'000 ? 4150 : 150) * kMs;
  };
  const Heard heard = listener.Listen(6'000, 36'000);
  EXPECT_FALSE(heard.has_gap);
  const auto begin = static_cast<size_t>((12'000 - 4'500) * 8);
  const size_t missed =
      24'000 - Sounding({heard.left.begin() + begin,
                         heard.left.begin() + begin + 24'000});
  EXPECT_GT(missed, 20'000u);
  EXPECT_GT(Sounding(heard.left), heard.left.size() - missed - 2'000);
  // Whoever is further behind has all.
  LiveListener patient(call, {.delay_ns = 8 * kSecond});
  patient.store.latency = listener.store.latency;
  EXPECT_EQ(Different(patient.Listen(16'000, 36'000), whole), 0u);
}

TEST(LiveCall, HearsAStreamThatBecomesKnown) {
  RecordedCall call;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "", 1), "s1",
               Speech(2000));
  LiveListener listener(call);
  listener.updates = true;
  listener.before_round = [&](int64_t ms) {
    if (ms != 20'000) return;
    call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA, "", 2), "s1",
                 Speech(1000, 2, kStart + 19 * kSecond));
  };
  const Heard heard = listener.Listen(10'000, 36'000);
  EXPECT_EQ(Different(heard, call.Render()), 0u);
  EXPECT_GT(Sounding(heard.right), 8 * 10'000u);
}

TEST(LiveCall, ReadsWhatIsNewAndNoMore) {
  RecordedCall call;
  AddBoth(call, Speech(15'000), Speech(15'000, 2));
  LiveListener listener(call);
  listener.Listen(250'000, 251'000);
  const int begun = listener.store.chunks;
  // Two streams, two minutes of each, the first minute, and what is looked for
  // beside what is new.
  EXPECT_LT(begun, 2 * (2 * 111 + 128 + 20 * 10));
  listener.Listen(251'000, 291'000);
  // Each is seen again while what is stored later is looked for beside it: a
  // bucket is ten seconds.
  EXPECT_LT(listener.store.chunks - begun, 2 * 80 * 2 * 100);
}

TEST(LiveCall, SkipsWhereTheClockJumps) {
  RecordedCall call;
  AddBoth(call, Speech(6000), Speech(6000, 2));
  const Wav whole = call.Render();
  LiveListener listener(call);
  listener.Listen(10'000, 20'000);
  Heard heard = listener.Listen(40'000, 50'000);
  EXPECT_TRUE(heard.has_gap);
  // The second half is what was said then.
  const size_t tail = 8 * 8'000;
  const auto at =
      static_cast<ptrdiff_t>(8 * (49'950 - 1'500 + 100) / 100 * 100);
  const std::vector<int16_t> last(heard.left.end() - tail, heard.left.end());
  const auto found = std::search(whole.left.begin() + at - 8 * 9'000,
                                 whole.left.end(), last.begin(), last.end());
  EXPECT_NE(found, whole.left.end());
}

TEST(LiveCall, IsSilentWhereKeysAre) {
  // Keys as tones, in L16, and one beside the audio.
  std::vector<int16_t> said(8 * 40'000, 0);
  AddTone(said, 0, said.size(), 180, 2000);
  for (size_t key_ms = 20'000; key_ms < 36'000; key_ms += 730) {
    std::fill_n(said.begin() + static_cast<ptrdiff_t>(8 * key_ms), 800,
                int16_t{0});
    AddKey(said, 8 * key_ms, 800, '7', 6000);
  }
  Packets packets = Speech(2000);
  for (size_t i = 0; i < packets.size(); ++i) {
    packets[i].type = kL16Type;
    packets[i].payload.clear();
    for (size_t j = 0; j < 160; ++j) {
      const auto value = static_cast<uint16_t>(said[i * 160 + j]);
      packets[i].payload.push_back(static_cast<uint8_t>(value >> 8));
      packets[i].payload.push_back(static_cast<uint8_t>(value & 0xff));
    }
  }
  RecordedCall call;
  for (const char* to : {kA, kB}) {
    call.AddSdp("leg", kStart - kSecond, to, {{kL16Type, "L16"}});
  }
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg", 1), "s1",
               packets);
  RecordingOptions options;
  options.mask_keys = true;
  const Wav whole = call.Render(options);
  LiveListener listener(call, {.mask_keys = true});
  const Heard heard = listener.Listen(18'000, 38'000);
  EXPECT_FALSE(heard.has_gap);
  const int64_t begin = (heard.begin_ns - kStart) * 8 / kMs;
  for (size_t key_ms = 20'000; key_ms < 36'000; key_ms += 730) {
    const auto at = static_cast<int64_t>(8 * key_ms) - begin;
    ASSERT_EQ(
        std::count(heard.left.begin() + at, heard.left.begin() + at + 800, 0),
        800)
        << key_ms;
  }
  EXPECT_EQ(Different(heard, whole), 0u);
}

TEST(LiveCall, TellsOnceWhatIsSilent) {
  Packets packets = Speech(1000);
  for (SentPacket& packet : packets) packet.type = 100;
  RecordedCall call;
  call.AddSdp("leg", kStart - kSecond, kB, {{100, "EVRC"}});
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg", 1), "s1",
               packets);
  v1::Stream& secret = call.AddStream(v1::SIDE_CALLEE, kB, kA, "leg", 2);
  secret.set_encrypted(true);
  secret.set_encryption("DTLS-SRTP");
  LiveListener listener(call);
  const Heard heard = listener.Listen(5'000, 15'000);
  EXPECT_THAT(heard.findings,
              ElementsAre(HasSubstr("is encrypted, and not heard: DTLS-SRTP"),
                          HasSubstr("no decoder for the codec EVRC")));
  EXPECT_NEAR(heard.left.size(), 8 * 10'000, 8 * 200);
  EXPECT_EQ(Sounding(heard.left), 0u);
}

}  // namespace
}  // namespace callbraid::collector
