#include "collector/events/event_kinds.h"

#include <array>
#include <utility>

namespace callbraid::collector {
namespace {

using Entry = std::pair<v1::CallEventKind, std::string_view>;
constexpr std::array<Entry, 7> kWords = {
    Entry{v1::CALL_EVENT_KIND_STARTED, "started"},
    Entry{v1::CALL_EVENT_KIND_ANSWERED, "answered"},
    Entry{v1::CALL_EVENT_KIND_ENDED, "ended"},
    Entry{v1::CALL_EVENT_KIND_SETTLED, "settled"},
    Entry{v1::CALL_EVENT_KIND_CHANGED, "changed"},
    Entry{v1::CALL_EVENT_KIND_MERGED, "merged"},
    Entry{v1::CALL_EVENT_KIND_REMOVED, "removed"}};

constexpr std::array<Entry, 2> kAlertWords = {
    Entry{v1::CALL_EVENT_KIND_ALERT_BEGAN, "alert_began"},
    Entry{v1::CALL_EVENT_KIND_ALERT_ENDED, "alert_ended"}};

}  // namespace

EventKinds AlertKinds() {
  EventKinds kinds;
  for (const auto& [kind, word] : kAlertWords) kinds.insert(kind);
  return kinds;
}

bool IsAlert(v1::CallEventKind kind) {
  return kind == v1::CALL_EVENT_KIND_ALERT_BEGAN ||
         kind == v1::CALL_EVENT_KIND_ALERT_ENDED;
}

EventKinds CallKinds() {
  EventKinds kinds;
  for (const auto& [kind, word] : kWords) kinds.insert(kind);
  return kinds;
}

std::string_view Word(v1::CallEventKind kind) {
  for (const auto& [known, word] : kWords) {
    if (known == kind) return word;
  }
  for (const auto& [known, word] : kAlertWords) {
    if (known == kind) return word;
  }
  return "";
}

std::optional<v1::CallEventKind> ParseEventKind(const std::string& word) {
  for (const auto& [kind, known] : kWords) {
    if (known == word) return kind;
  }
  return std::nullopt;
}

std::string EventWords() {
  std::string words;
  for (const auto& [kind, word] : kWords) {
    if (!words.empty()) words += ", ";
    words += word;
  }
  return words;
}

}  // namespace callbraid::collector
