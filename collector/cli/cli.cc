#include "collector/cli/cli.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "collector/cli/collector_client.h"
#include "collector/cli/command.h"
#include "collector/cli/common_flags.h"
#include "collector/cli/text.h"
#include "common/base/status_macros.h"
#include "common/config/flags.h"

namespace callbraid::cli {
namespace {

using Commands = std::vector<std::unique_ptr<Command>>;

// "calls show ID", "sensors doctor [ID]".
std::string NameAndArguments(const Command::Description& about) {
  std::string text = about.name;
  for (const std::string& argument : about.arguments) {
    absl::StrAppend(&text, " ", argument);
  }
  for (const std::string& argument : about.optional_arguments) {
    absl::StrAppend(&text, " [", argument, "]");
  }
  return text;
}

bool Repeats(const Command::Description& about) {
  return !about.optional_arguments.empty() &&
         absl::EndsWith(about.optional_arguments.back(), "...");
}

std::string Overview(const Commands& commands) {
  std::string text =
      "Shows, follows and exports the calls of a Callbraid collector.\n\n"
      "usage: callbraid [FLAGS] COMMAND\n\n";
  for (const auto& command : commands) {
    const Command::Description& about = command->description();
    absl::StrAppend(&text, "  ", PadRight(NameAndArguments(about), 26),
                    about.summary, "\n");
  }
  text +=
      "\n`callbraid COMMAND --help` tells more. IDs may be cut to 8 digits.\n"
      "Flags may also be given as CALLBRAID_COLLECTOR, CALLBRAID_INSECURE,\n"
      "CALLBRAID_TLS_CA, CALLBRAID_TLS_CERT, CALLBRAID_TLS_KEY,\n"
      "CALLBRAID_TLS_SERVER_NAME, CALLBRAID_TOKEN_FILE in the environment, or "
      "in\n"
      "the file; an API token itself as CALLBRAID_TOKEN.\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 collector "
      "not\nreachable, 5 not allowed.\n\nFlags:\n";
  CommonFlags common;
  bool version = false;
  Flags flags(text);
  common.AddTo(flags);
  flags.Switch("version", "version of this program", version);
  return flags.Help();
}

std::string UsageOf(const Command& command) {
  const Command::Description& about = command.description();
  return absl::StrCat(about.summary, ".\n\nusage: callbraid ",
                      NameAndArguments(about), " [FLAGS]\n\n", about.details,
                      about.details.empty() ? "" : "\n", "Flags:\n");
}

// The words that are neither flags nor values of the flags that may stand
// before a command; at most two.
std::vector<std::string> CommandWords(
    const std::vector<std::string>& arguments) {
  static constexpr const char* kWithValue[] = {
      "--collector",       "--tls-ca",     "--tls-cert", "--tls-key",
      "--tls-server-name", "--token-file", "--config"};
  std::vector<std::string> words;
  for (size_t i = 0; i < arguments.size() && words.size() < 2; ++i) {
    if (std::find(std::begin(kWithValue), std::end(kWithValue), arguments[i]) !=
        std::end(kWithValue)) {
      ++i;
    } else if (arguments[i].empty() || arguments[i][0] != '-') {
      words.push_back(arguments[i]);
    }
  }
  return words;
}

absl::Status UnknownCommand(const Commands& commands,
                            const std::vector<std::string>& words) {
  std::vector<std::string> names;
  std::vector<std::string> of_group;
  for (const auto& command : commands) {
    names.push_back(command->description().name);
    const std::vector<std::string> parts = absl::StrSplit(names.back(), ' ');
    if (parts[0] == words[0] && parts.size() > 1) of_group.push_back(parts[1]);
  }
  if (words.size() == 1 && !of_group.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        words[0], " what? One of: ", absl::StrJoin(of_group, ", ")));
  }
  const std::string typed = absl::StrJoin(words, " ");
  const std::string nearest = NearestWord(typed, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown command '", Printable(typed), "'",
      nearest.empty() ? "; `callbraid --help` lists them"
                      : absl::StrCat("; did you mean '", nearest, "'?")));
}

absl::StatusOr<std::vector<std::string>> Parse(
    const Flags& flags, const std::vector<std::string>& arguments) {
  std::vector<std::string> copies = arguments;
  std::vector<char*> argv = {nullptr};
  for (std::string& copy : copies) argv.push_back(copy.data());
  return flags.Parse(static_cast<int>(argv.size()), argv.data());
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
      return kUsage;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kUnavailable:
      return kUnreachable;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kRefused;
    default:
      return kFailed;
  }
}

absl::Status RunCommand(Command& command,
                        const std::vector<std::string>& arguments,
                        const World& world) {
  CommonFlags common;
  Flags flags(UsageOf(command));
  command.AddFlags(flags);
  common.AddTo(flags);
  ASSIGN_OR_RETURN(std::vector<std::string> positional,
                   Parse(flags, arguments));
  if (common.help) {
    world.out << flags.Help();
    return absl::OkStatus();
  }
  const Command::Description& about = command.description();
  // The words of the command itself come first.
  const auto words = std::count(about.name.begin(), about.name.end(), ' ') + 1;
  positional.erase(positional.begin(), positional.begin() + words);
  if (positional.size() < about.arguments.size() ||
      (!Repeats(about) &&
       positional.size() >
           about.arguments.size() + about.optional_arguments.size())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "usage: callbraid ", NameAndArguments(about), " [FLAGS]; see --help"));
  }
  v1::ClientConfig settings;
  std::string token;
  if (command.UsesCollector()) {
    ASSIGN_OR_RETURN(settings, Settings(common.connection, world.environment));
    ASSIGN_OR_RETURN(token,
                     ReadToken(common.connection, world.environment, settings));
  } else {
    // Nothing is dialled.
    settings.set_collector("localhost:1");
    settings.set_insecure(true);
  }
  ASSIGN_OR_RETURN(const auto collector,
                   CollectorClient::Create(settings, token, world.clock));
  Session session = {*collector, world.clock, world.zone,     world.out,
                     world.err,  common.json, world.terminal, world.in};
  return command.Run(session, positional);
}

absl::Status Run(const std::vector<std::string>& arguments,
                 const World& world) {
  const Commands commands = AllCommands();
  const std::vector<std::string> words = CommandWords(arguments);
  if (words.empty()) {
    CommonFlags common;
    bool version = false;
    Flags flags("");
    common.AddTo(flags);
    flags.Switch("version", "", version);
    RETURN_IF_ERROR(Parse(flags, arguments).status());
    if (version) {
      world.out << "callbraid " CALLBRAID_VERSION "\n";
    } else if (common.help) {
      world.out << Overview(commands);
    } else {
      return absl::InvalidArgumentError(
          "no command; `callbraid --help` lists them");
    }
    return absl::OkStatus();
  }
  // Two words before one: the second may be an argument.
  for (const std::string& name : {absl::StrJoin(words, " "), words[0]}) {
    for (const auto& command : commands) {
      if (name == command->description().name) {
        return RunCommand(*command, arguments, world);
      }
    }
  }
  const bool help = std::any_of(
      arguments.begin(), arguments.end(),
      [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (help || words[0] == "help") {
    world.out << Overview(commands);
    return absl::OkStatus();
  }
  return UnknownCommand(commands, words);
}

}  // namespace

std::vector<std::unique_ptr<Command>> AllCommands() {
  Commands commands;
  commands.push_back(CallsList());
  commands.push_back(CallsCount());
  commands.push_back(CallsShow());
  commands.push_back(CallsWatch());
  commands.push_back(CallsLadder());
  commands.push_back(CallsTimeline());
  commands.push_back(CallsQuality());
  commands.push_back(CallsAudio());
  commands.push_back(CallsListen());
  commands.push_back(CallsFax());
  commands.push_back(CallsPackets());
  commands.push_back(CallsTag());
  commands.push_back(CallsNote());
  commands.push_back(CallsShare());
  commands.push_back(CallsHold());
  commands.push_back(CallsRelease());
  commands.push_back(CallsDelete());
  commands.push_back(CallsCompleteness());
  commands.push_back(CallsReconcile());
  commands.push_back(Top());
  commands.push_back(RetentionShow());
  commands.push_back(SensorsList());
  commands.push_back(SensorsPhones());
  commands.push_back(SensorsDoctor());
  commands.push_back(SensorsEnroll());
  commands.push_back(SensorsRevoke());
  commands.push_back(SensorsAllow());
  commands.push_back(SwitchConfigCheck());
  commands.push_back(SwitchConfig());
  commands.push_back(UsersSet());
  commands.push_back(UsersList());
  commands.push_back(UsersRemove());
  commands.push_back(TokensCreate());
  commands.push_back(TokensList());
  commands.push_back(TokensRevoke());
  commands.push_back(AuditList());
  commands.push_back(Completion());
  return commands;
}

int RunCli(const std::vector<std::string>& arguments, const World& world) {
  const absl::Status status = Run(arguments, world);
  world.out.flush();
  if (!status.ok()) {
    world.err << "callbraid: "
              << Printable({status.message().data(), status.message().size()})
              << "\n";
  }
  return ExitCodeOf(status);
}

}  // namespace callbraid::cli
