#ifndef CALLBRAID_COMMON_CONFIG_FLAGS_H_
#define CALLBRAID_COMMON_CONFIG_FLAGS_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace callbraid {

// Command-line flags of our programs: `--name VALUE`, `--name=VALUE`,
// `--switch`, and positional arguments. Flags may stand anywhere; "--" ends
// them. (absl::flags would make every flag a global and lists its own.)
class Flags {
 public:
  explicit Flags(std::string usage) : usage_(std::move(usage)) {}

  // `set` gets the value and may refuse it. `name` is without dashes; a second
  // spelling may follow a comma: "output,o".
  void Value(std::string name, std::string placeholder, std::string help,
             std::function<absl::Status(const std::string&)> set);
  void String(std::string name, std::string placeholder, std::string help,
              std::string& target);
  void Switch(std::string name, std::string help, bool& target);

  // Returns the positional arguments. INVALID_ARGUMENT names the bad flag and
  // the nearest known one.
  absl::StatusOr<std::vector<std::string>> Parse(int argc, char** argv) const;

  // What there is, in the order they were added: for completion in a shell.
  struct Known {
    std::vector<std::string> names;  // Without dashes.
    std::string placeholder;         // Empty for a switch.
  };
  std::vector<Known> All() const;

  // Usage text and a line for each flag, in the order they were added.
  std::string Help() const;

 private:
  struct Flag {
    std::vector<std::string> names;
    std::string placeholder;  // Empty for a switch.
    std::string help;
    std::function<absl::Status(const std::string&)> set;
  };
  const Flag* Find(std::string_view name) const;

  std::string usage_;
  std::vector<Flag> flags_;
};

// The known word nearest to `word` by edit distance, or "" if none is near.
std::string NearestWord(std::string_view word,
                        const std::vector<std::string>& known);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_CONFIG_FLAGS_H_
