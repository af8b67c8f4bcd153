#include "collector/ingest/h323_parties.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "collector/ingest/leg_words.h"
#include "common/bytes/utf8.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxIdBytes = 256;

// "h323:alice@10.0.0.1"; what is a URI already stays as it is.
std::string UriOf(const H323Party& party, const Endpoint& host) {
  const std::string address = host.address.ToString();
  if (party.id.empty()) return absl::StrCat("h323:", address);
  const std::string id = ToUtf8(party.id, kMaxIdBytes);
  if (id.find(':') != std::string::npos) return id;
  return id.find('@') != std::string::npos
             ? absl::StrCat("h323:", id)
             : absl::StrCat("h323:", id, "@", address);
}

void DialMore(const H225Message& message,
              store::v1::DialogObservation& dialog) {
  constexpr std::string_view kScheme = "tel:";
  const std::string_view more = message.q931.called_number.empty()
                                    ? message.q931.keypad
                                    : message.q931.called_number;
  if (more.empty()) return;
  const std::string& uri = dialog.to_uri();
  const std::string dialled =
      uri.starts_with(kScheme) ? uri.substr(kScheme.size()) : "";
  NameCallee(dialled + std::string(more), "", dialog);
}

}  // namespace

void NameH323Parties(const H225Message& message, const FlowKey& flow,
                     store::v1::DialogObservation& dialog) {
  const std::string_view display = message.q931.display;
  switch (message.q931.type) {
    case Q931Type::kSetup:
      NameCaller(
          message.caller.number,
          display.empty() ? std::string_view(message.caller.id) : display,
          dialog);
      NameCallee(message.callee.number, message.callee.id, dialog);
      if (dialog.from_uri().empty()) {
        dialog.set_from_uri(UriOf(message.caller, flow.source));
      }
      if (dialog.to_uri().empty()) {
        dialog.set_to_uri(UriOf(message.callee, flow.destination));
      }
      break;
    // Overlap sending: the rest of the number, digit by digit.
    case Q931Type::kInformation:
      if (message.q931.from_originator && dialog.answer_time_ns() == 0 &&
          !dialog.began_before()) {
        DialMore(message, dialog);
      }
      break;
    case Q931Type::kAlerting:
    case Q931Type::kConnect:
      NameCallee("", display, dialog);
      break;
    default:
      break;
  }
}

}  // namespace callbraid::collector
