// Who may be a sensor: enroll, revoke, allow.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class EnrollCommand final : public Command {
 public:
  EnrollCommand()
      : Command(
            {"sensors enroll",
             {"ID"},
             "a token with which a sensor gets its certificate, once",
             "When it is used it binds the sensor to a site, and to capture "
             "points if any\nare given; until then everything stays as it "
             "is. Prints\nthe token alone, so that it can go into a "
             "file:\n(umask 077; callbraid sensors enroll s1 --site berlin "
             "> s1.token)\nThen on the sensor's host:\ncallbraid-sensor "
             "enroll --collector HOST:PORT --token-file s1.token --out "
             "DIR\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.Value("site", "SITE", "whose private addresses it sees; required",
                [this](const std::string& value) {
                  request_.set_site(value);
                  return absl::OkStatus();
                });
    flags.Value("capture-point", "NAME",
                "the sensor may have this one; may be given again; default any",
                [this](const std::string& value) {
                  request_.add_capture_points(value);
                  return absl::OkStatus();
                });
    flags.Value("valid", "TIME", "use the token within 30m, 1h, 2d; default 1h",
                [this](const std::string& value) { return SetValid(value); });
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    if (request_.site().empty()) {
      return absl::InvalidArgumentError(
          "at which site? Give --site SITE, the name in the sensor's settings");
    }
    request_.set_id(arguments[0]);
    ASSIGN_OR_RETURN(const v1::EnrollSensorResponse response,
                     session.collector.EnrollSensor(request_));
    if (session.json) {
      session.out << ToJson(response) << '\n';
      return absl::OkStatus();
    }
    session.out << response.token() << '\n';
    session.err << "token for sensor " << request_.id() << ", site "
                << request_.site() << ", to be used once, until "
                << DateAndTime(ToTime(response.expire_time()), session.zone)
                << "; it is not shown again\n";
    return absl::OkStatus();
  }

 private:
  absl::Status SetValid(std::string value) {
    // Days are no unit of Abseil's.
    int64_t factor = 1;
    if (!value.empty() && value.back() == 'd') {
      value.back() = 'h';
      factor = 24;
    }
    absl::Duration duration;
    const bool is_time = absl::ParseDuration(value, &duration);
    duration *= factor;
    if (!is_time || duration < absl::Seconds(1) ||
        duration > absl::Hours(24 * 30)) {
      return absl::InvalidArgumentError(
          "--valid wants a time like 30m, 1h or 2d, at most 30d");
    }
    request_.set_valid_seconds(
        static_cast<uint32_t>(absl::ToInt64Seconds(duration)));
    return absl::OkStatus();
  }

  v1::EnrollSensorRequest request_;
};

class RevokeCommand final : public Command {
 public:
  RevokeCommand()
      : Command(
            {"sensors revoke",
             {"ID"},
             "refuses a sensor, whatever its certificate, at once",
             "Its stream ends, and it gets no new certificate. What it sent "
             "before stays.\n`sensors allow` takes it back; `sensors "
             "enroll` gives a new certificate and makes\nthose from before "
             "void.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.Switch("unknown", "also one that never connected", unknown_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    v1::RevokeSensorRequest request;
    request.set_id(arguments[0]);
    request.set_unknown(unknown_);
    ASSIGN_OR_RETURN(const v1::RevokeSensorResponse response,
                     session.collector.RevokeSensor(request));
    if (session.json) {
      session.out << ToJson(response.trust()) << '\n';
    } else {
      session.err << "sensor " << arguments[0] << " is revoked\n";
    }
    return absl::OkStatus();
  }

 private:
  bool unknown_ = false;
};

class AllowCommand final : public Command {
 public:
  AllowCommand()
      : Command({"sensors allow",
                 {"ID"},
                 "takes the revocation of a sensor back",
                 ""}) {}

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    v1::AllowSensorRequest request;
    request.set_id(arguments[0]);
    ASSIGN_OR_RETURN(const v1::AllowSensorResponse response,
                     session.collector.AllowSensor(request));
    if (session.json) {
      session.out << ToJson(response.trust()) << '\n';
    } else {
      session.err << "sensor " << arguments[0] << " may connect again\n";
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> SensorsEnroll() {
  return std::make_unique<EnrollCommand>();
}
std::unique_ptr<Command> SensorsRevoke() {
  return std::make_unique<RevokeCommand>();
}
std::unique_ptr<Command> SensorsAllow() {
  return std::make_unique<AllowCommand>();
}

}  // namespace callbraid::cli
