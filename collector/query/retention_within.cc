#include "collector/query/retention_within.h"

#include <string>

#include "google/protobuf/repeated_field.h"

namespace callbraid::collector {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

// Leaves what `sees` says. False: there was something, and nothing is left.
template <typename Sees>
bool Keep(Texts& texts, const Sees& sees) {
  if (texts.empty()) return true;
  Texts kept;
  for (const std::string& text : texts) {
    if (sees(text)) *kept.Add() = text;
  }
  texts.Swap(&kept);
  return !texts.empty();
}

}  // namespace

v1::GetRetentionResponse RetentionWithin(const Scope& scope,
                                         v1::GetRetentionResponse all) {
  if (scope.all()) return all;
  v1::GetRetentionResponse seen;
  *seen.mutable_config() = all.config();
  seen.mutable_config()->clear_rules();
  for (v1::RetentionRule& rule : *all.mutable_config()->mutable_rules()) {
    const bool sites = Keep(*rule.mutable_sites(), [&](const auto& site) {
      return scope.SeesSite(site);
    });
    const bool numbers = Keep(*rule.mutable_numbers(), [&](const auto& number) {
      return scope.MaySeeNumbers(number);
    });
    if (sites && numbers) *seen.mutable_config()->add_rules() = rule;
  }
  if (all.has_last_run_time()) {
    *seen.mutable_last_run_time() = all.last_run_time();
  }
  seen.set_is_full(all.is_full());
  return seen;
}

}  // namespace callbraid::collector
