#ifndef CALLBRAID_TESTS_CONVERGENCE_CAPTURES_H_
#define CALLBRAID_TESTS_CONVERGENCE_CAPTURES_H_

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "callbraid/v1/frame.pb.h"

// Captures of scenes, and the call frames that sensors make of them.

namespace callbraid::convergence {

using Random = std::mt19937_64;

// From 0 to below - 1.
inline size_t Any(Random& random, size_t below) { return random() % below; }
inline bool OneIn(Random& random, size_t chance) {
  return Any(random, chance) == 0;
}

struct Packet {
  int64_t time_ns = 0;
  int link_type = 0;
  std::string bytes;
  uint32_t wire_length = 0;
};

// One capture file: what one capture point saw.
struct Capture {
  std::string sensor;
  std::string site;
  std::string point;
  std::vector<Packet> packets;
};

struct Scene {
  std::string name;
  std::vector<Capture> captures;

  // Not where its clocks show more than a moment's difference: what several
  // captures have in common tells how they compare, and parts of them, of which
  // one has a dialog and another its streams, need have nothing in common.
  bool may_be_split() const;
};

// The scenes that `folder`/captures.tsv lists (tests/scenes/generate.py), and
// those of the lab in `lab`, which may be absent. Sensors and sites bear the
// scene's name, so that all scenes can share a collector.
std::vector<Scene> LoadScenes(const std::string& folder,
                              const std::string& lab);

// Signalling and media, in the order in which a spool would keep them.
using Lanes = std::array<std::vector<v1::CallFrame>, 2>;

// What the sensor makes of a capture. CallFrame.capture_point is 0.
Lanes FramesOf(const Capture& capture);

// The same traffic, each flow mirrored to one of `parts` sensors: s1 becomes
// s1-a, s1-b, ...
std::vector<Capture> Split(const Capture& capture, size_t parts,
                           Random& random);

}  // namespace callbraid::convergence

#endif  // CALLBRAID_TESTS_CONVERGENCE_CAPTURES_H_
