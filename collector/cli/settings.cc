#include "collector/cli/settings.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/load_config.h"

namespace callbraid::cli {
namespace {

constexpr char kDefaultCollector[] = "127.0.0.1:4700";
constexpr std::streamsize kMaxTokenBytes = 4096;

std::string Variable(const Environment& environment, const char* name) {
  const char* const value = environment(name);
  return value == nullptr ? "" : value;
}

// Where the file is if no flag names one; "" if there is none.
std::string UsersFile(const Environment& environment) {
  std::string folder = Variable(environment, "XDG_CONFIG_HOME");
  if (folder.empty()) {
    const std::string home = Variable(environment, "HOME");
    if (home.empty()) return "";
    folder = absl::StrCat(home, "/.config");
  }
  std::string file = absl::StrCat(folder, "/callbraid/client.yaml");
  return access(file.c_str(), F_OK) == 0 ? file : "";
}

absl::StatusOr<bool> Truth(const char* name, const std::string& value) {
  const std::string word = absl::AsciiStrToLower(value);
  if (word == "1" || word == "true" || word == "yes") return true;
  if (word.empty() || word == "0" || word == "false" || word == "no") {
    return false;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(name, "='", value, "' is not one of 1, true, 0, false"));
}

// What one source says; empty where it says nothing.
struct Source {
  std::string collector;
  bool insecure = false;
  std::string token_file;
  v1::TlsConfig tls;
};

// Plaintext here overrides TLS of a weaker source, and the other way round;
// both in one source is a contradiction that ClientCredentials() refuses.
void Override(v1::ClientConfig& settings, const Source& source) {
  if (!source.collector.empty()) settings.set_collector(source.collector);
  if (!source.token_file.empty()) settings.set_token_file(source.token_file);
  const bool tls = !source.tls.ca().empty() || !source.tls.cert().empty() ||
                   !source.tls.key().empty();
  if (source.insecure) settings.clear_tls();
  if (source.insecure || tls) settings.set_insecure(source.insecure);
  // Merging leaves alone what is empty in `source`.
  settings.mutable_tls()->MergeFrom(source.tls);
}

}  // namespace

void ConnectionFlags::AddTo(Flags& flags) {
  flags.String("collector", "HOST:PORT",
               "the collector; default 127.0.0.1:4700", collector);
  flags.Switch("insecure", "plaintext, without any check of the other side",
               insecure);
  flags.String("tls-ca", "FILE", "authorities of the collector's certificate",
               ca);
  flags.String("tls-cert", "FILE", "our certificate", cert);
  flags.String("tls-key", "FILE", "its private key", key);
  flags.String("tls-server-name", "NAME",
               "name in the collector's certificate, if not HOST", server_name);
  flags.String("token-file", "FILE",
               "holds an API token, in place of a certificate", token_file);
  flags.String("config", "FILE",
               "settings; default ~/.config/callbraid/client.yaml", config);
}

absl::StatusOr<v1::ClientConfig> Settings(const ConnectionFlags& flags,
                                          const Environment& environment) {
  v1::ClientConfig settings;
  const std::string file =
      flags.config.empty() ? UsersFile(environment) : flags.config;
  if (!file.empty()) {
    if (absl::Status status = LoadConfig(file, settings); !status.ok()) {
      return absl::InvalidArgumentError(status.message());
    }
  }

  const auto variable = [&environment](const char* name) {
    return Variable(environment, name);
  };
  Source variables;
  variables.collector = variable("CALLBRAID_COLLECTOR");
  ASSIGN_OR_RETURN(variables.insecure,
                   Truth("CALLBRAID_INSECURE", variable("CALLBRAID_INSECURE")));
  variables.token_file = variable("CALLBRAID_TOKEN_FILE");
  variables.tls.set_ca(variable("CALLBRAID_TLS_CA"));
  variables.tls.set_cert(variable("CALLBRAID_TLS_CERT"));
  variables.tls.set_key(variable("CALLBRAID_TLS_KEY"));
  variables.tls.set_server_name(variable("CALLBRAID_TLS_SERVER_NAME"));
  Override(settings, variables);

  Source given;
  given.collector = flags.collector;
  given.insecure = flags.insecure;
  given.token_file = flags.token_file;
  given.tls.set_ca(flags.ca);
  given.tls.set_cert(flags.cert);
  given.tls.set_key(flags.key);
  given.tls.set_server_name(flags.server_name);
  Override(settings, given);

  if (settings.collector().empty()) settings.set_collector(kDefaultCollector);
  return settings;
}

absl::StatusOr<std::string> ReadToken(const ConnectionFlags& flags,
                                      const Environment& environment,
                                      const v1::ClientConfig& settings) {
  std::string token;
  std::string from = "CALLBRAID_TOKEN";
  if (flags.token_file.empty()) token = Variable(environment, from.c_str());
  if (token.empty()) {
    from = settings.token_file();
    if (from.empty()) return std::string();
    std::ifstream file(from);
    token.assign(kMaxTokenBytes, '\0');
    file.read(token.data(), kMaxTokenBytes);
    if (file.bad() || !file.is_open()) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot read the token file ", from));
    }
    token.resize(static_cast<size_t>(file.gcount()));
  }
  absl::StripAsciiWhitespace(&token);
  // It becomes a header: nothing that would make two of it.
  if (token.empty() || !std::all_of(token.begin(), token.end(), [](char c) {
        return c > ' ' && c <= '~';
      })) {
    return absl::InvalidArgumentError(absl::StrCat(from, " holds no token"));
  }
  return token;
}

}  // namespace callbraid::cli
