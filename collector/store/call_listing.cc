#include "collector/store/call_listing.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

#include "absl/strings/escaping.h"
#include "collector/store/fold_case.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"
#include "common/bytes/byte_reader.h"
#include "common/bytes/byte_writer.h"
#include "common/sip/party.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

// Page token, in web-safe base64:
//   version:8 filter_hash:be64 start_ns:be64 call_id:16
constexpr uint8_t kTokenVersion = 1;
constexpr size_t kTokenBytes = 1 + 8 + 8 + 16;

// A call that was sent on more often is odd enough.
constexpr size_t kMaxOtherNumbers = 16;

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

absl::StatusOr<int64_t> ToNs(const google::protobuf::Duration& length,
                             const char* field) {
  // google.protobuf.Duration: within 10,000 years.
  if (length.seconds() < 0 || length.seconds() > 315'576'000'000 ||
      length.nanos() < 0 || length.nanos() >= kSecond) {
    return absl::InvalidArgumentError(std::string(field) +
                                      ": not a length of time");
  }
  constexpr int64_t kMaxSeconds = std::numeric_limits<int64_t>::max() / kSecond;
  if (length.seconds() >= kMaxSeconds) {
    return std::numeric_limits<int64_t>::max();
  }
  return length.seconds() * kSecond + length.nanos();
}

// Whatever clocks say, no call is shorter than nothing.
int64_t LengthNs(int64_t start_ns, int64_t end_ns) {
  return end_ns <= start_ns ? 0
         : start_ns < 0 &&
                 end_ns > std::numeric_limits<int64_t>::max() + start_ns
             ? std::numeric_limits<int64_t>::max()
             : end_ns - start_ns;
}

uint64_t HashConditions(v1::ListCallsRequest request, const Scope& scope) {
  request.clear_page_size();
  request.clear_page_token();
  std::string bytes = request.SerializeAsString();
  if (!scope.all()) ByteWriter(bytes).U64(scope.Hash());
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

template <typename Values, typename Value>
bool Has(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool HasText(const store::v1::CallIndexEntry& call, const std::string& text) {
  const std::string* const parts[] = {&call.caller(), &call.callee(),
                                      &call.caller_name(), &call.callee_name()};
  return std::any_of(std::begin(parts), std::end(parts),
                     [&text](const std::string* part) {
                       return FoldCase(*part).find(text) != std::string::npos;
                     });
}

bool MatchesMos(const CallListing& listing,
                const store::v1::CallIndexEntry& call) {
  if (!listing.min_mos && !listing.max_mos) return true;
  if (!call.has_listening_mos()) return false;
  const double mos = call.listening_mos();
  return (!listing.min_mos || mos >= *listing.min_mos) &&
         (!listing.max_mos || mos < *listing.max_mos);
}

// What an entry tells if it is whole.
bool MatchesDetails(const CallListing& listing, int64_t start_ns,
                    const store::v1::CallIndexEntry& call) {
  if (!listing.site.empty() && !Has(call.sites(), listing.site)) return false;
  if (!listing.tag.empty() && !Has(call.tags(), listing.tag)) return false;
  // Whether media were deleted no entry tells.
  if (!listing.flags.empty() &&
      !Has(listing.flags, v1::CALL_FLAG_MEDIA_DELETED) &&
      std::find_first_of(call.flags().begin(), call.flags().end(),
                         listing.flags.begin(),
                         listing.flags.end()) == call.flags().end()) {
    return false;
  }
  const int64_t length_ns = call.has_length_ns()
                                ? static_cast<int64_t>(call.length_ns())
                                : LengthNs(start_ns, listing.now_ns);
  if (length_ns < listing.min_length_ns || length_ns >= listing.max_length_ns) {
    return false;
  }
  if (!MatchesMos(listing, call)) return false;
  return listing.text.empty() || HasText(call, listing.text);
}

// The scale of MOS; not NaN, either.
absl::Status CheckMos(double mos, const char* field) {
  if (mos >= 1 && mos <= 5) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(field) + ": not within 1 to 5");
}

absl::Status ParseDetails(const v1::ListCallsRequest& request,
                          CallListing& listing) {
  if (request.text().size() > kMaxTextBytes) {
    return absl::InvalidArgumentError("text: longer than 128 bytes");
  }
  listing.text = FoldCase(request.text());
  listing.site = request.site();
  listing.tag = request.tag();
  listing.on_hold = request.on_hold();
  for (const int flag : request.flags()) {
    if (!v1::CallFlag_IsValid(flag) || flag == v1::CALL_FLAG_UNSPECIFIED) {
      return absl::InvalidArgumentError("flags: not a flag of a call");
    }
    const auto value = static_cast<v1::CallFlag>(flag);
    if (!Has(listing.flags, value)) listing.flags.push_back(value);
  }
  if (request.has_min_length()) {
    ASSIGN_OR_RETURN(listing.min_length_ns,
                     ToNs(request.min_length(), "min_length"));
  }
  listing.max_length_ns = std::numeric_limits<int64_t>::max();
  if (request.has_max_length()) {
    ASSIGN_OR_RETURN(listing.max_length_ns,
                     ToNs(request.max_length(), "max_length"));
  }
  if (request.has_min_mos()) {
    RETURN_IF_ERROR(CheckMos(request.min_mos(), "min_mos"));
    listing.min_mos = request.min_mos();
  }
  if (request.has_max_mos()) {
    RETURN_IF_ERROR(CheckMos(request.max_mos(), "max_mos"));
    listing.max_mos = request.max_mos();
  }
  return absl::OkStatus();
}

// Of its legs, but the caller's and the callee's.
std::set<std::string> OtherNumbers(const v1::Call& call) {
  std::set<std::string> numbers;
  for (const v1::Leg& leg : call.legs()) {
    for (const std::string* uri : {&leg.caller_uri(), &leg.callee_uri()}) {
      std::string number = NumberOf(*uri).substr(0, kMaxNumberBytes);
      if (number.empty() || number == call.caller() ||
          number == call.callee() || numbers.size() == kMaxOtherNumbers) {
        continue;
      }
      numbers.insert(std::move(number));
    }
  }
  return numbers;
}

}  // namespace

absl::StatusOr<CallListing> ParseListing(const v1::ListCallsRequest& request,
                                         const Scope& scope, int64_t now_ns) {
  CallListing listing;
  listing.scope = scope;
  listing.now_ns = now_ns;
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
    if (!Has(listing.states, value)) listing.states.push_back(value);
  }
  RETURN_IF_ERROR(ParseDetails(request, listing));
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

bool MayMatch(const CallListing& listing, int64_t start_ns,
              const store::v1::CallIndexEntry& call) {
  if (!listing.number_prefix.empty() &&
      !StartsWith(call.caller(), listing.number_prefix) &&
      !StartsWith(call.callee(), listing.number_prefix)) {
    return false;
  }
  if (!listing.sensor.empty() && !Has(call.sensors(), listing.sensor)) {
    return false;
  }
  if (!listing.states.empty() && !Has(listing.states, call.state())) {
    return false;
  }
  if (!listing.scope.MaySee(call)) return false;
  return !call.whole() || MatchesDetails(listing, start_ns, call);
}

bool Matches(const CallListing& listing, const v1::Call& call) {
  if (listing.on_hold && !call.has_hold()) return false;
  if (!listing.flags.empty() &&
      std::find_first_of(call.flags().begin(), call.flags().end(),
                         listing.flags.begin(),
                         listing.flags.end()) == call.flags().end()) {
    return false;
  }
  return listing.scope.Sees(call) &&
         MayMatch(listing, StartNs(call), IndexEntry(call));
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
  entry.set_whole(true);
  *entry.mutable_flags() = call.flags();
  entry.set_caller_name(call.caller_name());
  entry.set_callee_name(call.callee_name());
  if (call.has_end_time()) {
    const auto end_ns = ToNs(call.end_time(), "end_time");
    entry.set_length_ns(static_cast<uint64_t>(
        LengthNs(StartNs(call), end_ns.ok() ? *end_ns : 0)));
  }
  *entry.mutable_tags() = call.annotation().tags();
  for (const std::string& number : OtherNumbers(call)) {
    entry.add_other_numbers(number);
  }
  if (call.has_listening_mos()) entry.set_listening_mos(call.listening_mos());
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
