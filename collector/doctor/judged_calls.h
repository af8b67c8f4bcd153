#ifndef CALLBRAID_COLLECTOR_DOCTOR_JUDGED_CALLS_H_
#define CALLBRAID_COLLECTOR_DOCTOR_JUDGED_CALLS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "collector/doctor/facts.h"
#include "collector/doctor/verdict.h"

namespace callbraid::collector {

// Of all sensors.
std::set<std::string> SitesOf(const Facts& facts);

// Which calls may be judged by the media that they lack. Refers to its
// arguments.
class JudgedCalls {
 public:
  JudgedCalls(const Facts& facts, const Blind& blind);

  // Not those that were seen by capture points alone that show one direction or
  // nothing: that explains whatever is missing. Nor those of which media may
  // still come: a sensor of the site is away, or delivers what its spool has
  // gathered, signalling before media.
  bool Has(const CallFacts& call, const std::string& site) const;

 private:
  bool IsSeenByBlindAlone(const CallFacts& call) const;
  bool MayStillCome(const CallFacts& call) const;

  const Blind& blind_;
  // By site: of what was captured after this, media may still come.
  std::map<std::string, int64_t> complete_until_ns_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_JUDGED_CALLS_H_
