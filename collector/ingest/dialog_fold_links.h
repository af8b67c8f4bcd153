#ifndef CALLBRAID_COLLECTOR_INGEST_DIALOG_FOLD_LINKS_H_
#define CALLBRAID_COLLECTOR_INGEST_DIALOG_FOLD_LINKS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/config.pb.h"
#include "collector/store/store.h"
#include "common/sip/sip_message.h"

// The fold of what a message says of other dialogs than its own. Pure.

namespace callbraid::collector {

inline constexpr int kMaxLinks = 32;
// Each may have to be compared with as many others as share it.
inline constexpr int kMaxLinksOfAKind = 8;
inline constexpr size_t kMaxLinkBytes = 256;

// Which headers, besides those that a standard defines, hold an identity that
// the legs of a call have in common.
class LinkHeaders {
 public:
  // Those that are in use without a standard.
  LinkHeaders();
  // What `config` names in their place, if it names any.
  explicit LinkHeaders(const v1::IngestConfig& config);

  bool Contains(std::string_view name) const;

 private:
  std::vector<std::string> names_;
};

// Whether messages of this kind can link a dialog: the others are not looked
// at.
bool MayLink(const SipMessage& sip);

// Who said it, when and where.
struct LinkContext {
  int64_t time_ns = 0;
  bool from_initiator = false;
  std::string_view site;
};

// Adds the links in the headers of `sip` to `dialog`, an INVITE dialog, and to
// `tokens` what it is to be filed under for them.
void FoldLinks(const SipMessage& sip, const LinkContext& context,
               const LinkHeaders& headers, store::v1::DialogObservation& dialog,
               std::vector<Token>& tokens);

// The same for the o= line of SDP, unless it is one that many devices send in
// every call.
void FoldOrigin(std::string_view origin, const LinkContext& context,
                store::v1::DialogObservation& dialog,
                std::vector<Token>& tokens);

// A controller's name for the call, and the controller (MGCP, SCCP); or H.323's
// call identifier.
void FoldControlledCall(std::string_view call, const LinkContext& context,
                        store::v1::DialogObservation& dialog,
                        std::vector<Token>& tokens);

// A conference identifier of H.323, 32 hexadecimal digits: Cisco's gateways
// send it as Cisco-Guid in SIP.
void FoldCiscoGuid(std::string_view guid, const LinkContext& context,
                   store::v1::DialogObservation& dialog,
                   std::vector<Token>& tokens);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_DIALOG_FOLD_LINKS_H_
