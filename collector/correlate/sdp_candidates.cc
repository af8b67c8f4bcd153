#include "collector/correlate/sdp_candidates.h"

#include <algorithm>
#include <utility>

#include "collector/index/candidates.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

bool Covers(const ObservationIndex::Query& query, const Node& node) {
  return node.first_ns >= query.from_ns && node.first_ns <= query.to_ns;
}

}  // namespace

absl::StatusOr<std::vector<const ObservationIndex::Query*>> SdpCandidates::Find(
    const Node& node, Token token, const TimeSpan& span) {
  std::vector<const ObservationIndex::Query*> queries;
  ASSIGN_OR_RETURN(const std::vector<TimeSpan> spans,
                   ClockedSpans(node, span, clocks_, policy_));
  for (const TimeSpan& whole : spans) {
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     index_.Find(token, whole.from_ns, whole.to_ns,
                                 policy_.max_endpoint_candidates));
    if (query->over) {
      ++crowded_tokens_;
    } else {
      queries.push_back(query);
    }
  }
  return queries;
}

absl::StatusOr<std::vector<const ObservationIndex::Query*>>
SdpCandidates::FindStreams(const Node& dialog, Token token) {
  const int64_t before_ns =
      policy_.media_before_sdp_ns +
      (dialog.dialog().began_before() ? policy_.answered_reach_ns : 0);
  return Find(dialog, token,
              {dialog.first_ns - before_ns,
               ReachEnd(dialog, policy_) + policy_.media_after_end_ns});
}

absl::StatusOr<std::vector<SdpClaim>> SdpCandidates::ClaimsWithin(
    const Node& stream, int64_t back_ns, int64_t ahead_ns) {
  std::vector<const Node*> dialogs;
  for (const NodeToken& token : stream.tokens) {
    if (token.kind != TokenKind::kEndpoint) continue;
    ASSIGN_OR_RETURN(const auto queries, Find(stream, token.token,
                                              {stream.first_ns - back_ns,
                                               stream.first_ns + ahead_ns}));
    for (const ObservationIndex::Query* const query : queries) {
      // A copy: looking further may add to what is held.
      const std::vector<ObservationId> ids = query->ids;
      for (const ObservationId& id : ids) {
        ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
        if (other == nullptr || !other->is_dialog || !other->makes_call) {
          continue;
        }
        // The dialog must find the stream, too.
        ASSIGN_OR_RETURN(const auto back, FindStreams(*other, token.token));
        const bool found =
            std::any_of(back.begin(), back.end(),
                        [&stream](const ObservationIndex::Query* reply) {
                          return Covers(*reply, stream);
                        });
        if (found) dialogs.push_back(other);
      }
    }
  }
  SortById(dialogs);
  std::vector<SdpClaim> claims;
  for (const Node* dialog : dialogs) {
    ASSIGN_OR_RETURN(
        const ClockRelation clock,
        clocks_.Relate(stream.sensor(), stream.first_ns, dialog->sensor()));
    if (const auto claim = ClaimOn(*dialog, stream, policy_, clock)) {
      claims.push_back(*claim);
    }
  }
  return ChooseClaims(stream, std::move(claims), policy_);
}

absl::StatusOr<const std::vector<SdpClaim>*> SdpCandidates::DialogsOf(
    const Node& stream) {
  const auto known = dialogs_of_.find(stream.id);
  if (known != dialogs_of_.end()) return &known->second;
  const int64_t early_ns = policy_.media_before_sdp_ns;
  ASSIGN_OR_RETURN(std::vector<SdpClaim> claims,
                   ClaimsWithin(stream, policy_.near_dialogs_ns, early_ns));
  if (claims.empty()) {
    ASSIGN_OR_RETURN(claims,
                     ClaimsWithin(stream, policy_.far_dialogs_ns, early_ns));
  }
  // A call that was under way when the capture began tells its endpoints only
  // when the session is refreshed.
  if (claims.empty()) {
    ASSIGN_OR_RETURN(
        claims,
        ClaimsWithin(stream, early_ns, early_ns + policy_.answered_reach_ns));
  }
  return &(dialogs_of_[stream.id] = std::move(claims));
}

absl::StatusOr<std::vector<const Node*>> SdpCandidates::StreamsNear(
    const Node& dialog) {
  std::vector<const Node*> streams;
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kEndpoint) continue;
    ASSIGN_OR_RETURN(const auto queries, FindStreams(dialog, token.token));
    for (const ObservationIndex::Query* const query : queries) {
      const std::vector<ObservationId> ids = query->ids;
      for (const ObservationId& id : ids) {
        ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
        if (other != nullptr && other->is_rtp()) streams.push_back(other);
      }
    }
  }
  SortById(streams);
  return streams;
}

}  // namespace callbraid::collector
