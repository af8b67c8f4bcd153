// The path of a packet through the sensor, from its frame to the bytes for the
// spool, so many times: for tests/bench/instructions, which counts what it
// takes.
//
//   packet_path STREAMS PACKETS COMPRESSION

#include <cstdint>
#include <cstdlib>
#include <string>

#include "sensor/capture_pipeline.h"
#include "tests/bench/rtp_load.h"

namespace callbraid::sensor {
namespace {

// Serializes, as the spool's side does.
class SerializingSink final : public FrameSink {
 public:
  void OnFrame(v1::SpoolLane, const v1::CallFrame& frame) override {
    bytes_.clear();
    frame.AppendToString(&bytes_);
    total_ += bytes_.size();
  }
  uint64_t total() const { return total_; }

 private:
  std::string bytes_;
  uint64_t total_ = 0;
};

int Run(int streams, int64_t packets, const std::string& compression) {
  v1::SensorConfig config;
  config.mutable_media()->set_compression(compression);
  RtpLoad load(streams);
  SerializingSink sink;
  CapturePipeline pipeline(config, 0, sink);
  for (int64_t i = 0; i < packets; ++i) pipeline.OnPacket(load.Next());
  return sink.total() > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace callbraid::sensor

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  return callbraid::sensor::Run(std::atoi(argv[1]), std::atoll(argv[2]),
                                argv[3]);
}
