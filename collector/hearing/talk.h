#ifndef CALLBRAID_COLLECTOR_HEARING_TALK_H_
#define CALLBRAID_COLLECTOR_HEARING_TALK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "collector/hearing/speech_meter.h"

namespace callbraid::collector {

// When a party talks.
struct Talk {
  // Of each frame of the meter.
  std::vector<bool> frames;
  // Median level of all others in which there was any sound, in dBov.
  std::optional<double> noise_dbov;
};

// A party talks where frames are louder than 15.9 dB below its active level,
// and by 6 dB louder than the quietest tenth of those with any sound, for two
// frames or more; and for 0.2 s after that (ITU-T P.56). Of what is as loud all
// the time, all is talk.
//
// Whoever is below -60 dBov, or below -40 and no frame unlike the others, does
// not talk at all: comfort noise, an open line. Music, tones and announcements
// are talk here.
Talk TalkIn(const SpeechMeter& meter);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_HEARING_TALK_H_
