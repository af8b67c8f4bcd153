#include "collector/store/call_annotation.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::string_view kBetweenNotes = "\n\n";
constexpr std::string_view kCut = "…";

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

int64_t NsOf(const v1::CallAnnotation& annotation) {
  return TimeUtil::TimestampToNanoseconds(annotation.time());
}

// At most `size` bytes of it, whole characters.
std::string Cut(std::string text, size_t size) {
  if (text.size() <= size) return text;
  size -= kCut.size();
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) {
    --size;
  }
  text.resize(size);
  return text.append(kCut);
}

}  // namespace

absl::StatusOr<v1::CallAnnotation> ParseAnnotation(
    const v1::AnnotateCallRequest& request) {
  std::set<std::string> tags;
  for (const std::string& tag : request.tags()) {
    if (tag.empty() || tag.size() > kMaxTagBytes ||
        std::any_of(tag.begin(), tag.end(),
                    [](char c) { return IsControl(c) || c == ','; })) {
      return absl::InvalidArgumentError(
          absl::StrCat("tags: each must have 1 to ", kMaxTagBytes,
                       " bytes, no comma and no control characters"));
    }
    tags.insert(tag);
  }
  if (tags.size() > kMaxTags) {
    return absl::InvalidArgumentError(
        absl::StrCat("tags: more than ", kMaxTags));
  }
  const std::string& note = request.note();
  if (note.size() > kMaxNoteBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("note: longer than ", kMaxNoteBytes, " bytes"));
  }
  if (std::any_of(note.begin(), note.end(), [](char c) {
        return IsControl(c) && c != '\n' && c != '\r' && c != '\t';
      })) {
    return absl::InvalidArgumentError("note: has control characters");
  }
  v1::CallAnnotation annotation;
  annotation.mutable_tags()->Assign(tags.begin(), tags.end());
  annotation.set_note(note);
  return annotation;
}

absl::Status CheckReplaces(const v1::AnnotateCallRequest& request,
                           const v1::CallAnnotation* stored) {
  const bool same =
      stored == nullptr
          ? !request.has_replaces()
          : request.has_replaces() &&
                stored->time().seconds() == request.replaces().seconds() &&
                stored->time().nanos() == request.replaces().nanos();
  if (same) return absl::OkStatus();
  return absl::AbortedError(
      "somebody else wrote about this call meanwhile; read that first, then "
      "write again");
}

void SetTime(int64_t now_ns, const v1::CallAnnotation* replaced,
             v1::CallAnnotation& annotation) {
  *annotation.mutable_time() = TimeUtil::NanosecondsToTimestamp(
      replaced == nullptr ? now_ns : std::max(now_ns, NsOf(*replaced) + 1));
}

v1::CallAnnotation Unite(const v1::CallAnnotation& a,
                         const v1::CallAnnotation& b) {
  const bool a_first = NsOf(a) <= NsOf(b);
  const v1::CallAnnotation& older = a_first ? a : b;
  const v1::CallAnnotation& newer = a_first ? b : a;
  std::set<std::string> tags(older.tags().begin(), older.tags().end());
  tags.insert(newer.tags().begin(), newer.tags().end());
  v1::CallAnnotation united;
  for (const std::string& tag : tags) {
    if (united.tags_size() == kMaxTags) break;
    united.add_tags(tag);
  }
  std::string note = older.note();
  if (note.find(newer.note()) == std::string::npos) {
    if (!note.empty()) note += kBetweenNotes;
    note += newer.note();
  }
  united.set_note(Cut(std::move(note), kMaxNoteBytes));
  united.set_user(newer.user());
  *united.mutable_time() = TimeUtil::NanosecondsToTimestamp(NsOf(newer) + 1);
  return united;
}

}  // namespace callbraid::collector
