#include "common/h323/h323_secrets.h"

#include "common/h323/h323_tag.h"

namespace callbraid {
namespace {

void Collect(const PerValue& value, std::vector<std::string_view>& secrets) {
  if (value.tag == tag::kSecret) secrets.push_back(value.octets);
  for (const PerValue& part : value.parts) Collect(part, secrets);
}

}  // namespace

std::vector<std::string_view> SecretsOf(const PerDecoded& decoded) {
  std::vector<std::string_view> secrets = decoded.unread;
  Collect(decoded.value, secrets);
  return secrets;
}

}  // namespace callbraid
