#include "collector/events/events_config.h"

#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

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
      {"'over'", [](auto& c) { c.mutable_webhooks(0)->add_events("over"); }},
      {"parallel", [](auto& c) { c.mutable_webhooks(0)->set_parallel(65); }},
      {"keep_hours", [](auto& c) { c.set_keep_hours(9000); }},
      {"keep_events", [](auto& c) { c.set_keep_events(5); }},
  };
  for (const auto& [word, change] : cases) {
    v1::EventsConfig config = Sound();
    change(config);
    const absl::Status status = CompleteEvents(config);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << word;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(word));
  }
}

}  // namespace
}  // namespace callbraid::collector
