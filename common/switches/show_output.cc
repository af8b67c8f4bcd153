#include "common/switches/show_output.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_string.h"

namespace callbraid {
namespace {

constexpr size_t kMaxRanges = 64;
constexpr size_t kMaxWordBytes = 64;

std::vector<std::string> WordsOf(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar(" \t\r,"), absl::SkipEmpty());
}

void AppendPorts(absl::string_view text, std::vector<PortRange>& ports) {
  for (const std::string& word : WordsOf(text)) {
    if (absl::EqualsIgnoreCase(word, "none") || ports.size() >= kMaxRanges) {
      continue;
    }
    const auto parsed = ParsePorts(word);
    // A word without a number is no port.
    if (parsed.ok() && parsed->front().numbered) {
      ports.push_back(parsed->front());
    }
  }
}

// Reads sessions line by line.
class SessionReader {
 public:
  explicit SessionReader(ShowOutput& output) : output_(output) {}

  void OnLine(absl::string_view line) {
    const std::string lower = absl::AsciiStrToLower(line);
    if (OnHeading(lower)) return;
    const size_t colon = line.find(':');
    if (session_ == nullptr) return;
    if (colon == absl::string_view::npos) {
      // A list that goes on, indented.
      if (!line.empty() && line[0] == ' ' && list_ != nullptr) {
        AppendPorts(line, *list_);
      } else {
        list_ = nullptr;
      }
      return;
    }
    OnField(absl::StripAsciiWhitespace(lower.substr(0, colon)),
            absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }

 private:
  bool OnHeading(const std::string& lower) {
    if (absl::StrContains(lower, "no span configuration") ||
        (absl::StrContains(lower, "session") &&
         absl::StrContains(lower, "does not exist"))) {
      output_.says_none = true;
      session_ = nullptr;
      return true;
    }
    const std::vector<std::string> words = WordsOf(lower);
    int number = 0;
    if (words.size() != 2 || words[0] != "session" ||
        !absl::SimpleAtoi(words[1], &number)) {
      return false;
    }
    list_ = nullptr;
    session_ = nullptr;
    if (output_.sessions.size() < ShowOutput::kMaxSessions) {
      session_ = &output_.sessions.emplace_back();
      session_->session = number;
      of_vlans_ = false;
    }
    return true;
  }

  void OnField(absl::string_view key, absl::string_view value) {
    list_ = nullptr;
    if (absl::StartsWith(key, "source vlan") ||
        absl::StartsWith(key, "filter vlan")) {
      of_vlans_ = absl::StartsWith(key, "source");
      if (of_vlans_) OnVlans(value);
    } else if (absl::StartsWith(key, "source")) {
      of_vlans_ = false;
      // On older systems the list of both directions stands here.
      if (!value.empty()) Begin(session_->both, value);
    } else if (key == "rx only" || key == "rx") {
      Sources(session_->rx, value);
    } else if (key == "tx only" || key == "tx") {
      Sources(session_->tx, value);
    } else if (key == "both") {
      Sources(session_->both, value);
    } else if (absl::StartsWith(key, "destination")) {
      Begin(session_->destinations, value);
    } else if (key == "encapsulation") {
      session_->encapsulation = std::string(value.substr(0, kMaxWordBytes));
    } else if (key == "state") {
      session_->state = std::string(value.substr(0, kMaxWordBytes));
    }
  }

  void Sources(std::vector<PortRange>& ports, absl::string_view value) {
    if (of_vlans_) {
      OnVlans(value);
    } else {
      Begin(ports, value);
    }
  }
  void OnVlans(absl::string_view value) {
    if (!value.empty() && !absl::EqualsIgnoreCase(value, "none")) {
      session_->has_source_vlans = true;
    }
  }
  void Begin(std::vector<PortRange>& ports, absl::string_view value) {
    AppendPorts(value, ports);
    list_ = &ports;
  }

  ShowOutput& output_;
  // Into output_.sessions, until the next one is added.
  ShownSession* session_ = nullptr;
  bool of_vlans_ = false;
  // The list that the last line was of.
  std::vector<PortRange>* list_ = nullptr;
};

// "0210.0000.0103", "02:10:00:00:01:03", "021000-000103"... in one form.
std::optional<std::string> ParseMac(const std::string& word) {
  std::string hex;
  size_t separators = 0;
  for (const char c : word) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
      hex.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else if (c == '.' || c == ':' || c == '-') {
      ++separators;
    } else {
      return std::nullopt;
    }
  }
  if (hex.size() != 12 ||
      (separators != 5 && separators != 2 && separators != 1)) {
    return std::nullopt;
  }
  std::string mac;
  for (size_t i = 0; i < hex.size(); i += 2) {
    absl::StrAppend(&mac, i == 0 ? "" : ":", hex.substr(i, 2));
  }
  return mac;
}

bool IsPort(const std::string& word) {
  const auto parsed = ParsePorts(word);
  return parsed.ok() && parsed->front().numbered && parsed->front().is_single();
}

// Reads lines of MAC address tables.
class MacReader {
 public:
  explicit MacReader(ShowOutput& output) : output_(output) {}

  void OnLine(absl::string_view line) {
    const std::vector<std::string> words = WordsOf(line);
    size_t at = 0;
    std::optional<std::string> mac;
    while (at < words.size() && !mac) mac = ParseMac(words[at++]);
    if (!mac) return OnHeading(absl::AsciiStrToLower(line));
    if (output_.macs.size() >= ShowOutput::kMaxMacs) return;
    ShownMac entry;
    entry.mac = *mac;
    for (size_t i = 0; i + 1 < at; ++i) {
      uint32_t number = 0;
      if (absl::SimpleAtoi(words[i], &number) && number < 4096) {
        entry.vlan_id = number;
      }
    }
    if (port_first_) {
      if (at < words.size()) entry.port = words[at];
    } else if (words.size() > at && IsPort(words.back())) {
      entry.port = words.back();
    }
    if (!entry.port.empty() && entry.port.size() <= kMaxWordBytes) {
      output_.macs.push_back(std::move(entry));
    }
  }

 private:
  // ArubaOS-Switch tells the port before the VLAN, most others last.
  void OnHeading(const std::string& lower) {
    const size_t mac = lower.find("mac address");
    const size_t port = lower.find("port");
    const size_t vlan = lower.find("vlan");
    if (mac == std::string::npos || port == std::string::npos) return;
    port_first_ = vlan != std::string::npos && mac < port && port < vlan;
  }

  ShowOutput& output_;
  bool port_first_ = false;
};

}  // namespace

ShowOutput ParseShowOutput(std::string_view text) {
  ShowOutput output;
  output.sessions.reserve(4);
  SessionReader sessions(output);
  MacReader macs(output);
  const absl::string_view all = ToAbsl(text.substr(0, ShowOutput::kMaxBytes));
  for (const absl::string_view line : absl::StrSplit(all, '\n')) {
    sessions.OnLine(line);
    macs.OnLine(line);
  }
  return output;
}

}  // namespace callbraid
