#ifndef CALLBRAID_COLLECTOR_FAX_MODEM_READER_H_
#define CALLBRAID_COLLECTOR_FAX_MODEM_READER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "collector/fax/t30_frame.h"
#include "collector/fax/t30_listener.h"

namespace callbraid::collector {

// Tells a listener what one direction of a fax says that goes as tones through
// G.711 (pass-through): by spandsp's receivers of V.21, which T.30 signals
// with, and of the modem that the DCS of this direction names.
//
// The samples must be the sender's, each once and in their places: a sample
// more or less is an error of the modem. One thread.
class ModemReader {
 public:
  static constexpr int kRate = 8000;

  // `listener` must outlive the reader; `direction` as there.
  ModemReader(T30Listener& listener, int direction);
  ~ModemReader();
  ModemReader(const ModemReader&) = delete;
  ModemReader& operator=(const ModemReader&) = delete;

  // The next samples, of which the first was at `time_ns`.
  void Hear(int64_t time_ns, std::span<const int16_t> samples);

 private:
  struct Receivers;

  // Of spandsp's receivers.
  static void OnSignallingFrame(void* reader, const uint8_t* frame, int size,
                                int intact);
  static void OnImageFrame(void* reader, const uint8_t* frame, int size,
                           int intact);
  static void OnImageBit(void* reader, int bit);

  void OnSignallingFrame(std::span<const uint8_t> frame);
  void OnImageBit(int bit);
  void OnImageStatus(int status);
  void EndImage();

  T30Listener& listener_;
  const int direction_;
  int64_t time_ns_ = 0;
  std::unique_ptr<Receivers> receivers_;
  // By the last DCS, and whether its modem was understood since.
  PageFormat format_;
  bool is_trained_ = false;
  // What has come of the image, and the bits of its next byte.
  std::string image_;
  uint32_t bits_ = 0;
  int bit_count_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_MODEM_READER_H_
