#include "sensor/sensor_config.h"

#include <functional>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

using ::testing::HasSubstr;

v1::SensorConfig Good() {
  v1::SensorConfig config;
  config.set_id("branch-7.a_1");
  config.mutable_capture()->add_files("/tmp/a.pcap");
  config.mutable_spool()->set_dir("/tmp/spool");
  config.mutable_uplink()->set_collector("10.0.0.5:4700");
  return config;
}

// What is said about a configuration that is good but for `change`.
std::string Complaint(const std::function<void(v1::SensorConfig&)>& change) {
  v1::SensorConfig config = Good();
  change(config);
  const absl::Status status = Validate(config);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(SensorConfig, IsGoodWithWhatIsRequired) {
  EXPECT_TRUE(Validate(Good()).ok());
  v1::SensorConfig config = Good();
  SetDefaults(config);
  EXPECT_TRUE(Validate(config).ok());
  EXPECT_EQ(config.site(), "default");
  EXPECT_EQ(config.spool().media_mib(), 4096u);
  EXPECT_EQ(config.media().compression(), "auto");
}

TEST(SensorConfig, RefusesMirrorsThatCannotBeToldApart) {
  const auto with = [](const char* name, const char* sender,
                       std::optional<uint32_t> id) {
    return Complaint([&](auto& c) {
      v1::MirrorConfig& first = *c.mutable_capture()->add_mirrors();
      first.set_name("sw1");
      first.set_id(1);
      v1::MirrorConfig& mirror = *c.mutable_capture()->add_mirrors();
      mirror.set_name(name);
      mirror.set_sender(sender);
      if (id) mirror.set_id(*id);
    });
  };
  EXPECT_THAT(with("sw1", "10.0.0.1", 2), HasSubstr("'sw1' twice"));
  EXPECT_THAT(with("a:b", "10.0.0.1", 2), HasSubstr("use 1 to 32 of"));
  EXPECT_THAT(with("", "10.0.0.1", 2), HasSubstr("use 1 to 32 of"));
  EXPECT_THAT(with("sw2", "switch-2", 2), HasSubstr("use the IP address"));
  EXPECT_THAT(with("sw2", "", std::nullopt), HasSubstr("neither sender nor"));
  EXPECT_THAT(Complaint([](auto& c) {
                for (int i = 0; i < 64; ++i) {
                  auto& mirror = *c.mutable_capture()->add_mirrors();
                  mirror.set_name("m" + std::to_string(i));
                  mirror.set_id(static_cast<uint32_t>(i));
                }
              }),
              HasSubstr("run several sensors"));
}

TEST(SensorConfig, RefusesACompressionThatIsNone) {
  EXPECT_THAT(
      Complaint([](auto& c) { c.mutable_media()->set_compression("gzip"); }),
      testing::AllOf(HasSubstr("media.compression"),
                     HasSubstr("none, fast, best or auto")));
}

TEST(SensorConfig, KeepsMediaOfInterfacesOnly) {
  EXPECT_THAT(
      Complaint([](auto& c) { c.mutable_media()->set_seen_elsewhere("drop"); }),
      HasSubstr("use send or keep"));
  EXPECT_THAT(
      Complaint([](auto& c) { c.mutable_media()->set_seen_elsewhere("keep"); }),
      HasSubstr("which is for interfaces"));
  v1::SensorConfig config = Good();
  config.mutable_media()->set_seen_elsewhere("keep");
  config.mutable_capture()->clear_files();
  config.mutable_capture()->add_interfaces("eth0");
  EXPECT_TRUE(Validate(config).ok());
}

TEST(SensorConfig, KeepsWhatIsSet) {
  v1::SensorConfig config = Good();
  config.set_site("berlin");
  config.mutable_spool()->set_sync_ms(50);
  SetDefaults(config);
  EXPECT_EQ(config.site(), "berlin");
  EXPECT_EQ(config.spool().sync_ms(), 50u);
}

TEST(SensorConfig, NamesTheFlagOfWhatIsMissing) {
  EXPECT_THAT(Complaint([](auto& c) { c.clear_id(); }), HasSubstr("--id"));
  EXPECT_THAT(Complaint([](auto& c) { c.clear_spool(); }),
              HasSubstr("--spool"));
  EXPECT_THAT(Complaint([](auto& c) { c.clear_uplink(); }),
              HasSubstr("--collector"));
  const std::string nothing = Complaint([](auto& c) { c.clear_capture(); });
  EXPECT_THAT(nothing, HasSubstr("--interface"));
  EXPECT_THAT(nothing, HasSubstr("--read"));
}

TEST(SensorConfig, RefusesIdsThatNoCollectorTakes) {
  for (const std::string id : {"a b", "a/b", "ä", "a\n"}) {
    EXPECT_THAT(Complaint([&](auto& c) { c.set_id(id); }), HasSubstr("--id"));
    EXPECT_THAT(Complaint([&](auto& c) { c.set_site(id); }),
                HasSubstr("--site"));
  }
  EXPECT_THAT(Complaint([](auto& c) { c.set_id(std::string(65, 'a')); }),
              HasSubstr("64"));
}

TEST(SensorConfig, RefusesACollectorThatIsNotHostAndPort) {
  for (const std::string collector :
       {"host", "host:", ":4700", "host:0", "host:65536", "host:x"}) {
    EXPECT_THAT(Complaint([&](auto& c) {
                  c.mutable_uplink()->set_collector(collector);
                }),
                HasSubstr("HOST:PORT"))
        << collector;
  }
  v1::SensorConfig config = Good();
  config.mutable_uplink()->set_collector("[2001:db8::5]:4700");
  EXPECT_TRUE(Validate(config).ok());
}

TEST(SensorConfig, RefusesFilesBesideInterfaces) {
  EXPECT_THAT(
      Complaint([](auto& c) { c.mutable_capture()->add_interfaces("eth1"); }),
      HasSubstr("exclude each other"));
}

TEST(SensorConfig, RefusesFoldersThatMakeNoSense) {
  const auto complaint = [](auto change) {
    return Complaint([&](auto& c) {
      c.mutable_capture()->clear_files();
      v1::FolderConfig& folder = *c.mutable_capture()->add_folders();
      folder.set_path("/captures");
      change(c, folder);
    });
  };
  v1::SensorConfig good = Good();
  good.mutable_capture()->clear_files();
  good.mutable_capture()->add_folders()->set_path("/captures");
  EXPECT_TRUE(Validate(good).ok());
  EXPECT_THAT(complaint([](auto& c, auto&) {
                c.mutable_capture()->add_files("/x/a.pcap");
              }),
              HasSubstr("exclude each other"));
  EXPECT_THAT(complaint([](auto&, auto& folder) { folder.set_done("burn"); }),
              HasSubstr("use keep, delete or move"));
  EXPECT_THAT(complaint([](auto&, auto& folder) { folder.set_done("move"); }),
              HasSubstr("need each other"));
  EXPECT_THAT(complaint([](auto&, auto& folder) { folder.set_name("a/b"); }),
              HasSubstr("must not have a '/'"));
  EXPECT_THAT(complaint([](auto& c, auto&) {
                c.mutable_capture()->add_folders()->set_path("/x/captures/");
              }),
              HasSubstr("two folders are called captures"));
}

TEST(SensorConfig, RefusesTwoFilesOfOneName) {
  EXPECT_THAT(
      Complaint([](auto& c) { c.mutable_capture()->add_files("/x/a.pcap"); }),
      HasSubstr("a.pcap"));
}

TEST(SensorConfig, RefusesNumbersOutOfRange) {
  EXPECT_THAT(Complaint([](auto& c) { c.mutable_spool()->set_media_mib(1); }),
              HasSubstr("spool.media_mib"));
  EXPECT_THAT(Complaint([](auto& c) { c.mutable_spool()->set_sync_ms(1); }),
              HasSubstr("spool.sync_ms"));
  EXPECT_THAT(
      Complaint([](auto& c) { c.mutable_capture()->add_sip_ports(70000); }),
      HasSubstr("capture.sip_ports"));
  EXPECT_THAT(Complaint([](auto& c) {
                c.mutable_media()->mutable_asked_for()->add_numbers("");
              }),
              HasSubstr("media.asked_for.numbers"));
  EXPECT_THAT(Complaint([](auto& c) {
                for (int i = 0; i < 101; ++i) {
                  c.mutable_media()->mutable_asked_for()->add_numbers("1");
                }
              }),
              HasSubstr("more than 100"));
  EXPECT_FALSE(Complaint([](auto& c) {
                 c.mutable_capture()->set_speed("fast");
               }).empty());
}

TEST(SensorConfig, RefusesKeyLogsThatCannotBe) {
  EXPECT_THAT(Complaint([](auto& c) { c.mutable_decrypt()->add_key_logs(""); }),
              HasSubstr("decrypt.key_logs"));
  EXPECT_THAT(Complaint([](auto& c) {
                for (int i = 0; i < 17; ++i) {
                  c.mutable_decrypt()->add_key_logs("/run/keys");
                }
              }),
              HasSubstr("more than 16"));
  EXPECT_THAT(
      Complaint([](auto& c) { c.mutable_decrypt()->set_key_wait_ms(5); }),
      HasSubstr("decrypt.key_wait_ms"));
}

}  // namespace
}  // namespace callbraid::sensor
