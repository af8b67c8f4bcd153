#ifndef CALLBRAID_COLLECTOR_RETENTION_RETENTION_POLICY_H_
#define CALLBRAID_COLLECTOR_RETENTION_RETENTION_POLICY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/config.pb.h"

namespace callbraid::collector {

// What of a call is to be there when it is over.
enum class Recorded { kAll, kSignalling, kNothing };

// For how many days something is kept from the end of its call; 0: for ever.
struct KeepDays {
  // Never more than `call`.
  uint32_t media = 0;
  uint32_t call = 0;
  // Unless kAll, media go with the end of the call, and the days are when the
  // last of it goes that was passed over.
  Recorded recorded = Recorded::kAll;
  bool operator==(const KeepDays&) const = default;
};

// Checks `config`, and fills in defaults. INVALID_ARGUMENT, in words.
absl::Status CompleteRetention(v1::RetentionConfig& config);

// How long which call is kept. A value.
class RetentionPolicy {
 public:
  // `config` as from CompleteRetention().
  explicit RetentionPolicy(const v1::RetentionConfig& config);

  // By the first rule that fits.
  KeepDays Of(const store::v1::CallIndexEntry& call) const;
  // Of what no rule fits.
  const KeepDays& general() const { return general_; }
  bool has_rules() const { return config_.rules_size() > 0; }
  // Some calls are not recorded, or not all of them.
  bool leaves_out() const { return leaves_out_; }
  // Some rules are about numbers.
  bool knows_numbers() const { return knows_numbers_; }
  // The shortest and longest of all; shortest: 0 if all are for ever, longest:
  // 0 if any is.
  const KeepDays& shortest() const { return shortest_; }
  const KeepDays& longest() const { return longest_; }

 private:
  v1::RetentionConfig config_;
  KeepDays general_;
  KeepDays shortest_;
  KeepDays longest_;
  bool leaves_out_ = false;
  bool knows_numbers_ = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RETENTION_RETENTION_POLICY_H_
