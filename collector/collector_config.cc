#include "collector/collector_config.h"

#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "collector/access/roles.h"
#include "collector/events/events_config.h"
#include "collector/retention/retention_policy.h"
#include "collector/store/scope.h"
#include "common/base/status_macros.h"
#include "common/config/in_range.h"

namespace callbraid::collector {
namespace {

// `flag` is the flag that gives it.
absl::Status CheckListen(const char* flag, const std::string& listen) {
  const size_t colon = listen.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port > 0xffff) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " '", listen,
                     "' is not HOST:PORT; write 0.0.0.0:4700, [::]:4700 or "
                     "127.0.0.1:0 (any free port)"));
  }
  return absl::OkStatus();
}

absl::Status CheckClient(const v1::AccessClient& client) {
  if (client.name().empty() || client.name().size() > 64) {
    return absl::InvalidArgumentError(
        "access.clients: each needs a name, the one in its certificate");
  }
  const std::string who = absl::StrCat("access.clients, ", client.name(), ": ");
  const auto role = ParseRole(client.role());
  if (!role) {
    return absl::InvalidArgumentError(
        absl::StrCat(who, "role '", client.role(),
                     "' is none of viewer, operator, auditor, admin"));
  }
  v1::Scope scope;
  *scope.mutable_sites() = client.sites();
  *scope.mutable_numbers() = client.numbers();
  const auto parsed = Scope::Parse(scope);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(who, parsed.status().message()));
  }
  if (!parsed->all() && *role != v1::ROLE_VIEWER &&
      *role != v1::ROLE_OPERATOR) {
    return absl::InvalidArgumentError(
        absl::StrCat(who, "only viewers and operators have sites and numbers"));
  }
  return absl::OkStatus();
}

absl::Status CompletePressedKeys(v1::AccessConfig& access) {
  if (access.pressed_keys_from().empty())
    access.set_pressed_keys_from("viewer");
  const std::string& from = access.pressed_keys_from();
  if (from == "viewer" || from == "operator" || from == "admin" ||
      from == "nobody") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("access.pressed_keys_from '", from,
                   "' is none of viewer, operator, admin, nobody"));
}

absl::Status CompleteAccess(v1::AccessConfig& access) {
  std::set<std::string> names;
  for (const v1::AccessClient& client : access.clients()) {
    RETURN_IF_ERROR(CheckClient(client));
    if (!names.insert(client.name()).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "access.clients: ", client.name(), " is there twice; keep one"));
    }
  }
  ASSIGN_OR_RETURN(
      const uint32_t audit_days,
      InRange("access.audit_days", access.audit_days(), 730, {1, 36'500}));
  access.set_audit_days(audit_days);
  ASSIGN_OR_RETURN(const uint32_t audit_entries,
                   InRange("access.audit_entries", access.audit_entries(),
                           1'000'000, {1000, 1'000'000'000}));
  access.set_audit_entries(audit_entries);
  ASSIGN_OR_RETURN(const uint32_t bad_tokens,
                   InRange("access.bad_tokens_per_minute",
                           access.bad_tokens_per_minute(), 10, {1, 100'000}));
  access.set_bad_tokens_per_minute(bad_tokens);
  return CompletePressedKeys(access);
}

absl::Status CompleteEnroll(v1::CollectorConfig& config) {
  v1::EnrollConfig& enroll = *config.mutable_enroll();
  if (enroll.ca_cert().empty() != enroll.ca_key().empty()) {
    return absl::InvalidArgumentError(
        "enroll: ca_cert and ca_key go together; give both, or none for no "
        "enrolment");
  }
  if (!enroll.ca_cert().empty() && config.insecure()) {
    return absl::InvalidArgumentError(
        "enroll: plaintext (insecure) has no certificates; drop one of them");
  }
  ASSIGN_OR_RETURN(
      const uint32_t valid_days,
      InRange("enroll.valid_days", enroll.valid_days(), 90, {1, 3653}));
  enroll.set_valid_days(valid_days);
  return absl::OkStatus();
}

absl::Status CompleteWeb(v1::WebConfig& web) {
  if (web.listen().empty()) {
    if (web.cert().empty() && web.ui().empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "web: there is no web server without an address; give --web-listen "
        "HOST:PORT (web.listen)");
  }
  RETURN_IF_ERROR(CheckListen("--web-listen", web.listen()));
  if (web.cert().empty() != web.key().empty()) {
    return absl::InvalidArgumentError(
        "web: cert and key go together; give both, or none for those of tls");
  }
  if (!web.cert().empty() && web.insecure()) {
    return absl::InvalidArgumentError(
        "web: plaintext (insecure) has no certificate; drop one of them");
  }
  ASSIGN_OR_RETURN(
      const uint32_t session_hours,
      InRange("web.session_hours", web.session_hours(), 12, {1, 8760}));
  web.set_session_hours(session_hours);
  ASSIGN_OR_RETURN(const uint32_t connections,
                   InRange("web.max_connections", web.max_connections(), 4096,
                           {16, 65'536}));
  web.set_max_connections(connections);
  ASSIGN_OR_RETURN(
      const uint32_t of_address,
      InRange("web.max_connections_per_address",
              web.max_connections_per_address(), 256, {4, 65'536}));
  web.set_max_connections_per_address(of_address);
  return absl::OkStatus();
}

absl::Status CompleteIngestLimits(v1::IngestConfig& ingest) {
  ASSIGN_OR_RETURN(const uint32_t grace,
                   InRange("ingest.expiry_grace_s", ingest.expiry_grace_s(),
                           600, {1, 31'536'000}));
  ingest.set_expiry_grace_s(grace);
  ASSIGN_OR_RETURN(const uint32_t mib,
                   InRange("ingest.max_mib_per_second",
                           ingest.max_mib_per_second(), 64, {1, 100'000}));
  ingest.set_max_mib_per_second(mib);
  ASSIGN_OR_RETURN(
      const uint32_t frames,
      InRange("ingest.max_frames_per_second", ingest.max_frames_per_second(),
              50'000, {100, 100'000'000}));
  ingest.set_max_frames_per_second(frames);
  ASSIGN_OR_RETURN(const uint32_t observations,
                   InRange("ingest.max_observations_per_minute",
                           ingest.max_observations_per_minute(), 60'000,
                           {60, 1'000'000'000}));
  ingest.set_max_observations_per_minute(observations);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::CollectorConfig> Complete(v1::CollectorConfig config) {
  if (config.data().empty()) {
    return absl::InvalidArgumentError(
        "no folder for the store; give --data DIR (data)");
  }
  if (config.listen().empty()) {
    return absl::InvalidArgumentError(
        "no address to listen on; give --listen HOST:PORT (listen), such as "
        "0.0.0.0:4700");
  }
  RETURN_IF_ERROR(CheckListen("--listen", config.listen()));

  v1::IngestConfig& ingest = *config.mutable_ingest();
  ASSIGN_OR_RETURN(
      const uint32_t max_sensors,
      InRange("ingest.max_sensors", ingest.max_sensors(), 1000, {1, 100'000}));
  ingest.set_max_sensors(max_sensors);
  ASSIGN_OR_RETURN(
      const uint32_t commit_ms,
      InRange("ingest.commit_ms", ingest.commit_ms(), 50, {1, 10'000}));
  ingest.set_commit_ms(commit_ms);
  ASSIGN_OR_RETURN(
      const uint32_t window_mib,
      InRange("ingest.window_mib", ingest.window_mib(), 8, {1, 1024}));
  ingest.set_window_mib(window_mib);
  RETURN_IF_ERROR(CompleteIngestLimits(ingest));

  v1::CorrelateConfig& correlate = *config.mutable_correlate();
  ASSIGN_OR_RETURN(
      const uint32_t silence_s,
      InRange("correlate.silence_s", correlate.silence_s(), 120, {5, 86'400}));
  correlate.set_silence_s(silence_s);
  ASSIGN_OR_RETURN(
      const uint32_t clock_tolerance_ms,
      InRange("correlate.clock_tolerance_ms", correlate.clock_tolerance_ms(),
              3000, {1, 3'600'000}));
  correlate.set_clock_tolerance_ms(clock_tolerance_ms);
  ASSIGN_OR_RETURN(
      const uint32_t max_observations,
      InRange("correlate.max_observations", correlate.max_observations(),
              400'000, {1000, 100'000'000}));
  correlate.set_max_observations(max_observations);
  RETURN_IF_ERROR(CompleteAccess(*config.mutable_access()));
  RETURN_IF_ERROR(CompleteEnroll(config));
  RETURN_IF_ERROR(CompleteWeb(*config.mutable_web()));
  RETURN_IF_ERROR(CompleteEvents(*config.mutable_events()));
  for (v1::HepConfig& hep : *config.mutable_events()->mutable_hep()) {
    if (config.access().pressed_keys_from() != "viewer") {
      hep.set_mask_keys(true);
    }
  }
  RETURN_IF_ERROR(CompleteRetention(*config.mutable_retention()));
  return config;
}

}  // namespace callbraid::collector
