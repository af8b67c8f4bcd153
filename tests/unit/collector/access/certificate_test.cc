#include "collector/access/certificate.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

// What gRPC says of a peer.
class FakeAuthContext final : public grpc::AuthContext {
 public:
  FakeAuthContext(bool authenticated,
                  std::multimap<std::string, std::string> properties)
      : authenticated_(authenticated), properties_(std::move(properties)) {}

  bool IsPeerAuthenticated() const override { return authenticated_; }
  std::vector<grpc::string_ref> GetPeerIdentity() const override { return {}; }
  std::string GetPeerIdentityPropertyName() const override { return ""; }
  std::vector<grpc::string_ref> FindPropertyValues(
      const std::string& name) const override {
    std::vector<grpc::string_ref> values;
    const auto [begin, end] = properties_.equal_range(name);
    for (auto at = begin; at != end; ++at) values.emplace_back(at->second);
    return values;
  }
  grpc::AuthPropertyIterator begin() const override { return Nowhere(); }
  grpc::AuthPropertyIterator end() const override { return Nowhere(); }
  void AddProperty(const std::string&, const grpc::string_ref&) override {}
  bool SetPeerIdentityPropertyName(const std::string&) override {
    return false;
  }

 private:
  // Nobody iterates. gRPC lets only itself make an iterator.
  struct Nowhere : grpc::AuthPropertyIterator {};

  const bool authenticated_;
  const std::multimap<std::string, std::string> properties_;
};

using Properties = std::multimap<std::string, std::string>;

Certificate Shown(const Properties& properties) {
  return CertificateOf(FakeAuthContext(true, properties));
}
bool IsAnn(const std::string& name) { return name == "ann"; }

TEST(Certificate, OfASensorNamesItByUri) {
  for (const auto& [name, value] :
       Properties{{"peer_uri", "urn:callbraid:sensor:s1"},
                  {"peer_uri", "spiffe://callbraid/sensor/s1"}}) {
    const Certificate certificate = Shown({{name, value}});
    EXPECT_TRUE(IsSensors(certificate)) << value;
    EXPECT_TRUE(IsForSensor(certificate, "s1")) << value;
    EXPECT_FALSE(IsForSensor(certificate, "s")) << value;
    EXPECT_FALSE(IsForSensor(certificate, "s12")) << value;
    EXPECT_EQ(UserOf(certificate, IsAnn), "") << value;
  }
}

TEST(Certificate, OfACommonNameAloneIsNoSensors) {
  for (const char* name : {"s1", "ann", "bob who was a user"}) {
    EXPECT_FALSE(IsSensors(Shown({{"x509_common_name", name}})));
    EXPECT_FALSE(IsForSensor(Shown({{"x509_common_name", name}}), name));
  }
}

TEST(Certificate, WhoHasNoneIsNobody) {
  for (const Certificate& certificate :
       {Shown({}),
        CertificateOf(FakeAuthContext(false, {{"x509_common_name", "ann"}}))}) {
    EXPECT_TRUE(certificate.none());
    EXPECT_FALSE(IsForSensor(certificate, "ann"));
    EXPECT_FALSE(IsForSensor(certificate, ""));
    EXPECT_FALSE(IsSensors(certificate));
    EXPECT_EQ(UserOf(certificate, IsAnn), "");
  }
  EXPECT_FALSE(
      IsForSensor(Shown({{"peer_uri", "spiffe://else/sensor/s1"}}), "s1"));
  EXPECT_EQ(UserOf(Shown({{"peer_uri", "spiffe://callbraid/user/"}}), IsAnn),
            "");
}

TEST(Certificate, OfAUserIsNoSensors) {
  for (const Properties& properties :
       {Properties{{"x509_common_name", "ann"}},
        Properties{{"peer_uri", "spiffe://callbraid/user/ann"}},
        Properties{{"peer_uri", "spiffe://callbraid/user/ann"},
                   {"x509_common_name", "s1"}}}) {
    EXPECT_EQ(UserOf(Shown(properties), IsAnn), "ann");
    EXPECT_FALSE(IsSensors(Shown(properties)));
    EXPECT_FALSE(IsForSensor(Shown(properties), "ann"));
    EXPECT_FALSE(IsForSensor(Shown(properties), "s1"));
  }
}

TEST(Certificate, OfASensorIsNoUsersWhateverItsCommonName) {
  const Certificate certificate = Shown(
      {{"x509_common_name", "ann"}, {"peer_uri", "urn:callbraid:sensor:s1"}});
  EXPECT_EQ(UserOf(certificate, IsAnn), "");
  EXPECT_TRUE(IsForSensor(certificate, "s1"));
  EXPECT_FALSE(IsForSensor(certificate, "ann"));
}

TEST(Certificate, ThatIsBothIsNeither) {
  const Certificate certificate =
      Shown({{"peer_uri", "spiffe://callbraid/user/ann"},
             {"peer_uri", "spiffe://callbraid/sensor/s1"}});
  EXPECT_EQ(UserOf(certificate, IsAnn), "");
  EXPECT_FALSE(IsForSensor(certificate, "s1"));
}

TEST(Certificate, ThatNamesTwoUsersIsNobodys) {
  EXPECT_EQ(UserOf(Shown({{"peer_uri", "spiffe://callbraid/user/ann"},
                          {"peer_uri", "spiffe://callbraid/user/bob"}}),
                   IsAnn),
            "");
}

}  // namespace
}  // namespace callbraid::collector
