// A codec plug-in whose decoder does what its payload says: the first byte is
// one of these, and the payload as many samples as it has bytes.

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "collector/codecs/codec_plugin.h"

namespace {

enum Deed : uint8_t {
  kSamples = 0,      // The bytes as samples.
  kCrash = 1,        // Dies of a signal.
  kHang = 2,         // Computes for ever.
  kReadAFile = 3,    // Opens what is not its own.
  kEatMemory = 4,    // Wants all there is.
  kTellAProcess = 5  // The number of the process, in the first two samples.
};

int Mode(const char*) { return 0; }
size_t Samples(int, const uint8_t*, size_t bytes) { return bytes; }
int EndsInPause(int, const uint8_t*, size_t) { return 0; }
// The number of the process that opened it, as later it may not ask.
void* Open(int) { return new pid_t(getpid()); }
void Close(void* state) { delete static_cast<pid_t*>(state); }

int Decode(void* state, const uint8_t* payload, size_t bytes, int16_t* pcm) {
  for (size_t i = 0; i < bytes; ++i) pcm[i] = payload[i];
  switch (payload[0]) {
    case kCrash:
      std::abort();
    case kHang:
      for (volatile bool on = true; on;) {
      }
      return 0;
    case kReadAFile:
      return open("/etc/passwd", O_RDONLY) >= 0 ? 1 : 0;
    case kEatMemory:
      for (;;) {
        constexpr size_t kPiece = size_t{64} << 20;
        void* piece = std::malloc(kPiece);
        if (piece == nullptr) std::abort();
        std::memset(piece, 1, kPiece);
      }
    case kTellAProcess:
      std::memcpy(pcm, state, sizeof(pid_t));
      return 1;
    default:
      return 1;
  }
}

int Conceal(void*, size_t count, int16_t* pcm) {
  for (size_t i = 0; i < count; ++i) pcm[i] = 7;
  return 1;
}

constexpr callbraid_codec kCodecs[] = {{"ROGUE", 8000, 8000, Mode, Samples,
                                        EndsInPause, Open, Close, Decode,
                                        Conceal, Conceal}};
constexpr callbraid_codec_plugin kPlugin = {CALLBRAID_CODEC_PLUGIN_VERSION,
                                            "none", kCodecs, 1};

}  // namespace

extern "C" const callbraid_codec_plugin* callbraid_codec_plugin_entry() {
  return &kPlugin;
}
