#include "collector/store/rocksdb_sweep.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <set>

#include "callbraid/store/v1/deletion.pb.h"
#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/store/filed_tokens.h"
#include "collector/store/proto_time.h"
#include "collector/store/rocksdb_call_parts.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Entries that one run looks at: some 10 ms.
constexpr int kMaxLooks = 2000;
constexpr size_t kMaxStreams = 16;

// What is gone through: keys of a family with this prefix.
struct Swept {
  Family family;
  std::string_view prefix = {};
  // Keys are hashes: where some cannot be read it goes on a little behind.
  bool by_hash = false;
};

constexpr std::array kSwept = {Swept{Family::kDefault, kTombstonePrefix},
                               Swept{Family::kDefault, kNotePrefix},
                               Swept{Family::kObservations, {}, true},
                               Swept{Family::kReports, {}, true},
                               Swept{Family::kTokens, {}, true},
                               Swept{Family::kWatermarks}};

// Which of them, and the key to go on from: index:8 key.
struct Place {
  size_t index = 0;
  std::string key;
};

Place Decode(const std::string& cursor) {
  if (cursor.empty()) return {0, std::string(kSwept[0].prefix)};
  return {static_cast<size_t>(cursor[0]), cursor.substr(1)};
}

std::string Encode(const Place& place) {
  return static_cast<char>(place.index) + place.key;
}

std::string Begin(size_t index) {
  if (index >= kSwept.size()) return "";
  return Encode({index, std::string(kSwept[index].prefix)});
}

}  // namespace

absl::StatusOr<bool> RocksDbSweep::IsThere(Family family,
                                           std::string_view key) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.Get(family, key));
  return value.has_value();
}

absl::Status RocksDbSweep::LookAtObservation(std::string_view key,
                                             std::string_view value,
                                             const Ages& ages,
                                             Found& found) const {
  store::v1::Observation observation;
  const auto id = ObservationId::FromBytes(key);
  if (!id || !observation.ParseFromArray(value.data(),
                                         static_cast<int>(value.size()))) {
    return absl::OkStatus();
  }
  // A stream's last time is in its tally; one that makes no call is short.
  if (std::max(observation.first_time_ns(), observation.last_time_ns()) >=
      ages.before_ns) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const bool is_member, IsThere(Family::kMembers, key));
  ASSIGN_OR_RETURN(const bool is_open, IsThere(Family::kUnsettled, key));
  ASSIGN_OR_RETURN(const bool is_of_call, IsOfCall(observation));
  if (!is_member && !is_open && !is_of_call) found.observations.push_back(*id);
  return absl::OkStatus();
}

// What a receiver says belongs to the call of the stream it speaks of, for as
// long as that is kept: a hold may keep it longer than any age.
absl::StatusOr<bool> RocksDbSweep::IsOfCall(
    const store::v1::Observation& observation) const {
  if (!observation.has_reception()) return false;
  for (const Token token : FiledTokens(observation)) {
    ASSIGN_OR_RETURN(
        const std::vector<ObservationId> streams,
        facts_.FindByToken(token, std::numeric_limits<int64_t>::min(),
                           observation.first_time_ns() + kRtcpBeforeNs,
                           kMaxStreams));
    for (const ObservationId& stream : streams) {
      ASSIGN_OR_RETURN(const bool is_member,
                       IsThere(Family::kMembers, stream.bytes()));
      if (is_member) return true;
    }
  }
  return false;
}

absl::Status RocksDbSweep::LookAtNote(std::string_view key,
                                      std::string_view value, const Ages& ages,
                                      Found& found) const {
  v1::CallAnnotation note;
  if (!note.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
      ToNs(note.time()) >= ages.before_ns) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const bool has_call,
                   IsThere(Family::kCalls, key.substr(kNotePrefix.size())));
  if (!has_call) found.keys.emplace_back(key);
  return absl::OkStatus();
}

absl::Status RocksDbSweep::LookAtWatermark(std::string_view key,
                                           Found& found) const {
  const size_t end = key.find('\0');
  if (end == std::string_view::npos) return absl::OkStatus();
  const auto spool_id = DecodeBe64(key.substr(end + 1));
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.Get(Family::kSensors, key.substr(0, end)));
  v1::Sensor sensor;
  if (!spool_id || !value || !sensor.ParseFromString(*value)) {
    return absl::OkStatus();
  }
  // As long as it has told of none, it may have any.
  const bool is_live =
      sensor.spools().empty() ||
      std::any_of(sensor.spools().begin(), sensor.spools().end(),
                  [&](const v1::SpoolState& spool) {
                    return spool.spool_id() == *spool_id;
                  });
  if (!is_live) found.keys.emplace_back(key);
  return absl::OkStatus();
}

absl::Status RocksDbSweep::LookAt(Family family, std::string_view key,
                                  std::string_view value, const Ages& ages,
                                  Found& found) const {
  switch (family) {
    case Family::kDefault: {
      if (key.substr(0, kNotePrefix.size()) == kNotePrefix) {
        return LookAtNote(key, value, ages, found);
      }
      store::v1::Tombstone tombstone;
      if (tombstone.ParseFromArray(value.data(),
                                   static_cast<int>(value.size())) &&
          tombstone.deleted_ns() < ages.orders_before_ns) {
        found.keys.emplace_back(key);
      }
      return absl::OkStatus();
    }
    case Family::kObservations:
      return LookAtObservation(key, value, ages, found);
    case Family::kReports: {
      v1::StreamReport report;
      if (!report.ParseFromArray(value.data(),
                                 static_cast<int>(value.size())) ||
          report.time_ns() >= ages.before_ns) {
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(const bool owned, IsThere(Family::kObservations, key));
      if (!owned) found.keys.emplace_back(key);
      return absl::OkStatus();
    }
    case Family::kTokens: {
      const auto token = DecodeTokenKey(key);
      if (!token || token->first_time_ns >= ages.before_ns) {
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(const bool owned, IsThere(Family::kObservations,
                                                 token->observation.bytes()));
      if (!owned) found.keys.emplace_back(key);
      return absl::OkStatus();
    }
    default:
      return LookAtWatermark(key, found);
  }
}

absl::Status RocksDbSweep::Remove(Family family, const Found& found) {
  if (found.keys.empty() && found.observations.empty()) return absl::OkStatus();
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  for (const std::string& key : found.keys) batch.Delete(family, key);
  for (const ObservationId& id : found.observations) {
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     engine_.Get(Family::kObservations, id.bytes()));
    store::v1::Observation observation;
    if (!value || !observation.ParseFromString(*value)) continue;
    for (const Family filed :
         {Family::kObservations, Family::kTallies, Family::kReports}) {
      batch.Delete(filed, id.bytes());
    }
    for (const Token token : FiledTokens(observation)) {
      batch.Delete(Family::kTokens,
                   EncodeTokenKey(token, observation.first_time_ns(), id));
    }
    std::set<uint32_t> touched;
    RETURN_IF_ERROR(media_.Delete(Family::kSignalling, id,
                                  {observation.bucket_ranges().begin(),
                                   observation.bucket_ranges().end()},
                                  batch, touched));
  }
  RETURN_IF_ERROR(batch.Write(/*sync=*/false));
  recent_.Add(found.observations);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> RocksDbSweep::Run(int64_t before_ns,
                                           int64_t orders_before_ns,
                                           std::string& cursor) {
  const Place place = Decode(cursor);
  const Swept& swept = kSwept[place.index];
  Found found;
  // Empty: all of it was looked at.
  std::string next;
  {
    // Not held over the write.
    const auto iterator = engine_.NewIterator(swept.family, /*whole=*/true);
    int looks = 0;
    std::string reached = place.key;
    for (iterator->Seek(place.key); iterator->Valid(); iterator->Next()) {
      const std::string_view key = ToView(iterator->key());
      if (key.substr(0, swept.prefix.size()) != swept.prefix) break;
      if (looks++ == kMaxLooks) {
        next = std::string(key);
        break;
      }
      reached = std::string(key);
      RETURN_IF_ERROR(LookAt(swept.family, key, ToView(iterator->value()),
                             {before_ns, orders_before_ns}, found));
    }
    const absl::Status status = engine_.ToStatus(iterator->status());
    if (!absl::IsDataLoss(status)) {
      RETURN_IF_ERROR(status);
    } else if (swept.by_hash) {
      next = NextPartOfIds(reached);
    }
  }
  RETURN_IF_ERROR(Remove(swept.family, found));
  cursor = next.empty() ? Begin(place.index + 1) : Encode({place.index, next});
  return found.keys.size() + found.observations.size();
}

}  // namespace callbraid::collector
