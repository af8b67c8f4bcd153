#include "collector/store/scope.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/bytes/byte_writer.h"
#include "common/sip/sip_number.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

constexpr int kMaxEntries = 100;
constexpr size_t kMaxBytes = 64;

template <typename Texts>
absl::Status Check(const char* field, const Texts& texts) {
  if (texts.size() > kMaxEntries) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": more than ", kMaxEntries));
  }
  for (const std::string& text : texts) {
    const bool control = std::any_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    if (text.empty() || text.size() > kMaxBytes || control) {
      return absl::InvalidArgumentError(
          absl::StrCat(field, ": each must have 1 to ", kMaxBytes,
                       " bytes and no control characters"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Scope> Scope::Parse(const v1::Scope& scope) {
  for (const absl::Status& status :
       {Check("sites", scope.sites()), Check("numbers", scope.numbers()),
        Check("calls", scope.calls())}) {
    if (!status.ok()) return status;
  }
  Scope parsed;
  parsed.sites_.assign(scope.sites().begin(), scope.sites().end());
  parsed.numbers_.assign(scope.numbers().begin(), scope.numbers().end());
  parsed.calls_.assign(scope.calls().begin(), scope.calls().end());
  // The same scope, however it is written, is the same.
  for (auto* texts : {&parsed.sites_, &parsed.numbers_, &parsed.calls_}) {
    std::sort(texts->begin(), texts->end());
    texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
  }
  return parsed;
}

v1::Scope Scope::ToProto() const {
  v1::Scope scope;
  scope.mutable_sites()->Assign(sites_.begin(), sites_.end());
  scope.mutable_numbers()->Assign(numbers_.begin(), numbers_.end());
  scope.mutable_calls()->Assign(calls_.begin(), calls_.end());
  return scope;
}

Scope Scope::Of(const std::string& call_id) const {
  Scope one = *this;
  one.calls_ = {call_id};
  return one;
}

bool Scope::SeesSite(const std::string& site) const {
  return sites_.empty() ||
         std::binary_search(sites_.begin(), sites_.end(), site);
}

bool Scope::SeesNumber(const std::string& number) const {
  return std::any_of(numbers_.begin(), numbers_.end(),
                     [&number](const std::string& pattern) {
                       return MatchesNumber(pattern, number);
                     });
}

bool Scope::MaySeeNumbers(const std::string& pattern) const {
  const auto beginning = [](const std::string& text) {
    return text.substr(0, text.size() - (text.ends_with('*') ? 1 : 0));
  };
  return numbers_.empty() ||
         std::any_of(numbers_.begin(), numbers_.end(),
                     [&](const std::string& own) {
                       return MatchesNumber(own, beginning(pattern)) ||
                              MatchesNumber(pattern, beginning(own));
                     });
}

bool Scope::Sees(const v1::Call& call) const {
  if (!calls_.empty() &&
      !std::binary_search(calls_.begin(), calls_.end(), call.id())) {
    return false;
  }
  if (!numbers_.empty() && !SeesNumber(call.caller()) &&
      !SeesNumber(call.callee())) {
    return false;
  }
  if (sites_.empty()) return true;
  const std::vector<std::string> sites = SitesOf(call);
  return std::any_of(
      sites.begin(), sites.end(),
      [this](const std::string& site) { return SeesSite(site); });
}

bool Scope::MaySee(const store::v1::CallIndexEntry& entry) const {
  if (!numbers_.empty() && !SeesNumber(entry.caller()) &&
      !SeesNumber(entry.callee())) {
    return false;
  }
  return SeesSitesOf(entry);
}

bool Scope::SeesSitesOf(const store::v1::CallIndexEntry& entry) const {
  return sites_.empty() || entry.sites().empty() ||
         std::any_of(
             entry.sites().begin(), entry.sites().end(),
             [this](const std::string& site) { return SeesSite(site); });
}

uint64_t Scope::Hash() const {
  std::string bytes;
  ByteWriter writer(bytes);
  for (const auto* texts : {&sites_, &numbers_, &calls_}) {
    writer.U32(static_cast<uint32_t>(texts->size()));
    for (const std::string& text : *texts) {
      writer.U32(static_cast<uint32_t>(text.size()));
      writer.Bytes(std::string_view(text));
    }
  }
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::vector<std::string> SitesOf(const v1::Call& call) {
  std::set<std::string> sites;
  for (const v1::Leg& leg : call.legs()) {
    for (const auto& seen : leg.observations()) sites.insert(seen.site());
  }
  for (const v1::Stream& stream : call.streams()) {
    for (const auto& seen : stream.observations()) sites.insert(seen.site());
  }
  return {sites.begin(), sites.end()};
}

}  // namespace callbraid::collector
