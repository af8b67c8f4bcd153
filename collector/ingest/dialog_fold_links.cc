#include "collector/ingest/dialog_fold_links.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "collector/ingest/utf8.h"
#include "collector/store/link_tokens.h"
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

  void Add(LinkKind kind, std::string_view value, SipDialogName name = {}) {
    if (value.empty()) return;
    DialogLink link;
    link.set_kind(kind);
    link.set_value(ToUtf8(value, kMaxLinkBytes + 1));
    link.set_to_tag(ToUtf8(name.to_tag, kMaxTagBytes));
    link.set_from_tag(ToUtf8(name.from_tag, kMaxTagBytes));
    if (DialogLink* known = Find(link)) return SayAgain(*known);
    if (value.size() > kMaxLinkBytes || link.value().size() > kMaxLinkBytes ||
        dialog_.links_size() == kMaxLinks || Count(kind) == kMaxLinksOfAKind) {
      dialog_.set_links_refused(dialog_.links_refused() + 1);
      return;
    }
    link.set_time_ns(context_.time_ns);
    link.set_from_initiator(context_.from_initiator);
    for (const FiledToken& filed : TokensOfLink(link, dialog_, context_.site)) {
      tokens_.push_back(filed.token);
    }
    *dialog_.add_links() = std::move(link);
  }

  void AddIdentity(LinkKind kind, std::string_view value) {
    if (value.size() >= kShortestIdentity) Add(kind, value);
  }

  void AddDialogName(LinkKind kind, std::string_view value) {
    if (const auto name = ParseDialogName(value)) {
      Add(kind, name->call_id, *name);
    }
  }

  void AddUris(LinkKind kind, std::string_view values) {
    for (int i = 0; i < kMaxListed && !values.empty(); ++i) {
      Add(kind, WithoutUriHeaders(ParseSipAddress(TakeListValue(values)).uri));
    }
  }

  void AddReferTo(std::string_view value) {
    const std::string_view uri = ParseSipAddress(value).uri;
    Add(store::v1::LINK_KIND_REFER_TO, WithoutUriHeaders(uri));
    if (const auto replaces = SipUriHeader(uri, "Replaces")) {
      AddDialogName(store::v1::LINK_KIND_REFER_REPLACES, *replaces);
    }
  }

 private:
  DialogLink* Find(const DialogLink& link) {
    for (DialogLink& known : *dialog_.mutable_links()) {
      if (known.kind() == link.kind() && known.value() == link.value() &&
          known.to_tag() == link.to_tag() &&
          known.from_tag() == link.from_tag()) {
        return &known;
      }
    }
    return nullptr;
  }
  int Count(LinkKind kind) const {
    return static_cast<int>(std::count_if(
        dialog_.links().begin(), dialog_.links().end(),
        [kind](const DialogLink& link) { return link.kind() == kind; }));
  }
  // What was refused is tried again; anything else is a retransmission.
  void SayAgain(DialogLink& known) {
    if (known.status() < 300) return;
    known.clear_status();
    known.set_time_ns(context_.time_ns);
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

void FoldFocus(std::string_view contact, bool from_initiator,
               DialogObservation& dialog) {
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

// A response to the newest REFER of that side.
void FoldReferResponse(int status, bool asked_by_initiator,
                       DialogObservation& dialog) {
  if (status < 200) return;
  for (int i = dialog.links_size(); i-- > 0;) {
    DialogLink& link = *dialog.mutable_links(i);
    const bool refers = link.kind() == store::v1::LINK_KIND_REFER_TO ||
                        link.kind() == store::v1::LINK_KIND_REFER_REPLACES;
    if (!refers || link.from_initiator() != asked_by_initiator ||
        link.status() != 0) {
      continue;
    }
    link.set_status(static_cast<uint32_t>(status));
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
      FoldFocus(header.value, context.from_initiator, dialog);
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
    FoldReferResponse(sip.status, !context.from_initiator, dialog);
  } else {
    ForEachHeader(sip, [&](const SipHeader& header) {
      if (header.Is("Refer-To", 'r')) {
        fold.AddReferTo(header.value);
      } else if (header.Is("Referred-By", 'b')) {
        fold.AddUris(store::v1::LINK_KIND_REFERRED_BY, header.value);
      }
    });
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

}  // namespace callbraid::collector
