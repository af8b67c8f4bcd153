#include "common/config/flags.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_string.h"

namespace callbraid {
namespace {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

// "--id" and "-o": how a flag of this name is typed.
std::string Dashed(const std::string& name) {
  return absl::StrCat(name.size() == 1 ? "-" : "--", name);
}

}  // namespace

std::string NearestWord(std::string_view word,
                        const std::vector<std::string>& known) {
  std::string nearest;
  size_t best = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(word.substr(0, 64), candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

void Flags::Value(std::string name, std::string placeholder, std::string help,
                  std::function<absl::Status(const std::string&)> set) {
  flags_.push_back({absl::StrSplit(name, ','), std::move(placeholder),
                    std::move(help), std::move(set)});
}

void Flags::String(std::string name, std::string placeholder, std::string help,
                   std::string& target) {
  Value(std::move(name), std::move(placeholder), std::move(help),
        [&target](const std::string& value) {
          target = value;
          return absl::OkStatus();
        });
}

void Flags::Switch(std::string name, std::string help, bool& target) {
  Value(std::move(name), "", std::move(help), [&target](const std::string&) {
    target = true;
    return absl::OkStatus();
  });
}

const Flags::Flag* Flags::Find(std::string_view name) const {
  for (const Flag& flag : flags_) {
    for (const std::string& known : flag.names) {
      if (known == name) return &flag;
    }
  }
  return nullptr;
}

absl::StatusOr<std::vector<std::string>> Flags::Parse(int argc,
                                                      char** argv) const {
  std::vector<std::string> positional;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--") {
      positional.insert(positional.end(), argv + i + 1, argv + argc);
      break;
    }
    if (argument.size() < 2 || argument[0] != '-') {
      positional.push_back(argument);
      continue;
    }
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(
        argument[1] == '-' ? 2 : 1,
        equals == std::string::npos ? equals
                                    : equals - (argument[1] == '-' ? 2 : 1));
    const Flag* flag = Find(name);
    if (flag == nullptr) {
      std::vector<std::string> known;
      for (const Flag& candidate : flags_) {
        known.insert(known.end(), candidate.names.begin(),
                     candidate.names.end());
      }
      const std::string nearest = NearestWord(name, known);
      return absl::InvalidArgumentError(absl::StrCat(
          "unknown flag ", argument,
          nearest.empty()
              ? "; see --help"
              : absl::StrCat("; did you mean ", Dashed(nearest), "?")));
    }
    std::string value;
    if (flag->placeholder.empty()) {
      if (equals != std::string::npos) {
        return absl::InvalidArgumentError(
            absl::StrCat(Dashed(name), " takes no value"));
      }
    } else if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < argc) {
      value = argv[++i];
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat(Dashed(name), " needs a value: ", Dashed(name), " ",
                       flag->placeholder));
    }
    if (absl::Status status = flag->set(value); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(Dashed(name), ": ", status.message()));
    }
  }
  return positional;
}

std::vector<Flags::Known> Flags::All() const {
  std::vector<Known> all;
  for (const Flag& flag : flags_) all.push_back({flag.names, flag.placeholder});
  return all;
}

std::string Flags::Help() const {
  std::string help = usage_;
  size_t width = 0;
  std::vector<std::string> heads;
  for (const Flag& flag : flags_) {
    std::string head;
    for (const std::string& name : flag.names) {
      absl::StrAppend(&head, head.empty() ? "  " : ", ", Dashed(name));
    }
    if (!flag.placeholder.empty())
      absl::StrAppend(&head, " ", flag.placeholder);
    width = std::max(width, head.size());
    heads.push_back(std::move(head));
  }
  for (size_t i = 0; i < flags_.size(); ++i) {
    absl::StrAppend(&help, heads[i],
                    std::string(width - heads[i].size() + 2, ' '),
                    flags_[i].help, "\n");
  }
  return help;
}

}  // namespace callbraid
