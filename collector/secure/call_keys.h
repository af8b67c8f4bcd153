#ifndef CALLBRAID_COLLECTOR_SECURE_CALL_KEYS_H_
#define CALLBRAID_COLLECTOR_SECURE_CALL_KEYS_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/store/v1/observation.pb.h"
#include "collector/secure/srtp_decryptor.h"
#include "collector/store/store.h"
#include "common/sip/sip_message.h"

namespace callbraid::collector {

// The SRTP keys of a call: those that its SDP names (SDES, RFC 4568), and those
// that DTLS agreed on on the flows of its streams (DTLS-SRTP, RFC 5764).
//
// They are read from the SIP messages and reports of streams as stored each
// time they are needed, and forgotten: no second copy of a key is kept, so that
// they go with the call.
// Holds secrets. A value.
class CallKeys {
 public:
  // Adds the keys that the messages of `dialog`, an observation of leg
  // `leg_id`, name; what is too much is left out. `offset_ns` moves its times
  // to the call's clock. Errors: those of Store.
  absl::Status Read(Store& store, const ObservationId& id,
                    const store::v1::Observation& dialog,
                    const std::string& leg_id, int64_t offset_ns);

  // Adds the keys that a sensor told for `id`, an observation of `stream`.
  absl::Status ReadDtls(Store& store, const ObservationId& id,
                        const v1::Stream& stream, int64_t offset_ns);

  // Those that `stream` may be encrypted with, the likeliest first: of its own
  // flow, by DTLS. What a
  // party's SDP names encrypts what this party sends (section 6.1): of the
  // stream's leg and sender, what the other side chose, the newest before the
  // stream. Then all others, for a proof is in each packet: forks, proxies that
  // hand SDP on, addresses behind NAT.
  std::vector<CandidateKey> For(const v1::Stream& stream) const;

 private:
  struct Said {
    CandidateKey key;
    std::string leg_id;
    bool from_initiator = false;
    std::string kind;       // "audio".
    std::string endpoint;   // Where this side wants to receive.
    size_t line = 0;        // Which media line of the SDP.
    bool alone = false;     // The only one of its line: an answer, or as good.
    std::string stream_id;  // By DTLS, on that stream's flow.
  };

  void AddMessage(const SipMessage& message, int64_t time_ns,
                  bool from_initiator, const std::string& leg_id);
  bool IsChosen(const Said& said) const;

  std::vector<Said> said_;
  // By leg, side and text: a retransmission, and the same at other capture
  // points, is nothing new.
  std::set<std::string> known_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_SECURE_CALL_KEYS_H_
