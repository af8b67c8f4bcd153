#include "sensor/capture/live_source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/packet_recorder.h"

namespace callbraid::sensor {
namespace {

using ::testing::HasSubstr;

// A UDP socket on the loopback interface that sends to itself.
class Loopback {
 public:
  Loopback() : fd_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd_, generic, size), 0);
    EXPECT_EQ(getsockname(fd_, generic, &size), 0);
    EXPECT_EQ(connect(fd_, generic, size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Loopback() { close(fd_); }

  void Send(const std::string& text) {
    EXPECT_EQ(send(fd_, text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
  }
  uint16_t port() const { return port_; }

 private:
  const int fd_;
  uint16_t port_ = 0;
};

// Skipped where the test may not capture.
class LiveSourceTest : public ::testing::Test {
 protected:
  void Open() {
    config_.set_filter(absl::StrCat("udp port ", loopback_.port()));
    config_.set_ring_mib(1);
    auto source = LiveSource::Open("lo", config_, "", clock_);
    if (source.status().code() == absl::StatusCode::kPermissionDenied) {
      GTEST_SKIP() << source.status();
    }
    ASSERT_TRUE(source.ok()) << source.status();
    source_ = *std::move(source);
  }

  Loopback loopback_;
  v1::CaptureConfig config_;
  SystemClock clock_;
  fakes::PacketRecorder recorder_;
  std::unique_ptr<LiveSource> source_;
};

TEST_F(LiveSourceTest, LosesNothingOnStop) {
  Open();
  if (source_ == nullptr) return;
  const int64_t before_ns = clock_.WallNs();
  for (int i = 0; i < 10; ++i) loopback_.Send(absl::StrCat("packet ", i));
  source_->Stop();
  while (*source_->Read(recorder_)) {
  }
  ASSERT_EQ(recorder_.packets.size(), 10u);
  const auto& last = recorder_.packets.back();
  EXPECT_THAT(std::string(last.bytes.begin(), last.bytes.end()),
              HasSubstr("packet 9"));
  EXPECT_GE(last.packet.time_ns, before_ns - 1'000'000);
  EXPECT_LE(last.packet.time_ns, clock_.WallNs());
  EXPECT_EQ(source_->counters().packets, 10u);
  EXPECT_EQ(source_->counters().kernel_drops, 0u);
}

TEST_F(LiveSourceTest, ReturnsAndTellsTheTimeOnAnIdleLink) {
  Open();
  if (source_ == nullptr) return;
  const int64_t before_ns = clock_.WallNs();
  EXPECT_TRUE(*source_->Read(recorder_));
  EXPECT_TRUE(*source_->Read(recorder_));
  EXPECT_GT(source_->watermark_ns(), before_ns - 1'000'000'000);
  EXPECT_LT(source_->watermark_ns(), clock_.WallNs());
}

TEST_F(LiveSourceTest, HasHandedOnAllBeforeItsWatermark) {
  Open();
  if (source_ == nullptr) return;
  loopback_.Send("hello");
  const int64_t sent_ns = clock_.WallNs();
  while (source_->watermark_ns() < sent_ns) {
    ASSERT_TRUE(*source_->Read(recorder_));
  }
  EXPECT_EQ(recorder_.packets.size(), 1u);
}

TEST_F(LiveSourceTest, TakesItsOwnFilterByDefault) {
  Open();
  if (source_ == nullptr) return;
  auto source = LiveSource::Open("lo", {}, "127.0.0.1:4700", clock_);
  EXPECT_TRUE(source.ok()) << source.status();
}

TEST_F(LiveSourceTest, SaysWhatIsWrongWithAFilter) {
  Open();
  if (source_ == nullptr) return;
  config_.set_filter("udp prot 5060");
  const auto source = LiveSource::Open("lo", config_, "", clock_);
  EXPECT_EQ(source.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(source.status().message()),
              HasSubstr("'udp prot 5060'"));
}

TEST_F(LiveSourceTest, ListsTheInterfacesThatThereAre) {
  Open();
  if (source_ == nullptr) return;
  const auto source = LiveSource::Open("nosuch0", {}, "", clock_);
  EXPECT_EQ(source.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(source.status().message()),
              HasSubstr("no interface 'nosuch0' to capture from; there are: "));
  EXPECT_THAT(std::string(source.status().message()), HasSubstr("lo"));
}

TEST(LiveSource, RefusesTheAnyDevice) {
  const SystemClock clock;
  EXPECT_EQ(LiveSource::Open("any", {}, "", clock).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(LiveSource, RefusesSettingsOutOfRange) {
  v1::CaptureConfig config;
  EXPECT_EQ(ToLiveOptions(config, "")->ring_bytes, 64 << 20);
  EXPECT_EQ(ToLiveOptions(config, "")->snaplen, 2048);
  EXPECT_EQ(ToLiveOptions(config, "")->read_timeout_ms, 40);
  config.set_ring_mib(4096);
  EXPECT_FALSE(ToLiveOptions(config, "").ok());
  config.set_ring_mib(1);
  config.add_sip_ports(70000);
  EXPECT_FALSE(ToLiveOptions(config, "").ok());
}

}  // namespace
}  // namespace callbraid::sensor
