#ifndef CALLBRAID_COLLECTOR_EVIDENCE_EVIDENCE_POLICY_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_EVIDENCE_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "callbraid/v1/config.pb.h"

namespace callbraid::collector {

// Every threshold, time limit and weight of correlation. docs/correlation.md
// says what each one guards against.
struct EvidencePolicy {
  static constexpr int64_t kMs = 1'000'000;
  static constexpr int64_t kSecond = 1000 * kMs;
  static constexpr int64_t kHour = 3600 * kSecond;

  // How far two sensors' clocks may be apart where only times tell.
  int64_t clock_tolerance_ns = 3 * kSecond;
  // Between two sightings of one message or packet by one sensor.
  int64_t hop_delay_ns = 500 * kMs;
  // The same where an address translator is all that lies between.
  int64_t nat_delay_ns = 50 * kMs;

  // A stream may start this long before the SDP that names its endpoint...
  int64_t media_before_sdp_ns = 2 * kSecond;
  // ...and this long after the dialog's end or the SDP that replaced it.
  int64_t media_after_end_ns = 5 * kSecond;
  // A dialog whose end was not seen speaks for this long after its last
  // message; longer if it was answered.
  int64_t unanswered_reach_ns = 180 * kSecond;
  int64_t answered_reach_ns = kHour;
  // The legs of one call name a shared endpoint within this time.
  int64_t setup_skew_ns = 5 * kSecond;
  // How far back dialogs are looked for: the second if the first has none.
  int64_t near_dialogs_ns = kHour;
  int64_t far_dialogs_ns = 24 * kHour;

  // Equal payload, sequence and timestamp that prove the same stream.
  size_t same_rtp_packets = 3;
  // Distinct equal payloads that prove a relay: with sequence and timestamp
  // carried over, with times alone, and where no address links the two.
  size_t relayed_numbered_payloads = 3;
  size_t relayed_payloads = 5;
  size_t relayed_unlinked_payloads = 8;
  // How much the delay of a relay may vary.
  int64_t relay_spread_ns = 150 * kMs;
  int64_t relay_unlinked_spread_ns = 50 * kMs;
  // One source endpoint with this many destinations is no address translator.
  size_t fan_out = 4;

  // From the beginning of a dialog at one sensor to its end at another, which
  // saw nothing else of it: as long as calls are.
  int64_t silent_dialog_ns = 24 * kHour;

  // A stream that goes on after silence: lost packets, or the sequence at this
  // rate of error.
  int64_t continuation_gap_ns = kHour;
  uint32_t continuation_packets = 50;
  int64_t continuation_error_ns = kSecond;

  // Links between dialogs (docs/correlation.md).
  // Legs that are set up as one: INVITE after INVITE.
  int64_t link_setup_ns = 5 * kSecond;
  // Values are compared among dialogs that begin within this time, or in the
  // one before or after.
  int64_t link_window_ns = kHour;
  // Legs that one value may link at one time: more, and it marks something else
  // than a call.
  size_t max_linked_legs = 12;
  // How long two legs that take turns may both be answered: a transfer.
  int64_t handover_ns = 10 * kSecond;
  // From REFER, or 3xx, to the INVITE that it asked for.
  int64_t refer_ns = 12 * kSecond;
  int64_t redirect_ns = 10 * kSecond;

  // By numbers and time, in at a host and out again: INVITE after INVITE, and
  // how far answers, and ends, may be apart.
  int64_t bridge_setup_ns = 4 * kSecond;
  int64_t bridge_answer_ns = 2 * kSecond;
  int64_t bridge_end_ns = 3 * kSecond;
  // By site; "" for those without.
  std::vector<v1::NumberRule> number_rules;

  // Calls.
  int64_t silence_ns = 120 * kSecond;
  // Late packets after the end.
  int64_t settle_ns = 30 * kSecond;
  // A sensor that is away: nothing more is expected for now.
  int64_t sensor_lost_ns = 600 * kSecond;
  // And not even what only it has.
  int64_t sensor_gone_ns = 86'400 * kSecond;
  // Before this, media in one direction is no finding.
  int64_t one_way_ns = 10 * kSecond;

  size_t max_members = 512;
  // Observations under one token. More, and it identifies nothing.
  size_t max_candidates = 64;
  size_t max_endpoint_candidates = 256;
  size_t max_linked = 64;
  size_t max_evidence = 256;

  // Scores: how much is known when this is all there is.
  double same_dialog = 1.0;
  double same_dialog_by_time = 0.9;
  double same_rtp = 1.0;
  double same_rtp_by_time = 0.8;
  double same_rtp_continued = 0.8;
  double sdp_both_ends = 1.0;
  double sdp_destination = 0.95;
  double sdp_source = 0.7;
  // Factor for SDP that another sensor saw.
  double other_sensor = 0.9;
  double relayed_linked = 0.95;
  double relayed_unlinked = 0.85;
  double reverse_flow = 0.8;
  double replaces = 0.98;
  double session_id_both = 0.98;
  double session_id = 0.95;
  double controlled_call = 0.95;
  double cisco_guid = 0.95;
  double header_names_call_id = 0.95;
  double transfer_confirmed = 0.95;
  double transfer = 0.85;
  double redirect = 0.9;
  double charging_vector = 0.9;
  double sdp_origin = 0.9;
  double link_header = 0.85;
  // Factor for a value that is used again for other calls.
  double reused_value = 0.8;
  double numbers_and_time = 0.6;
};

inline EvidencePolicy PolicyFrom(const v1::CorrelateConfig& config) {
  EvidencePolicy policy;
  if (config.silence_s() != 0) {
    policy.silence_ns = config.silence_s() * EvidencePolicy::kSecond;
  }
  if (config.clock_tolerance_ms() != 0) {
    policy.clock_tolerance_ns =
        config.clock_tolerance_ms() * EvidencePolicy::kMs;
  }
  policy.number_rules.assign(config.numbers().begin(), config.numbers().end());
  return policy;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_EVIDENCE_POLICY_H_
