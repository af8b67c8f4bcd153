#include "collector/retention/retention_policy.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/store/scope.h"
#include "common/base/status_macros.h"
#include "common/sip/sip_number.h"

namespace callbraid::collector {
namespace {

constexpr int kMaxRules = 100;
constexpr uint32_t kMaxDays = 36'500;
constexpr uint32_t kMaxGib = 1u << 30;
// What is not to be recorded goes with its call's end. What was passed over
// then (on hold, stored before there was the rule) goes by its age.
constexpr uint32_t kUnrecordedDays = 1;

template <typename Config>
absl::Status CheckDays(const std::string& where, const Config& config) {
  if (config.media_days() > kMaxDays || config.call_days() > kMaxDays) {
    return absl::InvalidArgumentError(absl::StrCat(
        where, ": more than ", kMaxDays, " days; leave it out for ever"));
  }
  if (config.call_days() != 0 && config.media_days() > config.call_days()) {
    return absl::InvalidArgumentError(
        absl::StrCat(where,
                     ": media_days is more than call_days; media go with "
                     "their call"));
  }
  return absl::OkStatus();
}

template <typename Config>
KeepDays DaysOf(const Config& config) {
  return {config.media_days() == 0 ? config.call_days() : config.media_days(),
          config.call_days()};
}

// Nullopt: no such word.
std::optional<Recorded> RecordedOf(const v1::RetentionRule& rule) {
  if (rule.record().empty() || rule.record() == "all") return Recorded::kAll;
  if (rule.record() == "signalling") return Recorded::kSignalling;
  if (rule.record() == "nothing") return Recorded::kNothing;
  return std::nullopt;
}

KeepDays DaysOfRule(const v1::RetentionRule& rule) {
  KeepDays days = DaysOf(rule);
  days.recorded = RecordedOf(rule).value_or(Recorded::kAll);
  if (days.recorded != Recorded::kAll) days.media = kUnrecordedDays;
  if (days.recorded == Recorded::kNothing) days.call = kUnrecordedDays;
  return days;
}

absl::Status CheckRecord(const std::string& where,
                         const v1::RetentionRule& rule) {
  const auto recorded = RecordedOf(rule);
  if (!recorded) {
    return absl::InvalidArgumentError(absl::StrCat(
        where, ": record is all, signalling or nothing, not ", rule.record()));
  }
  const bool for_nothing =
      *recorded == Recorded::kNothing && rule.call_days() != 0;
  if (for_nothing || (*recorded != Recorded::kAll && rule.media_days() != 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": record is ", rule.record(), ", so there is no ",
                     for_nothing ? "call" : "media", "_days"));
  }
  return absl::OkStatus();
}

bool Fits(const v1::RetentionRule& rule,
          const store::v1::CallIndexEntry& call) {
  const auto at_site = [&rule](const std::string& site) {
    return std::find(rule.sites().begin(), rule.sites().end(), site) !=
           rule.sites().end();
  };
  // Also of who was transferred, or sent elsewhere.
  const auto with_number = [&call](const std::string& pattern) {
    return MatchesNumber(pattern, call.caller()) ||
           MatchesNumber(pattern, call.callee()) ||
           std::any_of(call.other_numbers().begin(), call.other_numbers().end(),
                       [&pattern](const std::string& number) {
                         return MatchesNumber(pattern, number);
                       });
  };
  return (rule.sites().empty() ||
          std::any_of(call.sites().begin(), call.sites().end(), at_site)) &&
         (rule.numbers().empty() ||
          std::any_of(rule.numbers().begin(), rule.numbers().end(),
                      with_number));
}

uint32_t Shorter(uint32_t a, uint32_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}
uint32_t Longer(uint32_t a, uint32_t b) {
  return a == 0 || b == 0 ? 0 : std::max(a, b);
}

}  // namespace

absl::Status CompleteRetention(v1::RetentionConfig& config) {
  RETURN_IF_ERROR(CheckDays("retention", config));
  if (config.max_gib() > kMaxGib || config.min_free_gib() > kMaxGib) {
    return absl::InvalidArgumentError(
        "retention: max_gib and min_free_gib are GiB; that many there are not");
  }
  if (config.rules_size() > kMaxRules) {
    return absl::InvalidArgumentError(
        absl::StrCat("retention.rules: more than ", kMaxRules));
  }
  int number = 0;
  for (const v1::RetentionRule& rule : config.rules()) {
    const std::string where = absl::StrCat("retention.rules, rule ", ++number);
    RETURN_IF_ERROR(CheckDays(where, rule));
    RETURN_IF_ERROR(CheckRecord(where, rule));
    if (rule.sites().empty() && rule.numbers().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          where,
          ": fits every call; give sites or numbers, or set what is "
          "above the rules"));
    }
    v1::Scope scope;
    *scope.mutable_sites() = rule.sites();
    *scope.mutable_numbers() = rule.numbers();
    const auto parsed = Scope::Parse(scope);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": ", parsed.status().message()));
    }
  }
  return absl::OkStatus();
}

RetentionPolicy::RetentionPolicy(const v1::RetentionConfig& config)
    : config_(config), general_(DaysOf(config)) {
  shortest_ = longest_ = general_;
  for (const v1::RetentionRule& rule : config_.rules()) {
    const KeepDays days = DaysOfRule(rule);
    leaves_out_ |= days.recorded != Recorded::kAll;
    knows_numbers_ |= !rule.numbers().empty();
    shortest_.media = Shorter(shortest_.media, days.media);
    shortest_.call = Shorter(shortest_.call, days.call);
    longest_.media = Longer(longest_.media, days.media);
    longest_.call = Longer(longest_.call, days.call);
  }
}

KeepDays RetentionPolicy::Of(const store::v1::CallIndexEntry& call) const {
  for (const v1::RetentionRule& rule : config_.rules()) {
    if (Fits(rule, call)) return DaysOfRule(rule);
  }
  return general_;
}

}  // namespace callbraid::collector
