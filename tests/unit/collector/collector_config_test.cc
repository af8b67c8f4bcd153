#include "collector/collector_config.h"

#include <string>

#include "collector/listen_failure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::HasSubstr;

v1::CollectorConfig Minimal() {
  v1::CollectorConfig config;
  config.set_data("/var/lib/callbraid");
  config.set_listen("0.0.0.0:4700");
  return config;
}

std::string Refusal(const v1::CollectorConfig& config) {
  const auto complete = Complete(config);
  EXPECT_EQ(complete.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(complete.status().message());
}

TEST(CollectorConfig, HasTheDefaultsOfItsComments) {
  const auto config = Complete(Minimal());
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->ingest().max_sensors(), 1000u);
  EXPECT_EQ(config->ingest().commit_ms(), 50u);
  EXPECT_EQ(config->ingest().window_mib(), 8u);
  EXPECT_EQ(config->correlate().silence_s(), 120u);
  EXPECT_EQ(config->correlate().clock_tolerance_ms(), 3000u);
  EXPECT_EQ(config->correlate().max_observations(), 400'000u);
  EXPECT_EQ(config->access().audit_days(), 730u);
  EXPECT_EQ(config->access().audit_entries(), 1'000'000u);
  EXPECT_EQ(config->access().bad_tokens_per_minute(), 10u);
}

TEST(CollectorConfig, NamesWhatIsMissing) {
  v1::CollectorConfig config = Minimal();
  config.clear_data();
  EXPECT_THAT(Refusal(config), HasSubstr("--data DIR"));
  config = Minimal();
  config.clear_listen();
  EXPECT_THAT(Refusal(config), HasSubstr("--listen HOST:PORT"));
}

TEST(CollectorConfig, RefusesAnAddressThatIsNone) {
  for (const char* listen : {"4700", ":4700", "host:", "host:70000", "a:b"}) {
    v1::CollectorConfig config = Minimal();
    config.set_listen(listen);
    EXPECT_THAT(Refusal(config), HasSubstr(listen));
  }
  for (const char* listen : {"[::]:4700", "localhost:0"}) {
    v1::CollectorConfig config = Minimal();
    config.set_listen(listen);
    EXPECT_TRUE(Complete(config).ok()) << listen;
  }
}

TEST(CollectorConfig, RefusesValuesOutOfRange) {
  v1::CollectorConfig config = Minimal();
  config.mutable_ingest()->set_commit_ms(60'000);
  EXPECT_THAT(Refusal(config), HasSubstr("ingest.commit_ms: 60000"));
}

TEST(ExplainListenFailure, SaysWhatIsInTheWay) {
  // Of TEST-NET-1 (RFC 5737): never an address of this machine.
  const absl::Status status = ExplainListenFailure("192.0.2.1:4700");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no interface of this machine has this address"));
}

TEST(CollectorConfig, TakesWhoMayLearnPressedKeysFromOneSetting) {
  const auto with = [](const char* role) {
    v1::CollectorConfig config = Minimal();
    config.mutable_access()->set_pressed_keys_from(role);
    v1::HepConfig* hep = config.mutable_events()->add_hep();
    hep->set_name("homer");
    hep->set_server("127.0.0.1:9060");
    return Complete(config);
  };
  EXPECT_EQ(with("")->access().pressed_keys_from(), "viewer");
  EXPECT_FALSE(with("")->events().hep(0).mask_keys());
  EXPECT_TRUE(with("operator")->events().hep(0).mask_keys());
  EXPECT_TRUE(with("nobody")->events().hep(0).mask_keys());
  EXPECT_THAT(std::string(with("auditor").status().message()),
              HasSubstr("access.pressed_keys_from 'auditor'"));
}

TEST(CollectorConfig, RefusesClientsThatMakeNoSense) {
  const auto with = [](const char* name, const char* role) {
    v1::CollectorConfig config = Minimal();
    v1::AccessClient* client = config.mutable_access()->add_clients();
    client->set_name(name);
    client->set_role(role);
    return config;
  };
  EXPECT_TRUE(Complete(with("ann", "viewer")).ok());
  EXPECT_THAT(Refusal(with("", "viewer")), HasSubstr("needs a name"));
  EXPECT_THAT(Refusal(with("ann", "")), HasSubstr("access.clients, ann: role"));
  EXPECT_THAT(Refusal(with("ann", "root")), HasSubstr("viewer, operator"));
  v1::CollectorConfig config = with("ann", "viewer");
  *config.mutable_access()->add_clients() = config.access().clients(0);
  EXPECT_THAT(Refusal(config), HasSubstr("there twice"));
  config = with("ann", "admin");
  config.mutable_access()->mutable_clients(0)->add_sites("berlin");
  EXPECT_THAT(Refusal(config), HasSubstr("only viewers and operators"));
  config = with("ann", "viewer");
  config.mutable_access()->mutable_clients(0)->add_numbers("");
  EXPECT_THAT(Refusal(config), HasSubstr("numbers"));
}

}  // namespace
}  // namespace callbraid::collector
