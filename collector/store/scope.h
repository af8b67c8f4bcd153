#ifndef CALLBRAID_COLLECTOR_STORE_SCOPE_H_
#define CALLBRAID_COLLECTOR_STORE_SCOPE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/access.pb.h"
#include "callbraid/v1/call.pb.h"

namespace callbraid::collector {

// What somebody may see. Every read of calls and sensors takes one: what lies
// outside is to the reader as if it were not there. A value.
class Scope {
 public:
  // For the collector's own work, and for whoever may see everything.
  static Scope All() { return Scope(); }
  // INVALID_ARGUMENT in words: too many, too long, no text.
  static absl::StatusOr<Scope> Parse(const v1::Scope& scope);
  v1::Scope ToProto() const;

  bool all() const {
    return sites_.empty() && numbers_.empty() && calls_.empty();
  }
  // The same, of that one call.
  Scope Of(const std::string& call_id) const;
  bool SeesSite(const std::string& site) const;
  // Whether which sites saw a call tells all about it.
  bool GoesBySites() const { return numbers_.empty() && calls_.empty(); }
  bool Sees(const v1::Call& call) const;
  // Whether calls of a number that `pattern` fits, written as in a scope, may
  // be seen.
  bool MaySeeNumbers(const std::string& pattern) const;
  // By an entry of an index, which has no id. One without sites may be seen:
  // ask the call.
  bool MaySee(const store::v1::CallIndexEntry& entry) const;
  // The same, by its sites alone: nobody knows the numbers any more.
  bool SeesSitesOf(const store::v1::CallIndexEntry& entry) const;
  // Tells scopes apart.
  uint64_t Hash() const;

 private:
  Scope() = default;
  bool SeesNumber(const std::string& number) const;

  std::vector<std::string> sites_;
  // As written: with '*' at the end, a beginning.
  std::vector<std::string> numbers_;
  // Whole ids.
  std::vector<std::string> calls_;
};

// Of all observations of `call`, each once.
std::vector<std::string> SitesOf(const v1::Call& call);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_SCOPE_H_
