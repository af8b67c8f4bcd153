#ifndef CALLBRAID_COLLECTOR_INGEST_DIALOG_FOLD_H_
#define CALLBRAID_COLLECTOR_INGEST_DIALOG_FOLD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/ingest/dialog_fold_links.h"
#include "collector/store/store.h"
#include "collector/store/tokens.h"
#include "common/net/endpoint.h"
#include "common/sip/sip_message.h"

// The fold of SIP messages into the observation of their dialog. Pure: what it
// needs to go on is in the observation.

namespace callbraid::collector {

// One SIP message of one capture point. A view of the frame it came in.
struct SeenMessage {
  SipMessage sip;
  int64_t time_ns = 0;
  uint32_t ordinal = 0;
  FlowKey flow;
  v1::Transport transport = v1::TRANSPORT_UNSPECIFIED;
  // As stored: UTF-8.
  std::string call_id;
  std::string from_tag;
  std::string to_tag;
};

// Nullopt if `frame` holds no SIP message that can be told from others: does
// not parse, or Call-ID or tags are too long.
std::optional<SeenMessage> ReadMessage(const v1::SipFrame& frame,
                                       const FlowKey& flow);

// How a message relates to the dialog that shares its Call-ID and hosts.
enum class Fit {
  // Of another dialog.
  kOther,
  // The message, or a later one, was folded before.
  kRepeat,
  kContinues,
  // The Call-ID and tag are used again: a new dialog begins.
  kBeginsAnew,
};
Fit FitOf(const SeenMessage& message,
          const store::v1::Observation& observation);

// Sets up the dialog part of a new observation by its first message, and folds
// it; the caller has set id, sensor, site and capture point. Returns tokens to
// add to the index, but not the CallIdToken().
std::vector<Token> BeginDialog(const SeenMessage& message,
                               const LinkHeaders& headers,
                               store::v1::Observation& observation);

// Folds the next message; returns tokens to add to the index.
std::vector<Token> FoldMessage(const SeenMessage& message,
                               const LinkHeaders& headers,
                               store::v1::Observation& observation);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_DIALOG_FOLD_H_
