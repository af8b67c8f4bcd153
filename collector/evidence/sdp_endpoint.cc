#include "collector/evidence/sdp_endpoint.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace callbraid::collector {
namespace {

// Without the tag: an observation that began within the dialog may have the
// other side's.
bool SameIdentity(const Node& a, const Node& b) {
  return a.dialog().call_id() == b.dialog().call_id();
}

// Two dialogs from one host to the same other are no two legs of one call: they
// follow, or run beside, each other. (Back the same way a call may well go: a
// PBX that forwards it to where it came from.)
bool AreRivals(const Node& a, const Node& b) {
  return !SameIdentity(a, b) && a.initiator.address == b.initiator.address &&
         a.responder.address == b.responder.address;
}

// By the stream's clock.
bool EndedBefore(const SdpClaim& a, const SdpClaim& b) {
  return a.dialog->last_ns - a.clock.offset_ns <
         b.dialog->first_ns - b.clock.offset_ns;
}

// Two rivals: which of them must go, or both if nothing tells.
struct Verdict {
  bool drop_a = false;
  bool drop_b = false;
};
Verdict Judge(const SdpClaim& a, const SdpClaim& b) {
  if (EndedBefore(a, b)) return {.drop_a = true};
  if (EndedBefore(b, a)) return {.drop_b = true};
  const bool a_both = a.source && a.destination;
  const bool b_both = b.source && b.destination;
  if (a_both != b_both) return {.drop_a = b_both, .drop_b = a_both};
  return {true, true};
}

void DropRivals(std::vector<SdpClaim>& claims) {
  std::vector<bool> dropped(claims.size());
  for (size_t i = 0; i < claims.size(); ++i) {
    for (size_t j = i + 1; j < claims.size(); ++j) {
      if (!AreRivals(*claims[i].dialog, *claims[j].dialog)) continue;
      const Verdict verdict = Judge(claims[i], claims[j]);
      if (verdict.drop_a) dropped[i] = true;
      if (verdict.drop_b) dropped[j] = true;
    }
  }
  size_t kept = 0;
  for (size_t i = 0; i < claims.size(); ++i) {
    if (!dropped[i]) claims[kept++] = claims[i];
  }
  claims.resize(kept);
}

// Whether `dialog` may be a branch of the call of `other` that was not
// answered: it knows one side's SDP, passed on.
bool IsBranchOf(const Node& dialog, const Node& other) {
  const auto is_by_initiator = [](const SdpNaming& naming) {
    return naming.from_initiator;
  };
  return std::all_of(dialog.namings.begin(), dialog.namings.end(),
                     is_by_initiator) &&
         dialog.initiator.address == other.responder.address;
}

// Anyone can name one end of a stranger's stream: where a dialog among `all`
// accounts for both, that says nothing.
void DropOutsiders(const std::vector<SdpClaim>& all,
                   std::vector<SdpClaim>& claims) {
  std::erase_if(claims, [&](const SdpClaim& claim) {
    if (claim.both_sides) return false;
    bool outside = false;
    for (const SdpClaim& other : all) {
      // What is over accounts for nothing.
      if (!other.both_sides || other.timing == SdpTiming::kLate) continue;
      if (SameIdentity(*claim.dialog, *other.dialog) ||
          AreRivals(*claim.dialog, *other.dialog) ||
          IsBranchOf(*claim.dialog, *other.dialog)) {
        return false;
      }
      outside = true;
    }
    return outside;
  });
}

int64_t LatestNaming(const std::vector<SdpClaim>& claims) {
  int64_t latest = 0;
  for (const SdpClaim& claim : claims) {
    latest = std::max(latest, claim.named_ns);
  }
  return latest;
}

void DropNamedLongBefore(std::vector<SdpClaim>& claims, int64_t skew_ns) {
  const int64_t oldest = LatestNaming(claims) - skew_ns;
  std::erase_if(claims, [oldest](const SdpClaim& claim) {
    return claim.named_ns < oldest;
  });
}

// Among claims by one clock.
void Resolve(std::vector<SdpClaim>& claims, const EvidencePolicy& policy) {
  for (const SdpTiming timing :
       {SdpTiming::kDuring, SdpTiming::kEarly, SdpTiming::kLate}) {
    const auto fits = [timing](const SdpClaim& claim) {
      return claim.timing == timing;
    };
    if (std::none_of(claims.begin(), claims.end(), fits)) continue;
    std::erase_if(claims, std::not_fn(fits));
    break;
  }
  DropRivals(claims);
  DropNamedLongBefore(claims, policy.setup_skew_ns);
}

// Keeps of `remote` what can stand beside what the stream's own sensor saw.
void Reconcile(const std::vector<SdpClaim>& local,
               std::vector<SdpClaim>& remote, const EvidencePolicy& policy) {
  const int64_t newest = LatestNaming(local);
  std::erase_if(remote, [&](const SdpClaim& claim) {
    const int64_t oldest =
        newest - policy.setup_skew_ns - claim.clock.Tolerance(policy);
    bool rival = false;
    for (const SdpClaim& own : local) {
      if (SameIdentity(*claim.dialog, *own.dialog)) return false;
      rival = rival || AreRivals(*claim.dialog, *own.dialog);
    }
    return rival || claim.timing != SdpTiming::kDuring ||
           claim.named_ns < oldest;
  });
  DropRivals(remote);
}

// What a dialog that began before the capture named first it may have named all
// along: a session refresh tells the endpoints of media that were flowing.
bool TellsWhatWasBefore(const Node& dialog, const SdpNaming& naming,
                        const Node& stream, const ClockRelation& clock,
                        const EvidencePolicy& policy) {
  return dialog.dialog().began_before() &&
         std::none_of(dialog.namings.begin(), dialog.namings.end(),
                      [&](const SdpNaming& other) {
                        return other.from_initiator == naming.from_initiator &&
                               other.from_ns < naming.from_ns;
                      }) &&
         stream.first_ns + clock.offset_ns >=
             naming.from_ns - policy.answered_reach_ns &&
         stream.last_ns + clock.offset_ns >= naming.from_ns -
                                                 policy.media_before_sdp_ns -
                                                 clock.Tolerance(policy);
}

}  // namespace

int64_t ReachEnd(const Node& dialog, const EvidencePolicy& policy) {
  const int64_t end_ns = dialog.dialog().end_time_ns();
  if (end_ns != 0) return end_ns;
  return dialog.last_ns + (dialog.answered() || dialog.dialog().began_before()
                               ? policy.answered_reach_ns
                               : policy.unanswered_reach_ns);
}

std::optional<SdpClaim> ClaimOn(const Node& dialog, const Node& stream,
                                const EvidencePolicy& policy,
                                const ClockRelation& between) {
  if (!dialog.is_dialog || !dialog.makes_call || stream.is_dialog ||
      dialog.site() != stream.site()) {
    return std::nullopt;
  }
  const ClockRelation clock =
      SameSensor(dialog, stream) ? ClockRelation::Same() : between;
  const int64_t skew = clock.Tolerance(policy);
  const int64_t start = stream.first_ns + clock.offset_ns;
  const int64_t reach = ReachEnd(dialog, policy);
  std::optional<SdpClaim> best;
  // Which sides named the source, and the destination: 1 the initiator, 2 the
  // responder.
  unsigned source_by = 0;
  unsigned destination_by = 0;
  for (const SdpNaming& naming : dialog.namings) {
    const bool destination = naming.endpoint == stream.flow.destination;
    const bool source = naming.endpoint == stream.flow.source;
    if (!destination && !source) continue;
    const int64_t end = std::min(naming.until_ns, reach);
    if ((start < naming.from_ns - policy.media_before_sdp_ns - skew &&
         !TellsWhatWasBefore(dialog, naming, stream, clock, policy)) ||
        start > end + policy.media_after_end_ns + skew) {
      continue;
    }
    const SdpTiming timing = start < naming.from_ns ? SdpTiming::kEarly
                             : start <= end         ? SdpTiming::kDuring
                                                    : SdpTiming::kLate;
    if (!best || timing < best->timing) {
      // A better fit in time replaces what fitted worse.
      best = SdpClaim{.dialog = &dialog, .timing = timing, .clock = clock};
      source_by = destination_by = 0;
    } else if (timing > best->timing) {
      continue;
    }
    // The destination is the surer one: it says which way the stream goes.
    if (destination || !best->destination) {
      best->to_initiator = naming.from_initiator == destination;
    }
    best->destination = best->destination || destination;
    best->source = best->source || source;
    const unsigned by = naming.from_initiator ? 1 : 2;
    if (source) source_by |= by;
    if (destination) destination_by |= by;
    best->both_sides = (source_by | destination_by) == 3 && source_by != 0 &&
                       destination_by != 0;
    best->named_ns = std::max(best->named_ns, naming.from_ns - clock.offset_ns);
  }
  return best;
}

std::vector<SdpClaim> ChooseClaims(const Node& stream,
                                   std::vector<SdpClaim> claims,
                                   const EvidencePolicy& policy) {
  std::sort(claims.begin(), claims.end(),
            [](const SdpClaim& a, const SdpClaim& b) {
              return a.dialog->id < b.dialog->id;
            });
  std::vector<SdpClaim> local;
  std::vector<SdpClaim> remote;
  for (const SdpClaim& claim : claims) {
    (SameSensor(*claim.dialog, stream) ? local : remote).push_back(claim);
  }
  DropOutsiders(claims, local);
  DropOutsiders(claims, remote);
  Resolve(local, policy);
  if (local.empty()) {
    EvidencePolicy apart = policy;
    int64_t tolerance = 0;
    for (const SdpClaim& claim : remote) {
      tolerance = std::max(tolerance, claim.clock.Tolerance(policy));
    }
    apart.setup_skew_ns += tolerance;
    Resolve(remote, apart);
  } else {
    Reconcile(local, remote, policy);
  }
  local.insert(local.end(), remote.begin(), remote.end());
  return local;
}

Evidence EvidenceOf(const SdpClaim& claim, const Node& stream,
                    const EvidencePolicy& policy) {
  Evidence evidence;
  evidence.clock = ByName(stream, *claim.dialog, claim.clock);
  evidence.kind = claim.destination ? v1::EVIDENCE_KIND_SDP_DESTINATION
                                    : v1::EVIDENCE_KIND_SDP_SOURCE;
  evidence.score = claim.destination && claim.source ? policy.sdp_both_ends
                   : claim.destination               ? policy.sdp_destination
                                                     : policy.sdp_source;
  if (!SameSensor(*claim.dialog, stream)) evidence.score *= policy.other_sensor;
  const Endpoint& endpoint =
      claim.destination ? stream.flow.destination : stream.flow.source;
  evidence.detail = absl::StrCat(
      "SDP named ", claim.destination ? "the destination " : "the source ",
      endpoint.ToString(),
      claim.destination && claim.source ? ", and the source" : "");
  return evidence;
}

bool MayShareDialog(std::span<const SdpClaim> a, std::span<const SdpClaim> b) {
  if (a.empty() || b.empty()) return true;
  for (const SdpClaim& x : a) {
    for (const SdpClaim& y : b) {
      if (SameIdentity(*x.dialog, *y.dialog)) return true;
    }
  }
  return false;
}

}  // namespace callbraid::collector
