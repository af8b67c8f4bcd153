#include "collector/access/roles.h"

#include <map>

#include "callbraid/v1/completeness.pb.h"
#include "callbraid/v1/query.pb.h"
#include "callbraid/v1/sensor.pb.h"

namespace callbraid::collector {
namespace {

constexpr bool kReadsMedia = true;

// Every RPC but those of sensors (UplinkService and EnrolmentService, by their
// own certificates and tokens), LoginService, health and reflection (open to
// whoever can connect). One that is missing here is refused, and fails a test.
constexpr struct {
  const char* method;
  v1::Role least;
  bool reads_media = false;
} kTable[] = {
    {"callbraid.v1.CallService.ListCalls", v1::ROLE_VIEWER},
    {"callbraid.v1.CallService.GetCall", v1::ROLE_GUEST},
    {"callbraid.v1.CallService.CountCalls", v1::ROLE_VIEWER},
    {"callbraid.v1.CallService.WatchCalls", v1::ROLE_VIEWER},
    {"callbraid.v1.CallService.GetSignalling", v1::ROLE_VIEWER},
    {"callbraid.v1.CallService.GetAudio", v1::ROLE_GUEST, kReadsMedia},
    {"callbraid.v1.CallService.GetPackets", v1::ROLE_VIEWER},
    {"callbraid.v1.CallService.GetFax", v1::ROLE_GUEST, kReadsMedia},
    {"callbraid.v1.CallService.GetTimeline", v1::ROLE_GUEST, kReadsMedia},
    {"callbraid.v1.CallService.GetQuality", v1::ROLE_GUEST, kReadsMedia},
    {"callbraid.v1.CallService.ListenToCall", v1::ROLE_VIEWER},
    {"callbraid.v1.CallService.AnnotateCall", v1::ROLE_VIEWER},
    {"callbraid.v1.CallService.HoldCall", v1::ROLE_ADMIN},
    {"callbraid.v1.CallService.ReleaseCall", v1::ROLE_ADMIN},
    {"callbraid.v1.CallService.DeleteCall", v1::ROLE_ADMIN},
    {"callbraid.v1.CallService.GetRetention", v1::ROLE_OPERATOR},
    {"callbraid.v1.SensorService.ListSensors", v1::ROLE_OPERATOR},
    {"callbraid.v1.SensorService.Diagnose", v1::ROLE_OPERATOR},
    {"callbraid.v1.SensorService.ListPhones", v1::ROLE_OPERATOR},
    {"callbraid.v1.SensorService.EnrollSensor", v1::ROLE_ADMIN},
    {"callbraid.v1.SensorService.RevokeSensor", v1::ROLE_ADMIN},
    {"callbraid.v1.SensorService.AllowSensor", v1::ROLE_ADMIN},
    // Whoever has a role.
    {"callbraid.v1.AccessService.WhoAmI", v1::ROLE_UNSPECIFIED},
    {"callbraid.v1.AccessService.CreateToken", v1::ROLE_ADMIN},
    {"callbraid.v1.AccessService.ShareCall", v1::ROLE_OPERATOR},
    {"callbraid.v1.AccessService.ListTokens", v1::ROLE_ADMIN},
    {"callbraid.v1.AccessService.RevokeToken", v1::ROLE_ADMIN},
    {"callbraid.v1.AccessService.SetUser", v1::ROLE_ADMIN},
    {"callbraid.v1.AccessService.ListUsers", v1::ROLE_ADMIN},
    {"callbraid.v1.AccessService.RemoveUser", v1::ROLE_ADMIN},
    {"callbraid.v1.AccessService.ChangePassword", v1::ROLE_UNSPECIFIED},
    {"callbraid.v1.AccessService.LogOut", v1::ROLE_UNSPECIFIED},
    {"callbraid.v1.AccessService.ListAudit", v1::ROLE_AUDITOR},
    {"callbraid.v1.CompletenessService.GetCompleteness", v1::ROLE_VIEWER},
    {"callbraid.v1.CompletenessService.ReconcileCalls", v1::ROLE_VIEWER},
};

// By the name of the request: each RPC has one of its own.
std::map<std::string, Right> ByRequest() {
  std::map<std::string, Right> rights;
  for (const auto* file : {v1::ListCallsRequest::descriptor()->file(),
                           v1::ListSensorsRequest::descriptor()->file(),
                           v1::ListTokensRequest::descriptor()->file(),
                           v1::ReconcileCallsRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto& service = *file->service(i);
      for (int j = 0; j < service.method_count(); ++j) {
        const auto right = RightFor(service.method(j)->full_name());
        if (right)
          rights[service.method(j)->input_type()->full_name()] = *right;
      }
    }
  }
  return rights;
}

}  // namespace

std::optional<Right> RightFor(const google::protobuf::Descriptor& request) {
  static const auto& rights = *new std::map<std::string, Right>(ByRequest());
  const auto found = rights.find(request.full_name());
  if (found == rights.end()) return std::nullopt;
  return found->second;
}

std::optional<Right> RightFor(const std::string& method) {
  for (const auto& [name, least, reads_media] : kTable) {
    if (method == name) return Right{method, least, reads_media};
  }
  return std::nullopt;
}

bool Suffices(v1::Role has, v1::Role least) {
  if (Word(has).empty()) return false;
  if (has == v1::ROLE_ADMIN) return true;
  switch (least) {
    case v1::ROLE_UNSPECIFIED:
      return true;
    case v1::ROLE_GUEST:
      return has == v1::ROLE_GUEST || has == v1::ROLE_VIEWER ||
             has == v1::ROLE_OPERATOR;
    case v1::ROLE_VIEWER:
      return has == v1::ROLE_VIEWER || has == v1::ROLE_OPERATOR;
    case v1::ROLE_OPERATOR:
    case v1::ROLE_AUDITOR:
      return has == least;
    default:
      return false;
  }
}

std::string Word(v1::Role role) {
  switch (role) {
    case v1::ROLE_VIEWER:
      return "viewer";
    case v1::ROLE_OPERATOR:
      return "operator";
    case v1::ROLE_AUDITOR:
      return "auditor";
    case v1::ROLE_ADMIN:
      return "admin";
    case v1::ROLE_GUEST:
      return "guest";
    default:
      return "";
  }
}

std::optional<v1::Role> ParseRole(const std::string& word) {
  for (const v1::Role role :
       {v1::ROLE_VIEWER, v1::ROLE_OPERATOR, v1::ROLE_AUDITOR, v1::ROLE_ADMIN}) {
    if (word == Word(role)) return role;
  }
  return std::nullopt;
}

}  // namespace callbraid::collector
