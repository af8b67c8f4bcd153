#ifndef CALLBRAID_COLLECTOR_CLI_COMMAND_H_
#define CALLBRAID_COLLECTOR_CLI_COMMAND_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "collector/cli/session.h"
#include "common/config/flags.h"

namespace callbraid::cli {

// "calls list" and its like: one word or two.
class Command {
 public:
  // For --help. `arguments` are the positional ones, all required; those that
  // may be left out come after them; the last of those may be given again and
  // again if it ends with "...".
  struct Description {
    std::string name;
    std::vector<std::string> arguments;
    std::string summary;
    // More about it, lines of at most 80 columns; may be empty.
    std::string details;
    std::vector<std::string> optional_arguments = {};
  };

  explicit Command(Description description)
      : description_(std::move(description)) {}
  virtual ~Command() = default;

  const Description& description() const { return description_; }
  // Flags point into the command: it must live while they are parsed.
  virtual void AddFlags(Flags&) {}
  // Asked after flags were parsed. If not, no settings are needed, and
  // Session::collector is of no use.
  virtual bool UsesCollector() const { return true; }
  // INVALID_ARGUMENT for wrong usage (exit code 2), NOT_FOUND (3), UNAVAILABLE
  // (4); any other is a failure (1).
  virtual absl::Status Run(Session& session,
                           const std::vector<std::string>& arguments) = 0;

 private:
  const Description description_;
};

// Every command, in the order of the help.
std::vector<std::unique_ptr<Command>> AllCommands();

std::unique_ptr<Command> CallsList();
std::unique_ptr<Command> CallsCount();
std::unique_ptr<Command> CallsShow();
std::unique_ptr<Command> CallsWatch();
std::unique_ptr<Command> CallsLadder();
std::unique_ptr<Command> CallsTimeline();
std::unique_ptr<Command> CallsQuality();
std::unique_ptr<Command> CallsAudio();
std::unique_ptr<Command> CallsListen();
std::unique_ptr<Command> CallsFax();
std::unique_ptr<Command> CallsPackets();
std::unique_ptr<Command> CallsTag();
std::unique_ptr<Command> CallsNote();
std::unique_ptr<Command> CallsShare();
std::unique_ptr<Command> CallsHold();
std::unique_ptr<Command> CallsRelease();
std::unique_ptr<Command> CallsDelete();
std::unique_ptr<Command> CallsCompleteness();
std::unique_ptr<Command> CallsReconcile();
std::unique_ptr<Command> Top();
std::unique_ptr<Command> RetentionShow();
std::unique_ptr<Command> SensorsList();
std::unique_ptr<Command> SensorsPhones();
std::unique_ptr<Command> SensorsDoctor();
std::unique_ptr<Command> SensorsEnroll();
std::unique_ptr<Command> SensorsRevoke();
std::unique_ptr<Command> SensorsAllow();
std::unique_ptr<Command> SwitchConfig();
std::unique_ptr<Command> SwitchConfigCheck();
std::unique_ptr<Command> UsersSet();
std::unique_ptr<Command> UsersList();
std::unique_ptr<Command> UsersRemove();
std::unique_ptr<Command> TokensCreate();
std::unique_ptr<Command> TokensList();
std::unique_ptr<Command> TokensRevoke();
std::unique_ptr<Command> AuditList();
std::unique_ptr<Command> Completion();

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_COMMAND_H_
