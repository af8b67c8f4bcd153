#ifndef CALLBRAID_COLLECTOR_EMODEL_CODEC_IMPAIRMENT_H_
#define CALLBRAID_COLLECTOR_EMODEL_CODEC_IMPAIRMENT_H_

#include <optional>
#include <string>
#include <string_view>

namespace callbraid::collector {

// What the E-model takes a codec to be.
struct CodecImpairment {
  double ie = 0;   // Ie; wideband: Ie,WB.
  double bpl = 0;  // Bpl; wideband: Bpl,WB.
  bool wideband = false;
  // Not, or not all, a value of ITU-T G.113.
  bool provisional = false;
  // Where the values are from, for people. Lives as long as the program.
  const char* source = "";
};

// The impairment of a codec by its encoding name (SDP, any case) and the bits
// of payload per second that its packets of speech carry, which tell the modes
// of one codec apart; 0 if not known. Nullopt of what nothing is known of, and
// of what is no speech.
//
// `conceals`: receivers of G.711 conceal losses, as phones do; else they put
// silence in their place. The other codecs have a concealment of their own.
std::optional<CodecImpairment> ImpairmentOf(std::string_view name,
                                            double bits_per_second,
                                            bool conceals);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EMODEL_CODEC_IMPAIRMENT_H_
