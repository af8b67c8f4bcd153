#ifndef CALLBRAID_COLLECTOR_EVIDENCE_PARTY_MATCH_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_PARTY_MATCH_H_

#include <string>
#include <string_view>

#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"

// Whether two dialogs are about the same parties, however each writes their
// numbers.

namespace callbraid::collector {

// `number`, as PlainUser() has it, in the way in which two of them are compared
// at `site`: without what is dialled before it there.
std::string Normalised(std::string_view number, std::string_view site,
                       const EvidencePolicy& policy);

// Whether the two, each of its site, are one number. False if either is empty.
bool SameNumber(std::string_view a, std::string_view site_a, std::string_view b,
                std::string_view site_b, const EvidencePolicy& policy);

enum class Agreement { kUnknown, kEqual, kDifferent };

struct PartyMatch {
  Agreement caller = Agreement::kUnknown;
  Agreement callee = Agreement::kUnknown;

  int equal() const {
    return (caller == Agreement::kEqual) + (callee == Agreement::kEqual);
  }
  // Two calls of one caller to one number at one time are two tries, or forks,
  // of one.
  bool AreOneTry() const { return equal() == 2; }
};
// Who was called: To, the request URI, and who was called before (Diversion,
// History-Info). Parties that hide are not known.
PartyMatch MatchParties(const Node& a, const Node& b,
                        const EvidencePolicy& policy);

// Whether `uri`, stated in `a`, names who `b` calls.
bool Calls(const Node& b, std::string_view uri, const Node& a,
           const EvidencePolicy& policy);

// Whether the caller of `b` is a party of `a`.
bool CalledByPartyOf(const Node& a, const Node& b,
                     const EvidencePolicy& policy);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_PARTY_MATCH_H_
