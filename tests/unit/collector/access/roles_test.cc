#include "collector/access/roles.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "callbraid/v1/access.pb.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "callbraid/v1/query.pb.h"
#include "callbraid/v1/uplink.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using google::protobuf::MethodDescriptor;

// Sensors' own, which are not for users; and what is before one is known.
bool HasNoRole(const MethodDescriptor& method) {
  const std::string& service = method.service()->name();
  return service == "UplinkService" || service == "EnrolmentService" ||
         service == "LoginService";
}

// Every RPC in proto/, whether or not something links it.
class Api {
 public:
  Api() {
    std::ifstream file(CALLBRAID_API, std::ios::binary);
    google::protobuf::FileDescriptorSet files;
    EXPECT_TRUE(files.ParseFromIstream(&file));
    for (const auto& proto : files.file()) {
      const auto* built = pool_.BuildFile(proto);
      if (built == nullptr) {
        ADD_FAILURE() << proto.name();
        continue;
      }
      for (int i = 0; i < built->service_count(); ++i) {
        for (int j = 0; j < built->service(i)->method_count(); ++j) {
          methods_.push_back(built->service(i)->method(j));
        }
      }
    }
  }
  const std::vector<const MethodDescriptor*>& methods() const {
    return methods_;
  }

 private:
  google::protobuf::DescriptorPool pool_;
  std::vector<const MethodDescriptor*> methods_;
};

TEST(Roles, EveryRpcButThoseOfSensorsHasALeastRole) {
  const Api api;
  std::set<std::string> requests;
  EXPECT_GE(api.methods().size(), 13u);
  for (const MethodDescriptor* method : api.methods()) {
    const auto right = RightFor(method->full_name());
    EXPECT_EQ(right.has_value(), !HasNoRole(*method))
        << method->full_name() << " is not in the table of roles.cc";
    if (!right) continue;
    EXPECT_EQ(Word(right->least).empty(),
              method->name() == "WhoAmI" ||
                  method->name() == "ChangePassword" ||
                  method->name() == "LogOut")
        << method->full_name();
    // The table is asked by the request: each must be of one RPC.
    EXPECT_TRUE(requests.insert(method->input_type()->full_name()).second)
        << method->input_type()->full_name() << " is of two RPCs";
  }
}

TEST(Roles, TheRequestTellsTheRpc) {
  const Api api;
  for (const MethodDescriptor* method : api.methods()) {
    if (HasNoRole(*method)) continue;
    const auto* request =
        google::protobuf::DescriptorPool::generated_pool()
            ->FindMessageTypeByName(method->input_type()->full_name());
    ASSERT_NE(request, nullptr);
    const auto right = RightFor(*request);
    ASSERT_TRUE(right.has_value()) << method->full_name();
    EXPECT_EQ(right->method, method->full_name());
  }
  EXPECT_FALSE(RightFor(*v1::ConnectRequest::descriptor()).has_value());
  EXPECT_FALSE(RightFor(*v1::ListCallsResponse::descriptor()).has_value());
}

TEST(Roles, EachIncludesWhatItShould) {
  const auto may = [](v1::Role has) {
    std::string roles;
    for (const v1::Role least :
         {v1::ROLE_GUEST, v1::ROLE_VIEWER, v1::ROLE_OPERATOR, v1::ROLE_AUDITOR,
          v1::ROLE_ADMIN}) {
      if (Suffices(has, least)) roles += Word(least) + " ";
    }
    return roles;
  };
  EXPECT_EQ(may(v1::ROLE_GUEST), "guest ");
  EXPECT_EQ(may(v1::ROLE_VIEWER), "guest viewer ");
  EXPECT_EQ(may(v1::ROLE_OPERATOR), "guest viewer operator ");
  EXPECT_EQ(may(v1::ROLE_AUDITOR), "auditor ");
  EXPECT_EQ(may(v1::ROLE_ADMIN), "guest viewer operator auditor admin ");
  EXPECT_EQ(may(v1::ROLE_UNSPECIFIED), "");
  EXPECT_EQ(may(static_cast<v1::Role>(99)), "");
  // Any role will do, but there must be one.
  EXPECT_TRUE(Suffices(v1::ROLE_AUDITOR, v1::ROLE_UNSPECIFIED));
  EXPECT_FALSE(Suffices(v1::ROLE_UNSPECIFIED, v1::ROLE_UNSPECIFIED));
}

TEST(Roles, HaveWords) {
  EXPECT_EQ(ParseRole("operator"), v1::ROLE_OPERATOR);
  EXPECT_EQ(ParseRole(""), std::nullopt);
  EXPECT_EQ(ParseRole("root"), std::nullopt);
}

}  // namespace
}  // namespace callbraid::collector
