#ifndef CALLBRAID_COLLECTOR_EVIDENCE_LINK_GROUP_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_LINK_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/evidence/clock_table.h"
#include "collector/evidence/evidence.h"

namespace callbraid::collector {

// What a value that several dialogs carry is worth.
enum class LinkTrust {
  // Carried by dialogs that cannot be one call, or by too many.
  kNone,
  // Used again for other calls: it says something only where numbers agree,
  // too.
  kTag,
  // As far as is known, in one call only.
  kIdentity,
};

// The dialogs that carry one value. Standards say that such a value is the
// identity of one call; devices send the same one in all their calls, or mark
// tenants and trunks with it. Nothing in the value tells. What tells is who
// carries it: the legs of one call begin at one place and run together; what
// two callers send to one host at the same time is no call.
//
// So what follows from it is withdrawn when another carrier turns up.
class LinkGroup {
 public:
  // Those that are filed under `token` for the value. More `carriers` than
  // policy.max_linked are too many to mean anything.
  LinkGroup(Token token, const std::vector<const Node*>& carriers,
            const EvidencePolicy& policy, const ClockTable& clocks = {});

  // What the value is worth between two dialogs that carry it.
  LinkTrust Between(const Node& a, const Node& b) const;

 private:
  // One dialog with all its hops and observations.
  struct Leg {
    std::vector<const Node*> nodes;
    // Of these, where it comes in: the same dialog goes on from there.
    std::vector<const Node*> entries;
    int64_t first_ns = kNever;
    int64_t until_ns = 0;
    // Its place in the call is where another dialog was, as it says or as shows
    // when it takes the value up in mid-call (RFC 7989, after a transfer): that
    // it begins anew says nothing against the value.
    bool replaces = false;
    // Nothing leads to it.
    bool root = true;
    // It came in where another call did. What it claims to replace may be no
    // affair of its own, so it must be linked by that.
    bool intrudes = false;
    // By leg: whether it was there at one time with this one.
    std::vector<bool> beside;
    // Those that ran together, each with at least one other.
    size_t cluster = 0;
  };
  struct Cluster {
    std::vector<size_t> legs;
    bool sound = true;
  };

  void FindLegs(const std::vector<const Node*>& carriers,
                const EvidencePolicy& policy, const ClockTable& clocks);
  size_t MostAtOnce(const Cluster& cluster) const;
  void FindClusters();
  void Examine(Cluster& cluster, const EvidencePolicy& policy,
               const ClockTable& clocks);

  bool Clash(const Leg& a, const Leg& b, const EvidencePolicy& policy,
             const ClockTable& clocks) const;

  Token token_;
  std::map<std::string_view, size_t> by_call_id_;
  std::vector<Leg> legs_;
  std::vector<Cluster> clusters_;
};

// The groups of what two dialogs carry, as either of them sees them.
class LinkGroups {
 public:
  virtual ~LinkGroups() = default;
  // Nullptr: `of` does not carry it, or too many do.
  virtual const LinkGroup* Find(Token token, const Node& of) const = 0;

  LinkTrust Between(Token token, const Node& a, const Node& b) const;
};

// Whether `a` and `b`, of which a value of that worth says that they are one
// call, can be. `unique`: it was made to be (a UUID), so where the hosts
// between them were not seen less else must agree.
bool MayBeOneCall(const Node& a, const Node& b, LinkTrust trust, bool unique,
                  const EvidencePolicy& policy, const ClockRelation& clock);

// The value of a kind that two dialogs have in common and that says most.
struct SharedValue {
  std::string value;
  LinkTrust trust = LinkTrust::kNone;
  // How many values they have in common that say something.
  int count = 0;
};
struct ValueQuery {
  store::v1::LinkKind kind = store::v1::LINK_KIND_UNSPECIFIED;
  bool unique = false;
  // Empty: every value will do.
  std::function<bool(const std::string&)> accept = {};
};
std::optional<SharedValue> FindShared(const ValueQuery& query, const Node& a,
                                      const Node& b, const LinkGroups& groups,
                                      const EvidencePolicy& policy,
                                      const ClockRelation& clock);

// The score of such evidence, if `identity` is that of one with kIdentity.
double ScoreOf(LinkTrust trust, double identity, const EvidencePolicy& policy);

bool Carries(const Node& node, store::v1::LinkKind kind,
             const std::string& value);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_LINK_GROUP_H_
