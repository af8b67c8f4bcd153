#ifndef CALLBRAID_COLLECTOR_STORE_KEYS_H_
#define CALLBRAID_COLLECTOR_STORE_KEYS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collector/store/call_counts.h"
#include "collector/store/call_listing.h"
#include "collector/store/observation_id.h"
#include "collector/store/store.h"

// Every key in the data directory, and only here. A column family ("family")
// holds one kind of thing; keys are binary, compared as bytes:
//
//   be32, be64   unsigned, big-endian
//   time:be64    ns since 1970, sign bit flipped: bytes are in order of time
//   desc:be64    the same with all bits flipped: newest first
//   id:16        ObservationId
//   ->           value; what is not a number is a serialized message
//
// family           key                               -> value
// ---------------- --------------------------------- ----------------
// default          "schema"                          -> be32
//                  "token" 0x00 hash:32              -> TokenRecord
//                  "sensor" 0x00 id                  -> SensorRecord
//                  "user" 0x00 name                  -> UserRecord
//                  "audit" 0x00 sequence:be64        -> AuditEntry
//                  "hold" 0x00 call_id:16            -> CallHold
//                  "gone" 0x00 id:16                 -> Tombstone (store/v1)
//                  "gone" 0x00 token:be64            -> Tombstone
//                  "purge" 0x00 call_id:16           -> Purge (store/v1)
//                  "media from"                      -> be32
//                  (buckets before it may have lost frames)
//                  "media by rules"                  -> be32
//                  (before it rules decide, call by call)
//                  "event" 0x00 sequence:be64        -> CallEvent (store/v1)
//                  "told" 0x00 call_id:16            -> CallEventKind...
//                  (a byte each; where the call does not show it any more)
//                  "cursor" 0x00 reader              -> EventCursor
//                  "note" 0x00 call_id:16            -> CallAnnotation
//                  "seal"                            -> key:32
//                  (of the tokens by which a watch is resumed)
// frames           bucket:be32 id:16 time:be64 ordinal:be32 -> CallFrame
// signalling       as frames: the messages of calls, which outlive their media.
//                  (Schema 2 had them in frames.)
// observations     id:16                             -> Observation
// tallies          id:16                             -> RtpTally
// reports          id:16                             -> StreamReport
// tokens           token:be64 desc:be64 id:16        -> ""
//                  (desc: first time of the observation)
// unsettled        id:16                             -> be64 time:be64
//                  (number of the commit that last changed it; its first
//                  time, which schema 1 did not have)
// calls            call_id:16                        -> CallRecord
// calls_by_time    desc:be64 call_id:16              -> CallIndexEntry
// calls_by_number  number 0x00 desc:be64 call_id:16  -> CallIndexEntry
//                  (for caller and callee; a number has no 0x00)
// members          id:16                             -> call_id:16
//                  (of an observation, a leg, a stream, a former call)
// sensors          sensor                            -> Sensor
// watermarks       sensor 0x00 spool_id:be64         -> be64
// capture_ends     sensor 0x00 capture_point         -> time:be64
// call_counts      time:be64 site                    -> CallCounts (store/v1)
//                  (time: of a quarter of an hour; changes are merged in.
//                  Schema 3 had none: all calls are counted when it is taken
//                  over.)
//
// `frames` is ordered by time first: so it is written in nearly the order that
// it is kept in (write amplification 2 instead of 5), and what is old lies
// together.
//
// A change of this grammar that older collectors would misread takes the next
// kSchemaVersion.

namespace callbraid::collector {

inline constexpr uint32_t kSchemaVersion = 4;

enum class Family {
  kDefault,
  kFrames,
  kObservations,
  kTallies,
  kReports,
  kTokens,
  kUnsettled,
  kCalls,
  kCallsByTime,
  kCallsByNumber,
  kMembers,
  kSensors,
  kWatermarks,
  kCaptureEnds,
  kSignalling,
  kCallCounts,
};

inline constexpr std::array<const char*, 16> kFamilyNames = {
    "default",       "frames",          "observations", "tallies",
    "reports",       "tokens",          "unsettled",    "calls",
    "calls_by_time", "calls_by_number", "members",      "sensors",
    "watermarks",    "capture_ends",    "signalling",   "call_counts"};

inline constexpr std::string_view kSchemaKey = "schema";

// default: API tokens by their hash, what was decided about sensors by their
// id, and the audit log. Few, and an older collector may not know them: so they
// have no family of their own.
inline constexpr std::string_view kAccessTokenPrefix("token\0", 6);
inline constexpr std::string_view kSensorRecordPrefix("sensor\0", 7);
inline constexpr std::string_view kUserPrefix("user\0", 5);
inline constexpr std::string_view kAuditPrefix("audit\0", 6);
std::string EncodeAccessTokenKey(std::string_view hash);
std::string EncodeSensorRecordKey(std::string_view id);
std::string EncodeUserKey(std::string_view name);
std::string EncodeAuditKey(uint64_t sequence);

// default: the log of what happened to calls, and its readers.
inline constexpr std::string_view kEventPrefix("event\0", 6);
inline constexpr std::string_view kEventCursorPrefix("cursor\0", 7);
std::string EncodeEventKey(uint64_t sequence);
// Nullopt of the key of anything else.
std::optional<uint64_t> DecodeEventKey(std::string_view key);
std::string EncodeToldKey(const ObservationId& call);
std::string EncodeEventCursorKey(std::string_view reader);

// default: what people wrote about calls.
std::string EncodeNoteKey(const ObservationId& call);

// default: the key of tokens that outlive the process.
inline constexpr std::string_view kSealKey = "seal";

// default: holds, and what was deleted.
inline constexpr std::string_view kHoldPrefix("hold\0", 5);
inline constexpr std::string_view kTombstonePrefix("gone\0", 5);
inline constexpr std::string_view kNotePrefix("note\0", 5);
inline constexpr std::string_view kPurgePrefix("purge\0", 6);
inline constexpr std::string_view kMediaFromKey = "media from";
inline constexpr std::string_view kMediaByRulesKey = "media by rules";
std::string EncodeHoldKey(const ObservationId& call);
// Nullopt of the key of anything else.
std::optional<ObservationId> DecodeHoldKey(std::string_view key);
std::string EncodeTombstoneKey(const ObservationId& id);
std::string EncodeTombstoneKey(Token token);
std::string EncodePurgeKey(const ObservationId& call);

// Keys that are ids are hashes. The next of 65,536 parts of all of them, to go
// on where some cannot be read; empty if there is none.
std::string NextPartOfIds(std::string_view key);

// frames, signalling. The bucket is BucketOf(time_ns).
struct FrameKey {
  uint32_t bucket = 0;
  ObservationId observation;
  int64_t time_ns = 0;
  uint32_t ordinal = 0;
};
std::string EncodeFrameKey(const ObservationId& observation, int64_t time_ns,
                           uint32_t ordinal);
// Sorts before all frames of `observation` in `bucket`.
std::string FramePrefix(uint32_t bucket, const ObservationId& observation);
// Sorts behind all of them, and before those of any other behind it.
std::string AfterFrames(uint32_t bucket, const ObservationId& observation);
std::optional<FrameKey> DecodeFrameKey(std::string_view key);

// tokens.
inline constexpr size_t kTokenPrefixBytes = 8;
struct TokenKey {
  Token token = 0;
  int64_t first_time_ns = 0;
  ObservationId observation;
};
std::string EncodeTokenKey(Token token, int64_t first_time_ns,
                           const ObservationId& observation);
// Sorts before all entries of `token` with first time <= `newest_ns`.
std::string TokenSeekKey(Token token, int64_t newest_ns);
std::optional<TokenKey> DecodeTokenKey(std::string_view key);

// calls_by_time.
std::string EncodeCallTimeKey(const CallPosition& position);
// Sorts before all calls that start at or before `newest_ns`.
std::string CallTimeSeekKey(int64_t newest_ns);
std::optional<CallPosition> DecodeCallTimeKey(std::string_view key);

// calls_by_number.
struct CallNumberKey {
  std::string_view number;
  CallPosition position;
};
std::string EncodeCallNumberKey(std::string_view number,
                                const CallPosition& position);
// Sorts behind all calls of `number` and before those of any other behind it.
std::string AfterNumber(std::string_view number);
std::optional<CallNumberKey> DecodeCallNumberKey(std::string_view key);

// watermarks, capture_ends.
std::string EncodeWatermarkKey(std::string_view sensor, uint64_t spool_id);
std::string EncodeCaptureEndKey(std::string_view sensor,
                                std::string_view capture_point);

// call_counts.
std::string EncodeCallCountKey(const CallCountKey& key);
// Sorts before all rows that start at or after `start_ns`.
std::string CallCountSeekKey(int64_t start_ns);
std::optional<CallCountKey> DecodeCallCountKey(std::string_view key);

// unsettled: the value.
struct UnsettledMark {
  uint64_t commit = 0;
  int64_t first_time_ns = 0;
};
std::string EncodeUnsettledMark(const UnsettledMark& mark);
std::optional<UnsettledMark> DecodeUnsettledMark(std::string_view value);

// Values that are one number.
std::string EncodeBe32(uint32_t value);
std::string EncodeBe64(uint64_t value);
std::string EncodeTime(int64_t time_ns);
std::optional<uint32_t> DecodeBe32(std::string_view bytes);
std::optional<uint64_t> DecodeBe64(std::string_view bytes);
std::optional<int64_t> DecodeTime(std::string_view bytes);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_KEYS_H_
