#include "collector/store/call_lookup.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace callbraid::collector {
namespace {

// Ids in errors come from outside: cut.
std::string Shown(const std::string& id) { return id.substr(0, 40); }

}  // namespace

absl::StatusOr<CallIdQuery> ParseCallId(const std::string& id) {
  const bool hex = std::all_of(id.begin(), id.end(),
                               [](char c) { return absl::ascii_isxdigit(c); });
  if (!hex || id.size() < kMinIdPrefix || id.size() > 32) {
    return absl::InvalidArgumentError(absl::StrCat(
        "id '", Shown(id), "': must be 8 to 32 hexadecimal digits"));
  }
  CallIdQuery query;
  query.id = ObservationId::FromHex(id);
  if (!query.id) query.prefix = absl::AsciiStrToLower(id);
  return query;
}

std::vector<ObservationId> IdsOf(const store::v1::CallRecord& record) {
  std::vector<ObservationId> ids;
  const auto add = [&ids](std::optional<ObservationId> id) {
    if (id) ids.push_back(*id);
  };
  for (const std::string& member : record.members()) {
    add(ObservationId::FromBytes(member));
  }
  for (const v1::Leg& leg : record.call().legs()) {
    add(ObservationId::FromHex(leg.id()));
  }
  for (const v1::Stream& stream : record.call().streams()) {
    add(ObservationId::FromHex(stream.id()));
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

absl::Status NoSuchCall(const std::string& id) {
  return absl::NotFoundError(
      absl::StrCat("no call has or had the id '", Shown(id), "'"));
}

absl::Status NotOnHold() {
  return absl::FailedPreconditionError("the call is not on hold");
}

absl::Status AmbiguousCallId(const std::string& id) {
  return absl::InvalidArgumentError(
      absl::StrCat("id '", Shown(id),
                   "': more than one call's begins so; give more digits"));
}

}  // namespace callbraid::collector
