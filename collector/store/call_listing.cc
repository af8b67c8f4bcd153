#include "collector/store/call_listing.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "absl/strings/escaping.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"
#include "common/bytes/byte_reader.h"
#include "common/bytes/byte_writer.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

// Page token, in web-safe base64:
//   version:8 filter_hash:be64 start_ns:be64 call_id:16
constexpr uint8_t kTokenVersion = 1;
constexpr size_t kTokenBytes = 1 + 8 + 8 + 16;

constexpr uint32_t kDefaultPage = 100;
constexpr uint32_t kMaxPage = 1000;
constexpr int64_t kSecond = 1'000'000'000;

absl::StatusOr<int64_t> ToNs(const google::protobuf::Timestamp& time,
                             const char* field) {
  // google.protobuf.Timestamp: years 1 to 9999. Beyond what ns can say, the
  // nearest that they can.
  if (time.seconds() < -62'135'596'800 || time.seconds() > 253'402'300'799 ||
      time.nanos() < 0 || time.nanos() >= kSecond) {
    return absl::InvalidArgumentError(std::string(field) +
                                      ": not a valid time");
  }
  constexpr int64_t kMaxSeconds = std::numeric_limits<int64_t>::max() / kSecond;
  if (time.seconds() >= kMaxSeconds) return std::numeric_limits<int64_t>::max();
  if (time.seconds() <= -kMaxSeconds) {
    return std::numeric_limits<int64_t>::min();
  }
  return time.seconds() * kSecond + time.nanos();
}

uint64_t HashConditions(const v1::ListCallsRequest& request,
                        const Scope& scope) {
  std::string bytes;
  ByteWriter writer(bytes);
  const auto add_time = [&writer](bool set,
                                  const google::protobuf::Timestamp& time) {
    writer.U8(set ? 1 : 0);
    writer.U64(static_cast<uint64_t>(time.seconds()));
    writer.U32(static_cast<uint32_t>(time.nanos()));
  };
  add_time(request.has_start_from(), request.start_from());
  add_time(request.has_start_before(), request.start_before());
  const std::string* const texts[] = {&request.number_prefix(),
                                      &request.sensor()};
  for (const std::string* text : texts) {
    writer.U32(static_cast<uint32_t>(text->size()));
    writer.Bytes(std::string_view(*text));
  }
  for (const int state : request.states()) {
    writer.U32(static_cast<uint32_t>(state));
  }
  if (!scope.all()) writer.U64(scope.Hash());
  return XXH3_64bits(bytes.data(), bytes.size());
}

absl::StatusOr<CallPosition> ParseToken(const std::string& token,
                                        uint64_t filter_hash) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() != kTokenBytes) {
    return absl::InvalidArgumentError(
        "page_token: not one that this collector gave out");
  }
  ByteReader reader(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  if (reader.U8() != kTokenVersion) {
    return absl::InvalidArgumentError(
        "page_token: from another version of the collector; start again from "
        "the first page");
  }
  if (reader.U64() != filter_hash) {
    return absl::InvalidArgumentError(
        "page_token: from a listing with other conditions; keep them the same "
        "from page to page");
  }
  CallPosition position;
  position.start_ns = static_cast<int64_t>(reader.U64());
  const auto id = reader.Take(16);
  position.id = *ObservationId::FromBytes(
      {reinterpret_cast<const char*>(id.data()), id.size()});
  return position;
}

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

absl::StatusOr<CallListing> ParseListing(const v1::ListCallsRequest& request,
                                         const Scope& scope) {
  CallListing listing;
  listing.scope = scope;
  listing.from_ns = std::numeric_limits<int64_t>::min();
  listing.before_ns = std::numeric_limits<int64_t>::max();
  if (request.has_start_from()) {
    ASSIGN_OR_RETURN(listing.from_ns, ToNs(request.start_from(), "start_from"));
  }
  if (request.has_start_before()) {
    ASSIGN_OR_RETURN(listing.before_ns,
                     ToNs(request.start_before(), "start_before"));
  }
  if (request.number_prefix().size() > kMaxNumberBytes) {
    return absl::InvalidArgumentError("number_prefix: longer than 64 bytes");
  }
  listing.number_prefix = request.number_prefix();
  listing.sensor = request.sensor();
  for (const int state : request.states()) {
    if (!v1::CallState_IsValid(state) || state == v1::CALL_STATE_UNSPECIFIED) {
      return absl::InvalidArgumentError("states: not a state of a call");
    }
    const auto value = static_cast<v1::CallState>(state);
    if (std::find(listing.states.begin(), listing.states.end(), value) ==
        listing.states.end()) {
      listing.states.push_back(value);
    }
  }
  listing.page_size = request.page_size() == 0
                          ? kDefaultPage
                          : std::min(request.page_size(), kMaxPage);
  listing.filter_hash = HashConditions(request, scope);
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(listing.after,
                     ParseToken(request.page_token(), listing.filter_hash));
  }
  return listing;
}

bool Matches(const CallListing& listing,
             const store::v1::CallIndexEntry& call) {
  if (!listing.number_prefix.empty() &&
      !StartsWith(call.caller(), listing.number_prefix) &&
      !StartsWith(call.callee(), listing.number_prefix)) {
    return false;
  }
  if (!listing.sensor.empty() &&
      std::find(call.sensors().begin(), call.sensors().end(), listing.sensor) ==
          call.sensors().end()) {
    return false;
  }
  if (!listing.scope.MaySee(call)) return false;
  return listing.states.empty() ||
         std::find(listing.states.begin(), listing.states.end(),
                   call.state()) != listing.states.end();
}

std::string PageToken(const CallListing& listing, const CallPosition& last) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.U8(kTokenVersion);
  writer.U64(listing.filter_hash);
  writer.U64(static_cast<uint64_t>(last.start_ns));
  writer.Bytes(last.id.bytes());
  return absl::WebSafeBase64Escape(bytes);
}

store::v1::CallIndexEntry IndexEntry(const v1::Call& call) {
  store::v1::CallIndexEntry entry;
  entry.set_caller(call.caller());
  entry.set_callee(call.callee());
  entry.set_state(call.state());
  *entry.mutable_sensors() = call.sensors();
  for (std::string& site : SitesOf(call)) entry.add_sites(std::move(site));
  return entry;
}

std::vector<std::string> IndexedNumbers(const v1::Call& call) {
  std::vector<std::string> numbers;
  for (std::string number : {call.caller(), call.callee()}) {
    number.erase(std::remove(number.begin(), number.end(), '\0'), number.end());
    number.resize(std::min(number.size(), kMaxNumberBytes));
    if (number.empty() || (!numbers.empty() && numbers[0] == number)) continue;
    numbers.push_back(std::move(number));
  }
  return numbers;
}

int64_t StartNs(const v1::Call& call) {
  const auto start = ToNs(call.start_time(), "start_time");
  return start.ok() ? *start : 0;
}

void StripForListing(v1::Call& call) {
  call.clear_evidence();
  for (v1::Stream& stream : *call.mutable_streams()) stream.clear_hops();
}

}  // namespace callbraid::collector
