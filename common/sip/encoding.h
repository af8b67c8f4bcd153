#ifndef CALLBRAID_COMMON_SIP_ENCODING_H_
#define CALLBRAID_COMMON_SIP_ENCODING_H_

#include <string_view>

// What an encoding name of RTP (a=rtpmap; RFC 3551 for static types) says of
// what is sent under it. Names are compared without case.

namespace callbraid {

bool IsVideoEncoding(std::string_view name);

// Whether nothing is to be heard of such packets: video, error correction and
// retransmission (RFC 5109, 8627, 4588), signals between gateways (NSE), and
// what says that there is none (comfort noise) or something else (events). Not
// "red": that is what it repeats.
bool CarriesNoAudio(std::string_view name);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_ENCODING_H_
