#include "collector/timeline/sip_transfer.h"

#include <algorithm>
#include <string_view>

#include "common/bytes/utf8.h"
#include "common/sip/sip_header.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxNumberBytes = 64;

bool NamesReplaces(std::string_view uri) {
  const size_t headers = uri.find('?');
  if (headers == std::string_view::npos) return false;
  uri.remove_prefix(headers + 1);
  while (!uri.empty()) {
    const std::string_view header = uri.substr(0, uri.find('&'));
    if (EqualsIgnoreCase(header.substr(0, header.find('=')), "Replaces")) {
      return true;
    }
    uri.remove_prefix(std::min(uri.size(), header.size() + 1));
  }
  return false;
}

}  // namespace

std::optional<SipTransfer> TransferIn(const SipMessage& message) {
  if (message.method == "INVITE" && message.to.tag.empty() &&
      FindHeader(message.headers, "Replaces")) {
    return SipTransfer{ToUtf8(message.from.user, kMaxNumberBytes), true};
  }
  if (message.method != "REFER") return std::nullopt;
  const auto refer_to = FindHeader(message.headers, "Refer-To", 'r');
  if (!refer_to) return std::nullopt;
  const SipAddress target = ParseSipAddress(*refer_to);
  return SipTransfer{ToUtf8(target.user, kMaxNumberBytes),
                     NamesReplaces(target.uri)};
}

}  // namespace callbraid::collector
