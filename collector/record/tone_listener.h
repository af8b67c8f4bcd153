#ifndef CALLBRAID_COLLECTOR_RECORD_TONE_LISTENER_H_
#define CALLBRAID_COLLECTOR_RECORD_TONE_LISTENER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace callbraid::collector {

// A tone in audio of 8 kHz; begin and end in samples since the first, to within
// 20 ms.
struct HeardTone {
  // "5", "*" of a key; else as in the registry of telephone-events: "CNG",
  // "ANS", "/ANS", "ANSam", "/ANSam".
  std::string name;
  int64_t begin = 0;
  int64_t end = 0;
};

// Hears keys (DTMF, ITU-T Q.23) in audio, by spandsp. Keys shorter than 40 ms,
// and those that speech is mixed with, are not recognised. One thread.
class KeyListener {
 public:
  // Samples that are judged together: what is heard does not depend on where
  // listening begins if that is at a multiple of it.
  static constexpr size_t kBlock = 102;
  // After so many a key that has begun is known.
  static constexpr int64_t kDelay = 5 * kBlock;

  KeyListener();
  ~KeyListener();
  KeyListener(const KeyListener&) = delete;
  KeyListener& operator=(const KeyListener&) = delete;

  void Listen(std::span<const int16_t> pcm);
  // Keys that are over, since the last time.
  std::vector<HeardTone> Take();
  // The key that is heard now; its end is not known.
  const std::optional<HeardTone>& current() const { return current_; }

 private:
  struct State;
  static void Report(void* self, int code, int level, int delay);
  void Change(int code);

  std::unique_ptr<State> state_;
  int64_t heard_ = 0;
  size_t in_block_ = 0;
  std::optional<HeardTone> current_;
  std::vector<HeardTone> over_;
};

// Hears the tones with which fax machines and modems call and answer, by
// spandsp: CNG (ITU-T T.30), and the answer tone of ITU-T V.25 and V.8, which a
// fax calls CED. One thread.
class FaxListener {
 public:
  FaxListener();
  ~FaxListener();
  FaxListener(const FaxListener&) = delete;
  FaxListener& operator=(const FaxListener&) = delete;

  void Listen(std::span<const int16_t> pcm);
  std::vector<HeardTone> Take();

 private:
  struct State;
  struct Ear {
    FaxListener* listener = nullptr;
    // Of the tone that is heard, before it is known for what it is.
    int64_t needs = 0;
    std::optional<HeardTone> current;
  };
  static void Report(void* ear, int tone, int level, int delay);

  std::unique_ptr<State> state_;
  int64_t heard_ = 0;
  Ear calling_;
  Ear answering_;
  std::vector<HeardTone> over_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_TONE_LISTENER_H_
