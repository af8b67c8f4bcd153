#include "collector/ingest/dialog_fold_links.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "collector/store/link_tokens.h"
#include "common/base/absl_string.h"
#include "common/bytes/utf8.h"
#include "common/sip/sip_links.h"

namespace callbraid::collector {
namespace {

using store::v1::DialogLink;
using store::v1::DialogObservation;
using store::v1::LinkKind;

constexpr size_t kMaxHeaders = 32;
// What is shorter is no identity: "1", "true", "internal".
constexpr size_t kShortestIdentity = 6;
constexpr size_t kMaxTagBytes = 256;
// Of one header: who was called before, contacts to try.
constexpr int kMaxListed = 8;
constexpr std::array<std::string_view, 10> kUsualHeaders = {
    "X-Call-ID",
    "X-CID",
    "X-CallID",
    "X-Orig-Call-ID",
    "X-Original-Call-ID",
    "X-Correlation-ID",
    "X-Genesys-CallUUID",
    "X-Twilio-CallSid",
    "X-BroadWorks-Correlation-Info",
    "Av-Global-Session-ID"};

std::string LowerCase(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

// What reads the links of one message.
class Fold {
 public:
  Fold(const LinkContext& context, DialogObservation& dialog,
       std::vector<Token>& tokens)
      : context_(context), dialog_(dialog), tokens_(tokens) {}

  // `link`: what is said besides the value.
  void Add(LinkKind kind, std::string_view value, DialogLink link = {}) {
    if (value.empty()) return;
    link.set_kind(kind);
    link.set_value(ToUtf8(value, kMaxLinkBytes + 1));
    link.set_time_ns(context_.time_ns);
    link.set_from_initiator(context_.from_initiator);
    if (IsKnown(link)) return;
    if (value.size() > kMaxLinkBytes || link.value().size() > kMaxLinkBytes ||
        dialog_.links_size() == kMaxLinks || Count(kind) == kMaxLinksOfAKind) {
      dialog_.set_links_refused(dialog_.links_refused() + 1);
      return;
    }
    for (const FiledToken& filed : TokensOfLink(link, dialog_, context_.site)) {
      tokens_.push_back(filed.token);
    }
    *dialog_.add_links() = std::move(link);
  }

  void AddIdentity(LinkKind kind, std::string_view value) {
    if (value.size() >= kShortestIdentity) Add(kind, value);
  }

  void AddDialogName(LinkKind kind, std::string_view value,
                     DialogLink link = {}) {
    const auto name = ParseDialogName(value);
    if (!name) return;
    link.set_to_tag(ToUtf8(name->to_tag, kMaxTagBytes));
    link.set_from_tag(ToUtf8(name->from_tag, kMaxTagBytes));
    Add(kind, name->call_id, std::move(link));
  }

  void AddUris(LinkKind kind, std::string_view values) {
    for (int i = 0; i < kMaxListed && !values.empty(); ++i) {
      Add(kind, WithoutUriHeaders(ParseSipAddress(TakeListValue(values)).uri));
    }
  }

  void AddRefer(const SipMessage& sip) {
    const auto target = FindHeader(sip.headers, "Refer-To", 'r');
    if (!target) return;
    const std::string_view uri = ParseSipAddress(*target).uri;
    DialogLink link;
    link.set_cseq(sip.cseq);
    if (const auto replaces = SipUriHeader(uri, "Replaces")) {
      AddDialogName(store::v1::LINK_KIND_REFER_REPLACES, *replaces, link);
    }
    if (const auto by = FindHeader(sip.headers, "Referred-By", 'b')) {
      link.set_referred_by(
          ToUtf8(WithoutUriHeaders(ParseSipAddress(*by).uri), kMaxLinkBytes));
    }
    Add(store::v1::LINK_KIND_REFER_TO, WithoutUriHeaders(uri), std::move(link));
  }

 private:
  // A REFER is the same only with the same CSeq, which either side counts for
  // itself: a target that was busy may be asked for once more.
  bool IsKnown(const DialogLink& link) const {
    return std::any_of(dialog_.links().begin(), dialog_.links().end(),
                       [&link](const DialogLink& known) {
                         return known.kind() == link.kind() &&
                                known.value() == link.value() &&
                                known.to_tag() == link.to_tag() &&
                                known.from_tag() == link.from_tag() &&
                                known.cseq() == link.cseq() &&
                                (link.cseq() == 0 || known.from_initiator() ==
                                                         link.from_initiator());
                       });
  }
  int Count(LinkKind kind) const {
    return static_cast<int>(std::count_if(
        dialog_.links().begin(), dialog_.links().end(),
        [kind](const DialogLink& link) { return link.kind() == kind; }));
  }

  const LinkContext& context_;
  DialogObservation& dialog_;
  std::vector<Token>& tokens_;
};

void FoldSessionId(std::string_view value, Fold& fold) {
  const SipSessionId id = ParseSessionId(value);
  for (const std::string_view half : {id.local, id.remote}) {
    fold.Add(store::v1::LINK_KIND_SESSION_ID, LowerCase(std::string(half)));
  }
}

void FoldContact(std::string_view contact, bool from_initiator,
                 DialogObservation& dialog) {
  if (from_initiator && HasSipFlag(contact, "+sip.src")) {
    dialog.set_is_copy(true);
  }
  if (!HasSipFlag(contact, "isfocus")) return;
  if (from_initiator) {
    dialog.set_initiator_is_focus(true);
  } else {
    dialog.set_responder_is_focus(true);
  }
}

// What is in an INVITE that sets a dialog up, and in no other message.
void FoldSetup(const SipHeader& header, const LinkHeaders& headers,
               Fold& fold) {
  if (header.Is("P-Charging-Vector", 0)) {
    fold.AddIdentity(store::v1::LINK_KIND_CHARGING_ID,
                     ParseChargingId(header.value));
  } else if (header.Is("Cisco-Guid", 0)) {
    // Nil: "0-0-0-0".
    if (header.value.find_first_not_of("0-") != std::string_view::npos) {
      fold.AddIdentity(store::v1::LINK_KIND_CISCO_GUID, header.value);
    }
  } else if (header.Is("Replaces", 0)) {
    fold.AddDialogName(store::v1::LINK_KIND_REPLACES, header.value);
  } else if (header.Is("Join", 0)) {
    fold.AddDialogName(store::v1::LINK_KIND_JOIN, header.value);
  } else if (header.Is("Target-Dialog", 0)) {
    fold.AddDialogName(store::v1::LINK_KIND_TARGET_DIALOG, header.value);
  } else if (header.Is("Referred-By", 'b')) {
    fold.AddUris(store::v1::LINK_KIND_REFERRED_BY, header.value);
  } else if (header.Is("Diversion", 0) || header.Is("History-Info", 0)) {
    fold.AddUris(store::v1::LINK_KIND_DIVERTED_FROM, header.value);
  } else if (headers.Contains(header.name)) {
    fold.AddIdentity(store::v1::LINK_KIND_HEADER, header.value);
  }
}

void FoldReferResponse(const SipMessage& sip, bool asked_by_initiator,
                       DialogObservation& dialog) {
  if (sip.status < 200) return;
  for (DialogLink& link : *dialog.mutable_links()) {
    const bool refers = link.kind() == store::v1::LINK_KIND_REFER_TO ||
                        link.kind() == store::v1::LINK_KIND_REFER_REPLACES;
    if (refers && link.cseq() == sip.cseq &&
        link.from_initiator() == asked_by_initiator) {
      link.set_status(static_cast<uint32_t>(sip.status));
    }
  }
}

void FoldNotify(const SipMessage& sip, DialogObservation& dialog) {
  const auto event = FindHeader(sip.headers, "Event", 'o');
  if (!event || !EqualsIgnoreCase(
                    TrimBlanks(event->substr(0, event->find(';'))), "refer")) {
    return;
  }
  const int status = SipFragStatus(sip.body);
  if (status != 0) dialog.set_transfer_status(static_cast<uint32_t>(status));
}

template <typename Visit>
void ForEachHeader(const SipMessage& sip, Visit visit) {
  for (std::string_view headers = sip.headers; !headers.empty();) {
    visit(TakeSipHeader(headers));
  }
}

void FoldInvite(const SipMessage& sip, const LinkContext& context,
                const LinkHeaders& link_headers, DialogObservation& dialog,
                Fold& fold) {
  const bool sets_up = sip.is_request() && sip.to.tag.empty();
  const bool redirects = sip.status >= 300 && sip.status < 400;
  ForEachHeader(sip, [&](const SipHeader& header) {
    if (header.Is("Session-ID", 0)) {
      FoldSessionId(header.value, fold);
    } else if (header.Is("Contact", 'm')) {
      FoldContact(header.value, context.from_initiator, dialog);
      if (redirects) fold.AddUris(store::v1::LINK_KIND_REDIRECT, header.value);
    } else if (sets_up) {
      FoldSetup(header, link_headers, fold);
    }
  });
}

}  // namespace

LinkHeaders::LinkHeaders()
    : names_(kUsualHeaders.begin(), kUsualHeaders.end()) {}

LinkHeaders::LinkHeaders(const v1::IngestConfig& config) : LinkHeaders() {
  if (config.link_headers().empty()) return;
  names_.assign(config.link_headers().begin(), config.link_headers().end());
  if (names_.size() > kMaxHeaders) names_.resize(kMaxHeaders);
}

bool LinkHeaders::Contains(std::string_view name) const {
  return std::any_of(names_.begin(), names_.end(),
                     [name](const std::string& known) {
                       return EqualsIgnoreCase(known, name);
                     });
}

bool MayLink(const SipMessage& sip) {
  constexpr std::array<std::string_view, 4> kMethods = {"INVITE", "UPDATE",
                                                        "REFER", "NOTIFY"};
  return std::find(kMethods.begin(), kMethods.end(), sip.cseq_method) !=
         kMethods.end();
}

void FoldLinks(const SipMessage& sip, const LinkContext& context,
               const LinkHeaders& headers, DialogObservation& dialog,
               std::vector<Token>& tokens) {
  Fold fold(context, dialog, tokens);
  if (sip.cseq_method == "NOTIFY") {
    if (sip.is_request()) FoldNotify(sip, dialog);
  } else if (sip.cseq_method != "REFER") {
    FoldInvite(sip, context, headers, dialog, fold);
  } else if (!sip.is_request()) {
    FoldReferResponse(sip, !context.from_initiator, dialog);
  } else {
    fold.AddRefer(sip);
  }
}

void FoldOrigin(std::string_view origin, const LinkContext& context,
                DialogObservation& dialog, std::vector<Token>& tokens) {
  // o=<username> <sess-id> <sess-version> <nettype> <addrtype> <address>
  constexpr size_t kFields = 6;
  // Counters that start anew in each call, and what SIPp sends in all.
  constexpr size_t kShortestSession = 4;
  constexpr std::string_view kSipp = "53655765";
  std::array<std::string_view, kFields> fields;
  size_t count = 0;
  for (std::string_view rest = TrimBlanks(origin); !rest.empty();) {
    const size_t end = std::min(rest.find(' '), rest.size());
    if (count == kFields) return;
    fields[count++] = rest.substr(0, end);
    rest = TrimBlanks(rest.substr(end));
  }
  if (count != kFields || fields[1].size() < kShortestSession ||
      fields[1] == kSipp) {
    return;
  }
  Fold(context, dialog, tokens)
      .Add(store::v1::LINK_KIND_SDP_ORIGIN, TrimBlanks(origin));
}

void FoldControlledCall(std::string_view call, const LinkContext& context,
                        DialogObservation& dialog, std::vector<Token>& tokens) {
  Fold(context, dialog, tokens).Add(store::v1::LINK_KIND_CONTROLLED_CALL, call);
}

// In SIP: four decimal numbers of 32 bits.
void FoldCiscoGuid(std::string_view guid, const LinkContext& context,
                   DialogObservation& dialog, std::vector<Token>& tokens) {
  constexpr size_t kDigits = 32;
  constexpr size_t kDigitsOfPart = 8;
  if (guid.size() != kDigits) return;
  std::string value;
  for (size_t at = 0; at < kDigits; at += kDigitsOfPart) {
    uint32_t part = 0;
    if (!absl::SimpleHexAtoi(ToAbsl(guid.substr(at, kDigitsOfPart)), &part)) {
      return;
    }
    absl::StrAppend(&value, value.empty() ? "" : "-",
                    absl::Dec(part, absl::kZeroPad10));
  }
  Fold(context, dialog, tokens).Add(store::v1::LINK_KIND_CISCO_GUID, value);
}

}  // namespace callbraid::collector
