#ifndef CALLBRAID_COMMON_CODING_SPEECH_CODER_H_
#define CALLBRAID_COMMON_CODING_SPEECH_CODER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/coding/companding.h"

namespace callbraid {

// Lossless coding of G.711 at 8 kHz: each sample is predicted from those before
// it, and what the prediction is off by, in places of the law's order, goes
// through a range coder. The predictor (linear, of 12 samples, fitted to the
// last 25 ms every 5 ms) is computed at both ends from what both have, so
// nothing of it is sent. Any bytes are coded, those that are no speech at no
// gain.
//
// The arithmetic is that of IEEE 754 in single precision, in a stated order:
// what one machine codes another decodes. docs/media-coding.md.

// Appends to `out`.
void EncodeSpeech(const CompandingLaw& law, std::span<const uint8_t> codes,
                  std::string& out);

// Appends `count` codes to `out`. What was not coded by EncodeSpeech decodes to
// something, too: whether it is right others must know.
void DecodeSpeech(const CompandingLaw& law, std::span<const uint8_t> coded,
                  size_t count, std::string& out);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_CODING_SPEECH_CODER_H_
