#ifndef CALLBRAID_TESTS_FAKES_DATAGRAM_RECORDER_H_
#define CALLBRAID_TESTS_FAKES_DATAGRAM_RECORDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sensor/decap/datagram.h"

namespace callbraid::fakes {

// Keeps what it is handed. The payload of `datagram` is gone; use `payload`.
class DatagramRecorder final : public sensor::DatagramSink {
 public:
  struct Recorded {
    sensor::Datagram datagram;
    std::string payload;
  };

  void OnDatagram(const sensor::Datagram& datagram) override {
    datagrams.push_back(Record(datagram));
  }
  void OnMirrorCopy(const sensor::Datagram& copy) override {
    copies.push_back(Record(copy));
  }

  std::vector<Recorded> datagrams;
  std::vector<Recorded> copies;

 private:
  static Recorded Record(const sensor::Datagram& datagram) {
    Recorded recorded = {datagram, std::string(datagram.payload.begin(),
                                               datagram.payload.end())};
    recorded.datagram.payload = {};
    return recorded;
  }
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_DATAGRAM_RECORDER_H_
