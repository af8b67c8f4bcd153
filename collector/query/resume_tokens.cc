#include "collector/query/resume_tokens.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/bytes/byte_reader.h"
#include "common/bytes/byte_writer.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

// A token before it is sealed:
//   version:8 sequence:be64 mark:be64
constexpr uint8_t kVersion = 1;

std::string Purpose(const Scope& scope) {
  return absl::StrCat("watch ", scope.all() ? 0 : scope.Hash());
}

}  // namespace

absl::Status NoLongerKnown() {
  return absl::OutOfRangeError(
      "resume_token: what happened since is no longer known; begin anew, with "
      "include_current");
}

LogPosition PositionOf(const LoggedEvent& logged) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.U8(static_cast<uint8_t>(logged.event.kind()));
  writer.U64(static_cast<uint64_t>(logged.event.time_ns()));
  writer.U64(logged.event.revision());
  writer.Bytes(std::string_view(logged.event.call_id()));
  return {logged.sequence, XXH3_64bits(bytes.data(), bytes.size())};
}

absl::StatusOr<LogPosition> ResumeTokens::At(uint64_t sequence) const {
  if (sequence == 0) return LogPosition();
  ASSIGN_OR_RETURN(const std::vector<LoggedEvent> entry,
                   log_.ReadEvents(sequence - 1, 1));
  if (entry.empty() || entry.front().sequence != sequence) {
    return NoLongerKnown();
  }
  const store::v1::CallEvent& event = entry.front().event;
  // An entry that is damaged is empty; an alert is of no call.
  if (event.call_id().empty() && !event.has_alert()) return NoLongerKnown();
  return PositionOf(entry.front());
}

absl::Status ResumeTokens::Check(const LogPosition& position) const {
  ASSIGN_OR_RETURN(const LogPosition there, At(position.sequence));
  return there.mark == position.mark ? absl::OkStatus() : NoLongerKnown();
}

std::string ResumeTokens::Seal(const LogPosition& position,
                               const Scope& scope) const {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.U8(kVersion);
  writer.U64(position.sequence);
  writer.U64(position.mark);
  return seal_.Seal(bytes, Purpose(scope));
}

absl::StatusOr<LogPosition> ResumeTokens::Open(const std::string& token,
                                               const Scope& scope) const {
  const auto bytes = seal_.Open(token, Purpose(scope));
  LogPosition position;
  if (bytes.ok()) {
    ByteReader reader(
        {reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()});
    const bool known = reader.U8() == kVersion;
    position.sequence = reader.U64();
    position.mark = reader.U64();
    if (known && reader.ok() && reader.rest().empty()) return position;
  }
  return absl::InvalidArgumentError(
      "resume_token: not one that this collector gave to somebody who may see "
      "the same");
}

}  // namespace callbraid::collector
