#ifndef CALLBRAID_TESTS_BENCH_MANY_CALLS_H_
#define CALLBRAID_TESTS_BENCH_MANY_CALLS_H_

#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "collector/correlate/call_sink.h"
#include "collector/store/store.h"
#include "tests/fakes/call_scene.h"
#include "tests/unit/collector/correlate/scenes.h"

// Calls that are under way at once, over four sensors, each seen by two of
// them, half of them through a proxy and half through a B2BUA that relays: six
// observations each.
namespace callbraid::collector {

inline constexpr int64_t kTalkMs = 60'000;

class NoSink final : public CallSink {
 public:
  void OnCallUpdated(const v1::Call&) override {}
  void OnCallMerged(const std::string&, const std::string&) override {}
};

inline double ThreadCpuMs() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 +
         static_cast<double>(now.tv_nsec) * 1e-6;
}

inline double ResidentKib() {
  std::ifstream statm("/proc/self/statm");
  int64_t pages = 0;
  statm >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(getpagesize()) / 1024;
}

// Each call has phones of its own: 10.0.1.N becomes 10.1NN.X.Y. A relay has
// ports for 1,000 calls.
inline void GiveAddress(int call, std::string& endpoint) {
  const std::string relay = "10.0.0.9:2";
  if (endpoint.rfind(relay, 0) == 0) {
    endpoint = "10.3.0." + std::to_string(call / 1000 + 1) +
               endpoint.substr(relay.size() - 2);
  }
  for (const char side : {'1', '2'}) {
    const std::string prefix = std::string("10.0.") + side + ".";
    if (endpoint.rfind(prefix, 0) != 0) continue;
    const std::string port = endpoint.substr(endpoint.find(':'));
    const int network = call / 250;
    endpoint = "10." + std::to_string((side - '0') * 100 + network / 256) +
               "." + std::to_string(network % 256) + "." +
               std::to_string(call % 250 + 1) + port;
  }
}

// Shows how something looks so long after the call began.
using Show = std::function<StoredObservation(int64_t after_ms)>;

// What two of the four sensors see of a call.
inline void AddCall(int call, std::vector<Show>& out) {
  // 100 a second.
  const scenes::Variant v = {
      .number = call, .start_ms = call * 10, .talk_ms = kTalkMs};
  const bool relayed = call % 2 == 1;
  scenes::Wire wire = relayed ? scenes::B2buaCall(v) : scenes::ProxyCall(v);
  const int near = call % 4;
  const int far = (near + 1 + call / 4 % 3) % 4;
  const auto spot = [](int sensor) {
    return fakes::Spot{"s" + std::to_string(sensor + 1), "eth0", "hq",
                       sensor * 40 * fakes::kMs, sensor * fakes::kMs};
  };
  for (size_t i = 0; i < wire.dialogs.size(); ++i) {
    fakes::Dialog& dialog = wire.dialogs[i];
    dialog.from = "sip:1" + std::to_string(10'000 + call) + "@10.0.0.9";
    dialog.to = "sip:2" + std::to_string(10'000 + call) + "@10.0.0.9";
    for (std::string* at : {&dialog.initiator, &dialog.responder, &dialog.offer,
                            &dialog.answer}) {
      GiveAddress(call, *at);
    }
    out.push_back(
        [dialog, v, at = spot(i == 0 ? near : far)](int64_t after_ms) {
          return fakes::See(dialog, at, v.start_ms + after_ms);
        });
  }
  for (size_t i = 0; i < wire.streams.size(); ++i) {
    fakes::Stream& stream = wire.streams[i];
    GiveAddress(call, stream.source);
    GiveAddress(call, stream.destination);
    for (const int sensor : {near, far}) {
      // A relay's streams pass one switch each; those of phones pass both.
      if (relayed && (sensor == near) != (i < 2)) continue;
      out.push_back([stream, v, at = spot(sensor)](int64_t after_ms) {
        return fakes::See(stream, at, v.start_ms + after_ms);
      });
    }
  }
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_BENCH_MANY_CALLS_H_
