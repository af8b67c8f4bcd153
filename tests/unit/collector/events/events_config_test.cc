#include "collector/events/events_config.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

v1::EventsConfig Sound() {
  v1::EventsConfig config;
  v1::WebhookConfig& webhook = *config.add_webhooks();
  webhook.set_name("crm");
  webhook.set_url("https://crm.example/hook?x=1");
  webhook.set_secret_file("/secret");
  webhook.add_events("ended");
  return config;
}

TEST(CompleteEvents, PutsDefaults) {
  v1::EventsConfig config = Sound();
  ASSERT_TRUE(CompleteEvents(config).ok()) << CompleteEvents(config);
  EXPECT_EQ(config.keep_hours(), 72u);
  EXPECT_EQ(config.keep_events(), 1'000'000u);
  EXPECT_EQ(config.webhooks(0).timeout_s(), 10u);
  EXPECT_EQ(config.webhooks(0).parallel(), 8u);
}

TEST(CompleteEvents, SaysWhichSettingIsWrong) {
  using Change = std::function<void(v1::EventsConfig&)>;
  const std::pair<const char*, Change> cases[] = {
      {"name", [](auto& c) { c.mutable_webhooks(0)->set_name(""); }},
      {"name", [](auto& c) { c.mutable_webhooks(0)->set_name("a b"); }},
      {"twice", [](auto& c) { *c.add_webhooks() = c.webhooks(0); }},
      {"url", [](auto& c) { c.mutable_webhooks(0)->set_url("ftp://x/"); }},
      {"url", [](auto& c) { c.mutable_webhooks(0)->set_url("http://"); }},
      {"url", [](auto& c) { c.mutable_webhooks(0)->set_url("http://a b/"); }},
      {"user", [](auto& c) { c.mutable_webhooks(0)->set_url("http://u:p@x"); }},
      {"secret_file",
       [](auto& c) { c.mutable_webhooks(0)->set_secret_file(""); }},
      {"'a b'", [](auto& c) { c.mutable_webhooks(0)->add_sites("a b"); }},
      {"sites", [](auto& c) { c.mutable_webhooks(0)->add_sites(""); }},
      {"ca",
       [](auto& c) {
         c.mutable_webhooks(0)->set_url("http://x/");
         c.mutable_webhooks(0)->set_ca("/ca.pem");
       }},
      {"transport",
       [](auto& c) {
         c.add_syslog()->set_name("siem");
         c.mutable_syslog(0)->set_transport("tcp");
       }},
      {"'over'", [](auto& c) { c.mutable_webhooks(0)->add_events("over"); }},
      {"parallel", [](auto& c) { c.mutable_webhooks(0)->set_parallel(65); }},
      {"keep_hours", [](auto& c) { c.set_keep_hours(9000); }},
      {"keep_events", [](auto& c) { c.set_keep_events(5); }},
      {"alert_began",
       [](auto& c) { c.mutable_webhooks(0)->add_events("alert_began"); }},
      {"min_whole_percent", [](auto& c) { c.set_min_whole_percent(101); }},
  };
  for (const auto& [word, change] : cases) {
    v1::EventsConfig config = Sound();
    change(config);
    const absl::Status status = CompleteEvents(config);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << word;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(word));
  }
}

TEST(CompleteEvents, WhoAsksForAlertsAloneIsToldOfNoCalls) {
  v1::EventsConfig config;
  config.add_syslog()->set_name("siem");
  config.add_syslog()->set_name("noc");
  config.mutable_syslog(1)->set_alerts(true);
  ASSERT_TRUE(CompleteEvents(config).ok()) << CompleteEvents(config);
  EXPECT_EQ(config.syslog(0).events_size(), 1);
  EXPECT_EQ(config.syslog(1).events_size(), 0);
}

TEST(CompleteEvents, TakesWhatItCompleted) {
  v1::EventsConfig config = Sound();
  config.add_syslog()->set_name("siem");
  ASSERT_TRUE(CompleteEvents(config).ok());
  EXPECT_TRUE(CompleteEvents(config).ok()) << CompleteEvents(config);
}

TEST(CheckEventFiles, LooksWhetherAFolderCanBeMadeAndMakesNone) {
  const fakes::TempDir dir;
  v1::EventsConfig config;
  v1::CdrFilesConfig& files = *config.add_cdr_files();
  files.set_folder(dir.path() + "/a/cdr");
  EXPECT_TRUE(CheckEventFiles(config).ok()) << CheckEventFiles(config);
  EXPECT_FALSE(std::filesystem::exists(dir.path() + "/a"));
  std::ofstream(dir.path() + "/a") << "in the way";
  EXPECT_TRUE(absl::IsPermissionDenied(CheckEventFiles(config)));
}

TEST(EventWarnings, TellOfCallsInClearAndOfASecretThatOthersCanRead) {
  const fakes::TempDir dir;
  const std::string secret = dir.path() + "/secret";
  std::ofstream(secret) << "0123456789abcdef";
  std::filesystem::permissions(secret, std::filesystem::perms::owner_all);
  v1::EventsConfig config = Sound();
  v1::WebhookConfig& webhook = *config.mutable_webhooks(0);
  webhook.set_secret_file(secret);
  EXPECT_THAT(EventWarnings(config), testing::IsEmpty());
  webhook.set_url("http://crm.example/");
  EXPECT_THAT(EventWarnings(config),
              testing::ElementsAre(testing::HasSubstr("https://")));
  for (const char* here :
       {"http://127.0.0.1:80/", "http://localhost/", "http://[::1]:80/"}) {
    webhook.set_url(here);
    EXPECT_THAT(EventWarnings(config), testing::IsEmpty()) << here;
  }
  std::filesystem::permissions(secret, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(EventWarnings(config),
              testing::ElementsAre(testing::HasSubstr("chmod o= " + secret)));
}

}  // namespace
}  // namespace callbraid::collector
