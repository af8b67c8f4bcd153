#include "collector/evidence/party_match.h"

#include <algorithm>
#include <vector>

#include "common/sip/sip_number.h"

namespace callbraid::collector {
namespace {

constexpr size_t kCompareDigits = 9;

const v1::NumberRule* RuleOf(std::string_view site,
                             const EvidencePolicy& policy) {
  const v1::NumberRule* found = nullptr;
  for (const v1::NumberRule& rule : policy.number_rules) {
    if (rule.site() == site) return &rule;
    if (rule.site().empty()) found = &rule;
  }
  return found;
}

bool TakePrefix(std::string_view prefix, std::string_view& number) {
  // A number is more than what is dialled before it.
  if (prefix.empty() || number.size() <= prefix.size() ||
      number.substr(0, prefix.size()) != prefix) {
    return false;
  }
  number.remove_prefix(prefix.size());
  return true;
}

size_t DigitsOf(const v1::NumberRule* rule) {
  return rule == nullptr || rule->compare_digits() == 0
             ? kCompareDigits
             : rule->compare_digits();
}

std::vector<std::string> CalleesOf(const Node& node) {
  const store::v1::DialogObservation& dialog = node.dialog();
  std::vector<std::string> callees = {PlainUser(dialog.to_uri()),
                                      PlainUser(dialog.request_uri())};
  for (const store::v1::DialogLink& link : dialog.links()) {
    if (link.kind() == store::v1::LINK_KIND_DIVERTED_FROM) {
      callees.push_back(PlainUser(link.value()));
    }
  }
  return callees;
}

Agreement Compare(const std::vector<std::string>& a, const Node& of_a,
                  const std::vector<std::string>& b, const Node& of_b,
                  const EvidencePolicy& policy) {
  bool known_a = false;
  bool known_b = false;
  for (const std::string& x : a) {
    known_a = known_a || !x.empty();
    for (const std::string& y : b) {
      known_b = known_b || !y.empty();
      if (SameNumber(x, of_a.site(), y, of_b.site(), policy)) {
        return Agreement::kEqual;
      }
    }
  }
  return known_a && known_b ? Agreement::kDifferent : Agreement::kUnknown;
}

}  // namespace

std::string Normalised(std::string_view number, std::string_view site,
                       const EvidencePolicy& policy) {
  if (!IsDialled(number)) return std::string(number);
  const v1::NumberRule* rule = RuleOf(site, policy);
  if (rule != nullptr) {
    std::string_view longest;
    for (const std::string& prefix : rule->strip_prefixes()) {
      std::string_view rest = number;
      if (prefix.size() > longest.size() && TakePrefix(prefix, rest)) {
        longest = prefix;
      }
    }
    TakePrefix(longest, number);
    const std::string& country = rule->country_code();
    if (!country.empty() && !TakePrefix("+" + country, number) &&
        !TakePrefix("00" + country, number)) {
      TakePrefix("0", number);
    }
  }
  TakePrefix("+", number);
  return std::string(number);
}

bool SameNumber(std::string_view a, std::string_view site_a, std::string_view b,
                std::string_view site_b, const EvidencePolicy& policy) {
  if (a.empty() || b.empty()) return false;
  const std::string x = Normalised(a, site_a, policy);
  const std::string y = Normalised(b, site_b, policy);
  if (x == y) return true;
  const size_t digits = std::max(DigitsOf(RuleOf(site_a, policy)),
                                 DigitsOf(RuleOf(site_b, policy)));
  return IsDialled(x) && IsDialled(y) && x.size() >= digits &&
         y.size() >= digits &&
         x.substr(x.size() - digits) == y.substr(y.size() - digits);
}

PartyMatch MatchParties(const Node& a, const Node& b,
                        const EvidencePolicy& policy) {
  PartyMatch match;
  match.caller = Compare({PlainUser(a.dialog().from_uri())}, a,
                         {PlainUser(b.dialog().from_uri())}, b, policy);
  match.callee = Compare(CalleesOf(a), a, CalleesOf(b), b, policy);
  return match;
}

bool Calls(const Node& b, std::string_view uri, const Node& a,
           const EvidencePolicy& policy) {
  const std::string asked = PlainUser(uri);
  for (const std::string& called :
       {PlainUser(b.dialog().to_uri()), PlainUser(b.dialog().request_uri())}) {
    if (SameNumber(asked, a.site(), called, b.site(), policy)) return true;
  }
  return false;
}

bool CalledByPartyOf(const Node& a, const Node& b,
                     const EvidencePolicy& policy) {
  const std::string caller = PlainUser(b.dialog().from_uri());
  for (const std::string& uri :
       {a.dialog().from_uri(), a.dialog().to_uri(), a.dialog().request_uri()}) {
    if (SameNumber(caller, b.site(), PlainUser(uri), a.site(), policy)) {
      return true;
    }
  }
  return false;
}

}  // namespace callbraid::collector
