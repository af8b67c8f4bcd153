#include "collector/events/events_config.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "collector/events/event_kinds.h"
#include "collector/events/signature.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/config/in_range.h"
#include "common/pki/pem_file.h"

namespace callbraid::collector {
namespace {

constexpr int kMaxSinks = 16;
constexpr size_t kMaxNameBytes = 64;

absl::Status Wrong(const std::string& where, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '.' || c == '_' || c == '-';
         });
}

absl::Status CheckName(const std::string& where, const std::string& name,
                       std::set<std::string>& names) {
  if (!IsName(name)) {
    return Wrong(where,
                 "each needs a name of its own, 1 to 64 of [A-Za-z0-9._-]: its "
                 "place in what happened is kept by it");
  }
  if (!names.insert(name).second) {
    return Wrong(where, absl::StrCat(name, " is there twice in events"));
  }
  return absl::OkStatus();
}

template <typename Words>
absl::Status CheckKinds(const std::string& where, const Words& words) {
  for (const std::string& word : words) {
    if (!ParseEventKind(word)) {
      return Wrong(where, absl::StrCat("events: '", word, "' is none of ",
                                       EventWords()));
    }
  }
  return absl::OkStatus();
}

std::string AuthorityOf(const std::string& url) {
  const size_t host = url.find("://") + 3;
  return url.substr(host, url.find_first_of("/?#", host) - host);
}

bool IsInClear(const std::string& url) {
  return absl::StartsWith(url, "http://");
}

bool IsThisMachine(const std::string& authority) {
  return absl::StartsWith(authority, "127.") ||
         absl::StartsWith(authority, "[::1]") ||
         authority.substr(0, authority.find(':')) == "localhost";
}

absl::Status CheckUrl(const std::string& where, const std::string& url) {
  const bool http = IsInClear(url) || absl::StartsWith(url, "https://");
  const std::string authority = http ? AuthorityOf(url) : "";
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
  if (authority.empty() || !plain) {
    return Wrong(where, "url: must begin with http:// or https:// and a host");
  }
  if (authority.find('@') != std::string::npos) {
    return Wrong(where,
                 "url: user and password have no place in it; the receiver "
                 "knows who sends by the signature");
  }
  return absl::OkStatus();
}

absl::Status CompleteWebhook(v1::WebhookConfig& webhook) {
  const std::string where = absl::StrCat("events.webhooks, ", webhook.name());
  RETURN_IF_ERROR(CheckUrl(where, webhook.url()));
  if (!webhook.ca().empty() && IsInClear(webhook.url())) {
    return Wrong(where, "ca: is for https:// only; http:// checks nobody");
  }
  if (webhook.secret_file().empty()) {
    return Wrong(where,
                 "secret_file: nobody could tell who sent it; make one with: "
                 "openssl rand -hex 32");
  }
  RETURN_IF_ERROR(CheckKinds(where, webhook.events()));
  ASSIGN_OR_RETURN(
      const uint32_t timeout_s,
      InRange("events.webhooks.timeout_s", webhook.timeout_s(), 10, {1, 300}));
  webhook.set_timeout_s(timeout_s);
  ASSIGN_OR_RETURN(
      const uint32_t parallel,
      InRange("events.webhooks.parallel", webhook.parallel(), 8, {1, 64}));
  webhook.set_parallel(parallel);
  return absl::OkStatus();
}

absl::Status CompleteCdrFiles(v1::CdrFilesConfig& files) {
  const std::string where = absl::StrCat("events.cdr_files, ", files.name());
  if (files.folder().empty()) return Wrong(where, "folder: where to?");
  if (files.format().empty()) files.set_format("csv");
  if (files.format() != "csv" && files.format() != "jsonl") {
    return Wrong(where, absl::StrCat("format: '", files.format(),
                                     "' is none of csv, jsonl"));
  }
  ASSIGN_OR_RETURN(const uint32_t minutes,
                   InRange("events.cdr_files.rotate_minutes",
                           files.rotate_minutes(), 60, {1, 525'600}));
  files.set_rotate_minutes(minutes);
  ASSIGN_OR_RETURN(const uint32_t mib,
                   InRange("events.cdr_files.rotate_mib", files.rotate_mib(),
                           64, {1, 1'048'576}));
  files.set_rotate_mib(mib);
  return absl::OkStatus();
}

// HOST:PORT and "udp" or "tcp".
absl::Status CheckServer(const std::string& where, const std::string& server,
                         const std::string& transport) {
  const size_t colon = server.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(server.substr(colon + 1), &port) || port == 0 ||
      port > 0xffff) {
    return Wrong(where,
                 absl::StrCat("server: '", server, "' is not HOST:PORT"));
  }
  if (transport == "udp" || transport == "tcp") return absl::OkStatus();
  return Wrong(
      where, absl::StrCat("transport: '", transport, "' is none of udp, tcp"));
}

absl::Status CompleteHep(v1::HepConfig& hep) {
  if (hep.transport().empty()) hep.set_transport("udp");
  if (hep.capture_id() == 0) hep.set_capture_id(2001);
  return CheckServer(absl::StrCat("events.hep, ", hep.name()), hep.server(),
                     hep.transport());
}

absl::Status CompleteSyslog(v1::SyslogConfig& syslog) {
  const std::string where = absl::StrCat("events.syslog, ", syslog.name());
  if (syslog.server().empty()) syslog.set_server("local");
  if (syslog.server() == "local") {
    if (!syslog.transport().empty()) {
      return Wrong(where, "transport: is for a server only, not for local");
    }
  } else {
    if (syslog.transport().empty()) syslog.set_transport("udp");
    RETURN_IF_ERROR(CheckServer(where, syslog.server(), syslog.transport()));
  }
  ASSIGN_OR_RETURN(
      const uint32_t facility,
      InRange("events.syslog.facility", syslog.facility(), 16, {1, 23}));
  syslog.set_facility(facility);
  if (syslog.events().empty() && !syslog.alerts()) syslog.add_events("ended");
  return CheckKinds(where, syslog.events());
}

absl::Status CheckFolder(const std::string& folder) {
  // It is made at the start, by who then writes to it: here it may be another.
  std::filesystem::path at = std::filesystem::absolute(folder);
  std::error_code ignored;
  while (!std::filesystem::exists(at, ignored) && at != at.root_path()) {
    at = at.parent_path();
  }
  errno = ENOTDIR;
  if (std::filesystem::is_directory(at, ignored) &&
      access(at.c_str(), R_OK | W_OK | X_OK) == 0) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      absl::StrCat("events.cdr_files: folder ", folder, ": ", at.string(),
                   " is not writable: ", std::strerror(errno)));
}

template <typename Sinks>
absl::Status CheckSinks(const char* where, const Sinks& sinks,
                        std::set<std::string>& names) {
  if (sinks.size() > kMaxSinks) {
    return Wrong(where, absl::StrCat("at most ", kMaxSinks));
  }
  for (const auto& sink : sinks) {
    RETURN_IF_ERROR(CheckName(where, sink.name(), names));
    for (const std::string& site : sink.sites()) {
      if (IsName(site)) continue;
      return Wrong(absl::StrCat(where, ", ", sink.name()),
                   absl::StrCat("sites: '", site, "' is no site of a sensor"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CompleteEvents(v1::EventsConfig& config) {
  std::set<std::string> names;
  RETURN_IF_ERROR(CheckSinks("events.webhooks", config.webhooks(), names));
  for (v1::WebhookConfig& webhook : *config.mutable_webhooks()) {
    RETURN_IF_ERROR(CompleteWebhook(webhook));
  }
  RETURN_IF_ERROR(CheckSinks("events.cdr_files", config.cdr_files(), names));
  for (v1::CdrFilesConfig& files : *config.mutable_cdr_files()) {
    RETURN_IF_ERROR(CompleteCdrFiles(files));
  }
  RETURN_IF_ERROR(CheckSinks("events.hep", config.hep(), names));
  for (v1::HepConfig& hep : *config.mutable_hep()) {
    RETURN_IF_ERROR(CompleteHep(hep));
  }
  RETURN_IF_ERROR(CheckSinks("events.syslog", config.syslog(), names));
  for (v1::SyslogConfig& syslog : *config.mutable_syslog()) {
    RETURN_IF_ERROR(CompleteSyslog(syslog));
  }
  ASSIGN_OR_RETURN(
      const uint32_t hours,
      InRange("events.keep_hours", config.keep_hours(), 72, {1, 8760}));
  config.set_keep_hours(hours);
  ASSIGN_OR_RETURN(const uint32_t events,
                   InRange("events.keep_events", config.keep_events(),
                           1'000'000, {1000, 100'000'000}));
  config.set_keep_events(events);
  if (config.min_whole_percent() > 100) {
    return Wrong("events.min_whole_percent", "must be from 0 to 100");
  }
  return absl::OkStatus();
}

absl::Status CheckEventFiles(const v1::EventsConfig& config) {
  for (const v1::WebhookConfig& webhook : config.webhooks()) {
    RETURN_IF_ERROR(ReadWebhookSecret(webhook.secret_file()).status());
    if (!webhook.ca().empty()) {
      RETURN_IF_ERROR(pki::ReadPemFile(webhook.ca()).status());
    }
  }
  for (const v1::CdrFilesConfig& files : config.cdr_files()) {
    RETURN_IF_ERROR(CheckFolder(files.folder()));
  }
  for (const std::string& warning : EventWarnings(config)) {
    spdlog::warn("{}", warning);
  }
  return absl::OkStatus();
}

std::vector<std::string> EventWarnings(const v1::EventsConfig& config) {
  std::vector<std::string> warnings;
  for (const v1::WebhookConfig& webhook : config.webhooks()) {
    const std::string where =
        absl::StrCat("events.webhooks, ", webhook.name(), ": ");
    if (IsInClear(webhook.url()) &&
        !IsThisMachine(AuthorityOf(webhook.url()))) {
      warnings.push_back(absl::StrCat(
          where,
          "url: by http:// who called whom goes in clear: use https://"));
    }
    const std::string& secret = webhook.secret_file();
    std::error_code unknown;
    const auto mode = std::filesystem::status(secret, unknown).permissions();
    if (!unknown && (mode & std::filesystem::perms::others_all) !=
                        std::filesystem::perms::none) {
      warnings.push_back(absl::StrCat(
          where, "everyone on this machine can use ", secret,
          " (secret_file), and with it sign events: chmod o= ", secret));
    }
  }
  return warnings;
}

}  // namespace callbraid::collector
