#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "collector/cli/command.h"
#include "collector/cli/common_flags.h"

namespace callbraid::cli {
namespace {

// What completing takes, asked of the commands themselves.
struct Words {
  // First words of commands, and what follows them.
  std::map<std::string, std::set<std::string>> groups;
  // By command.
  std::map<std::string, std::set<std::string>> flags;
  std::set<std::string> with_file_argument;
  // Flags of any command that take a value: of these, a file or a folder.
  std::set<std::string> with_value;
  std::set<std::string> with_file;
  std::set<std::string> with_folder;
};

std::string Dashed(const std::string& name) {
  return absl::StrCat(name.size() == 1 ? "-" : "--", name);
}

void AddFlagsOf(Command& command, Words& words) {
  Flags flags("");
  CommonFlags common;
  command.AddFlags(flags);
  common.AddTo(flags);
  std::set<std::string>& names = words.flags[command.description().name];
  for (const Flags::Known& flag : flags.All()) {
    for (const std::string& name : flag.names) {
      names.insert(Dashed(name));
      if (flag.placeholder.empty()) continue;
      (flag.placeholder == "FILE"  ? words.with_file
       : flag.placeholder == "DIR" ? words.with_folder
                                   : words.with_value)
          .insert(Dashed(name));
    }
  }
}

Words AllWords() {
  Words words;
  for (const auto& command : AllCommands()) {
    const Command::Description& about = command->description();
    const std::vector<std::string> parts = absl::StrSplit(about.name, ' ');
    std::set<std::string>& group = words.groups[parts[0]];
    if (parts.size() > 1) group.insert(parts[1]);
    for (const std::string& argument : about.arguments) {
      if (argument == "FILE") words.with_file_argument.insert(about.name);
    }
    AddFlagsOf(*command, words);
  }
  return words;
}

// "a|b|c", never empty: a pattern that nothing is.
std::string Pattern(const std::set<std::string>& words) {
  return words.empty() ? "''" : absl::StrJoin(words, "|");
}

// Lines of `case`: each command with `value` of it.
template <typename Value>
std::string Cases(const std::map<std::string, std::set<std::string>>& of,
                  const Value& value) {
  std::string text;
  for (const auto& [name, words] : of) {
    absl::StrAppend(&text, "    '", name, "') ", value(name, words), " ;;\n");
  }
  return text;
}

std::string Script(const Words& words) {
  const auto flags = [&words](const std::string& name,
                              const std::set<std::string>& known) {
    return absl::StrCat(
        "flags='", absl::StrJoin(known, " "), "'",
        words.with_file_argument.contains(name) ? " files=1" : "");
  };
  const auto second = [](const std::string&, const std::set<std::string>& of) {
    return absl::StrCat("COMPREPLY=($(compgen -W '", absl::StrJoin(of, " "),
                        "' -- \"$current\"))");
  };
  std::string first;
  for (const auto& [name, group] : words.groups) {
    absl::StrAppend(&first, first.empty() ? "" : " ", name);
  }
  return absl::StrCat(
      "# Completion of callbraid for bash, made by `callbraid completion`.\n"
      "_callbraid() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} i command= flags= files=\n"
      "  local -a words=()\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      ",
      Pattern(words.with_value), ") ((++i)) ;;\n      ",
      Pattern(words.with_file), "|", Pattern(words.with_folder),
      ") ((++i)) ;;\n"
      "      -*) ;;\n"
      "      *) words+=(\"${COMP_WORDS[i]}\") ;;\n"
      "    esac\n"
      "  done\n"
      "  case ${COMP_WORDS[COMP_CWORD - 1]} in\n"
      "    ",
      Pattern(words.with_file),
      ") compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\")); "
      "return ;;\n    ",
      Pattern(words.with_folder),
      ") compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\")); "
      "return ;;\n    ",
      Pattern(words.with_value),
      ") return ;;\n"
      "  esac\n"
      "  for command in \"${words[*]:0:2}\" \"${words[0]-}\"; do\n"
      "    case $command in\n",
      Cases(words.flags, flags),
      "    esac\n"
      "    [[ -z $flags ]] || break\n"
      "  done\n"
      "  if [[ $current == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"${flags:---help --version}\" -- "
      "\"$current\"))\n"
      "  elif [[ ${#words[@]} -eq 0 ]]; then\n"
      "    COMPREPLY=($(compgen -W '",
      first,
      "' -- \"$current\"))\n"
      "  elif [[ -n $files ]]; then\n"
      "    compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))\n"
      "  elif [[ ${#words[@]} -eq 1 ]]; then\n"
      "    case ${words[0]-} in\n",
      Cases(words.groups, second),
      "    esac\n"
      "  fi\n"
      "}\n"
      "complete -F _callbraid callbraid\n");
}

class CompletionCommand final : public Command {
 public:
  CompletionCommand()
      : Command({"completion",
                 {},
                 "a script that completes commands and flags in bash",
                 "For one shell: source <(callbraid completion)\nFor all: "
                 "callbraid completion "
                 "> /etc/bash_completion.d/callbraid\n"}) {}

  bool UsesCollector() const override { return false; }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    session.out << Script(AllWords());
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> Completion() {
  return std::make_unique<CompletionCommand>();
}

}  // namespace callbraid::cli
