#include "collector/ingest/dialog_fold.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "collector/ingest/sdp_fold.h"
#include "collector/store/buckets.h"
#include "collector/store/link_tokens.h"
#include "common/bytes/byte_writer.h"
#include "common/bytes/utf8.h"
#include "common/sip/reason.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// Longest retransmission of a request over UDP: 64 * T1 (RFC 3261, 17.1.1.2).
constexpr int64_t kRetransmissionNs = 32 * kSecond;
// Within this time after a final response, the same INVITE with a higher CSeq
// is its next try (after 302, 422, 488...), not a new call.
constexpr int64_t kRetryNs = 4 * kSecond;
// An INVITE that got no answer for longer is dead (timer C is 3 minutes).
constexpr int64_t kSetupNs = 300 * kSecond;

constexpr size_t kMaxCallIdBytes = 512;
constexpr size_t kMaxTagBytes = 256;
constexpr size_t kMaxUriBytes = 256;
constexpr size_t kMaxMethodBytes = 32;
constexpr size_t kMaxReasonBytes = 64;
constexpr int kMaxToTags = 16;
constexpr int kMaxMarks = 64;

using store::v1::DialogObservation;
using store::v1::Observation;

// What only exists within a dialog that an INVITE created.
bool IsWithinInvite(std::string_view method) {
  constexpr std::array<std::string_view, 6> kMethods = {
      "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "INFO"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

// The method of the request that created the dialog of `message`.
std::string DialogMethod(const SeenMessage& message) {
  const std::string_view method =
      message.sip.is_request() ? message.sip.method : message.sip.cseq_method;
  // A REFER may also stand alone (RFC 3515): then only its answers, which set
  // the to-tag, have one.
  const bool refers_within =
      method == "REFER" && message.sip.is_request() && !message.to_tag.empty();
  if (IsWithinInvite(method) || refers_within) return "INVITE";
  return ToUtf8(method, kMaxMethodBytes);
}

bool IsInitialInvite(const SeenMessage& message) {
  return message.sip.is_request() && message.sip.method == "INVITE" &&
         message.to_tag.empty();
}

// Whether From names the initiator: so it is in requests that the initiator
// sent and in the responses to them.
bool InitiatorAsked(const SeenMessage& message,
                    const DialogObservation& dialog) {
  return message.from_tag == dialog.from_tag();
}

bool SharesTags(const SeenMessage& message, const DialogObservation& dialog) {
  return InitiatorAsked(message, dialog) ||
         (!dialog.from_tag().empty() && message.to_tag == dialog.from_tag());
}

// The same at every capture point on the hop.
uint64_t MarkIdentity(const SipMessage& sip) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.U32(static_cast<uint32_t>(sip.via_branch.size()));
  writer.Bytes(sip.via_branch);
  writer.U32(sip.cseq);
  writer.U32(static_cast<uint32_t>(sip.cseq_method.size()));
  writer.Bytes(sip.cseq_method);
  writer.U32(static_cast<uint32_t>(sip.is_request() ? 0 : sip.status));
  return XXH3_64bits(bytes.data(), bytes.size());
}

bool HasMark(const DialogObservation& dialog, uint64_t identity) {
  return std::any_of(dialog.marks().begin(), dialog.marks().end(),
                     [identity](const store::v1::MessageMark& mark) {
                       return mark.identity() == identity;
                     });
}

bool KnowsToTag(const DialogObservation& dialog, const std::string& tag) {
  return std::find(dialog.to_tags().begin(), dialog.to_tags().end(), tag) !=
         dialog.to_tags().end();
}

// Whether a response speaks of a new call under an old Call-ID whose INVITE was
// not mirrored: when someone hung up, no further fork of the old one answers.
bool AnswersAnew(const SeenMessage& message, const DialogObservation& dialog) {
  return !message.sip.is_request() && message.sip.cseq_method == "INVITE" &&
         InitiatorAsked(message, dialog) &&
         dialog.end_reason() == v1::END_REASON_BYE &&
         dialog.to_tags_size() < kMaxToTags &&
         !KnowsToTag(dialog, message.to_tag);
}

// Whether an INVITE without to-tag is a new call under an old Call-ID.
bool BeginsAnew(const SeenMessage& message, const Observation& observation) {
  const DialogObservation& dialog = observation.dialog();
  if (dialog.method() != "INVITE") return false;
  if (AnswersAnew(message, dialog)) return true;
  if (!IsInitialInvite(message)) return false;
  if (dialog.began_before()) return true;
  const int64_t time_ns = message.time_ns;
  if (dialog.end_time_ns() == 0) {
    return dialog.answer_time_ns() != 0
               ? time_ns - dialog.answer_time_ns() > kRetransmissionNs
               : time_ns - observation.last_time_ns() > kSetupNs;
  }
  if (dialog.answer_time_ns() != 0 ||
      dialog.end_reason() == v1::END_REASON_BYE) {
    return true;
  }
  const bool next_try = message.sip.cseq > dialog.invite_cseq() &&
                        time_ns - dialog.end_time_ns() <= kRetryNs;
  const bool retransmission =
      time_ns - dialog.invite_time_ns() <= kRetransmissionNs &&
      HasMark(dialog, MarkIdentity(message.sip));
  return !next_try && !retransmission;
}

void ClearEnd(DialogObservation& dialog) {
  dialog.clear_end_time_ns();
  dialog.clear_end_reason();
  dialog.clear_final_status();
  dialog.clear_ended_by();
  dialog.clear_release_cause();
  dialog.clear_release_reason();
}

// What is said first counts: what follows is about the same end, be it a BYE
// that crossed this one or the 487 that a CANCEL brings about.
void FoldReason(const SipMessage& sip, DialogObservation& dialog) {
  if (dialog.release_cause() != 0 || !dialog.release_reason().empty()) return;
  const SipReason reason = ParseSipReason(sip.headers);
  dialog.set_release_cause(reason.q850);
  if (!reason.text.empty()) {
    dialog.set_release_reason(ToUtf8(reason.text, kMaxReasonBytes));
  } else if (reason.status != 0) {
    dialog.set_release_reason(absl::StrCat("SIP ", reason.status));
  }
}

void End(const SeenMessage& message, v1::EndReason reason, bool by_initiator,
         DialogObservation& dialog) {
  FoldReason(message.sip, dialog);
  if (dialog.end_time_ns() != 0) return;
  dialog.set_end_time_ns(message.time_ns);
  dialog.set_end_reason(reason);
  dialog.set_ended_by(by_initiator ? v1::SIDE_CALLER : v1::SIDE_CALLEE);
}

void FoldRequest(const SeenMessage& message, DialogObservation& dialog) {
  const std::string_view method = message.sip.method;
  if (IsInitialInvite(message) && InitiatorAsked(message, dialog)) {
    // A next try after a challenge or a redirection; not a retransmission.
    if (message.sip.cseq > dialog.invite_cseq()) {
      if (dialog.answer_time_ns() == 0) ClearEnd(dialog);
      dialog.set_invite_cseq(message.sip.cseq);
    }
    if (dialog.invite_time_ns() == 0) {
      dialog.set_invite_time_ns(message.time_ns);
    }
  } else if (method == "CANCEL" && dialog.answer_time_ns() == 0) {
    End(message, v1::END_REASON_CANCELLED, /*by_initiator=*/true, dialog);
  } else if (method == "BYE") {
    // Of two forks that answered, one gets a BYE at once.
    const std::string& fork =
        InitiatorAsked(message, dialog) ? message.to_tag : message.from_tag;
    if (dialog.answered_tag().empty() || fork.empty() ||
        dialog.answered_tag() == fork) {
      End(message, v1::END_REASON_BYE, InitiatorAsked(message, dialog), dialog);
    }
  }
}

void FoldInviteResponse(const SeenMessage& message, DialogObservation& dialog) {
  const auto status = static_cast<uint32_t>(message.sip.status);
  // Responses to the INVITE that began the dialog, none to a re-INVITE.
  if (!InitiatorAsked(message, dialog) || dialog.began_before() ||
      dialog.answer_time_ns() != 0 ||
      (dialog.invite_cseq() != 0 && message.sip.cseq != dialog.invite_cseq())) {
    return;
  }
  if (status >= 180 && status < 200) {
    if (dialog.ringing_time_ns() == 0) {
      dialog.set_ringing_time_ns(message.time_ns);
    }
  } else if (status >= 200 && status < 300) {
    // Crossed with CANCEL, or another fork had refused.
    if (dialog.end_reason() != v1::END_REASON_BYE) ClearEnd(dialog);
    dialog.set_answer_time_ns(message.time_ns);
    dialog.set_answered_tag(message.to_tag);
    dialog.set_final_status(status);
  } else if (status >= 300) {
    dialog.set_final_status(status);
    // Challenges; the INVITE comes again with credentials.
    if (status == 401 || status == 407) return;
    // 487: as the initiator asked for, though its CANCEL was not mirrored.
    const bool cancelled = status == 487;
    End(message, cancelled ? v1::END_REASON_CANCELLED : v1::END_REASON_REFUSED,
        /*by_initiator=*/cancelled, dialog);
  }
}

void FoldResponse(const SeenMessage& message, DialogObservation& dialog) {
  const std::string_view method = message.sip.cseq_method;
  if (method == "INVITE") {
    FoldInviteResponse(message, dialog);
  } else if (method == "BYE" && message.sip.status >= 200 &&
             message.sip.status < 300) {
    // Where the BYE itself was not mirrored.
    const std::string& fork =
        InitiatorAsked(message, dialog) ? message.to_tag : message.from_tag;
    if (dialog.answered_tag().empty() || dialog.answered_tag() == fork) {
      End(message, v1::END_REASON_BYE, InitiatorAsked(message, dialog), dialog);
    }
  }
}

void AddToTag(const std::string& tag, DialogObservation& dialog) {
  if (tag.empty() || dialog.to_tags_size() >= kMaxToTags ||
      KnowsToTag(dialog, tag)) {
    return;
  }
  dialog.add_to_tags(tag);
}

void AddMark(const SeenMessage& message, bool from_initiator,
             DialogObservation& dialog) {
  if (dialog.marks_size() >= kMaxMarks) return;
  store::v1::MessageMark& mark = *dialog.add_marks();
  mark.set_identity(MarkIdentity(message.sip));
  mark.set_time_ns(message.time_ns);
  mark.set_from_initiator(from_initiator);
}

void AddPartyTokens(const Observation& observation,
                    std::vector<Token>& tokens) {
  for (const FiledToken& filed :
       PartyTokens(observation.dialog(), observation.site())) {
    tokens.push_back(filed.token);
  }
}

// The dialog is a call after all: an OPTIONS within it had come first.
void AdoptMethod(const SeenMessage& message, Observation& observation,
                 std::vector<Token>& tokens) {
  DialogObservation& dialog = *observation.mutable_dialog();
  if (dialog.method() == "INVITE" || DialogMethod(message) != "INVITE") return;
  dialog.set_method("INVITE");
  dialog.set_began_before(!IsInitialInvite(message));
  tokens.push_back(DialogToken(dialog.call_id(), dialog.from_tag()));
  if (dialog.began_before() && dialog.to_tags_size() > 0) {
    tokens.push_back(DialogToken(dialog.call_id(), dialog.to_tags(0)));
  }
  AddPartyTokens(observation, tokens);
}

}  // namespace

std::optional<SeenMessage> ReadMessage(const v1::SipFrame& frame,
                                       const FlowKey& flow) {
  const auto sip = ParseSip(frame.message());
  if (!sip || sip->call_id.empty() || sip->call_id.size() > kMaxCallIdBytes ||
      sip->from.tag.size() > kMaxTagBytes ||
      sip->to.tag.size() > kMaxTagBytes) {
    return std::nullopt;
  }
  SeenMessage message;
  message.sip = *sip;
  message.time_ns = frame.time_ns();
  message.ordinal = frame.ordinal();
  message.flow = flow;
  message.transport = frame.transport();
  message.call_id = ToUtf8(sip->call_id, kMaxCallIdBytes);
  message.from_tag = ToUtf8(sip->from.tag, kMaxTagBytes);
  message.to_tag = ToUtf8(sip->to.tag, kMaxTagBytes);
  return message;
}

Fit FitOf(const SeenMessage& message, const Observation& observation) {
  const DialogObservation& dialog = observation.dialog();
  if (dialog.call_id() != message.call_id || !SharesTags(message, dialog) ||
      message.time_ns < observation.first_time_ns()) {
    return Fit::kOther;
  }
  if (message.time_ns < observation.last_time_ns() ||
      (message.time_ns == observation.last_time_ns() &&
       message.ordinal <= dialog.last_ordinal())) {
    return Fit::kRepeat;
  }
  return BeginsAnew(message, observation) ? Fit::kBeginsAnew : Fit::kContinues;
}

std::vector<Token> BeginDialog(const SeenMessage& message,
                               const LinkHeaders& headers,
                               Observation& observation) {
  const SipMessage& sip = message.sip;
  DialogObservation& dialog = *observation.mutable_dialog();
  observation.set_first_time_ns(message.time_ns);
  dialog.set_call_id(message.call_id);
  dialog.set_from_tag(message.from_tag);
  dialog.set_method(DialogMethod(message));
  dialog.set_transport(message.transport);
  const FlowKey request =
      sip.is_request() ? message.flow : message.flow.Reversed();
  *dialog.mutable_initiator() = ToProto(request.source);
  *dialog.mutable_responder() = ToProto(request.destination);
  dialog.set_from_uri(ToUtf8(sip.from.uri, kMaxUriBytes));
  dialog.set_from_name(ToUtf8(sip.from.display_name, kMaxUriBytes));
  dialog.set_to_uri(ToUtf8(sip.to.uri, kMaxUriBytes));
  dialog.set_to_name(ToUtf8(sip.to.display_name, kMaxUriBytes));
  if (sip.is_request()) {
    dialog.set_request_uri(ToUtf8(sip.request_uri, kMaxUriBytes));
  }

  std::vector<Token> tokens;
  if (dialog.method() == "INVITE") {
    if (sip.is_request()) {
      // CANCEL has no to-tag, though an INVITE went before.
      dialog.set_began_before(!IsInitialInvite(message));
    } else {
      // A capture of one direction only may well begin with 100 or 401; what
      // else comes first is from the middle of a call.
      dialog.set_began_before(sip.cseq_method != "INVITE");
      if (!dialog.began_before()) dialog.set_invite_cseq(sip.cseq);
    }
    tokens.push_back(DialogToken(message.call_id, message.from_tag));
    if (dialog.began_before() && !message.to_tag.empty()) {
      tokens.push_back(DialogToken(message.call_id, message.to_tag));
    }
    AddPartyTokens(observation, tokens);
  }
  const std::vector<Token> folded = FoldMessage(message, headers, observation);
  tokens.insert(tokens.end(), folded.begin(), folded.end());
  return tokens;
}

std::vector<Token> FoldMessage(const SeenMessage& message,
                               const LinkHeaders& headers,
                               Observation& observation) {
  DialogObservation& dialog = *observation.mutable_dialog();
  std::vector<Token> tokens;
  observation.set_last_time_ns(message.time_ns);
  dialog.set_last_ordinal(message.ordinal);
  dialog.set_messages(dialog.messages() + 1);
  AddBucket(BucketOf(message.time_ns), *observation.mutable_bucket_ranges());
  const bool from_initiator =
      InitiatorAsked(message, dialog) == message.sip.is_request();
  AddMark(message, from_initiator, dialog);
  AddToTag(InitiatorAsked(message, dialog) ? message.to_tag : message.from_tag,
           dialog);
  AdoptMethod(message, observation, tokens);
  if (dialog.method() == "INVITE") {
    if (message.sip.is_request()) {
      FoldRequest(message, dialog);
    } else {
      FoldResponse(message, dialog);
    }
    if (MayLink(message.sip)) {
      FoldLinks(message.sip,
                {message.time_ns, from_initiator, observation.site()}, headers,
                dialog, tokens);
    }
  }
  FoldSdp(SdpBody(message.sip), message.time_ns, from_initiator,
          observation.site(), dialog, tokens);
  return tokens;
}

}  // namespace callbraid::collector
