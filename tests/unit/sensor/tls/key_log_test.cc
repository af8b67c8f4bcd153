#include "sensor/tls/key_log.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

const std::string kRandom(64, 'a');
const std::string kSha256(64, '1');
const std::string kSha384(96, '2');

KeyLogLine Kind(const std::string& line) {
  KeyLogEntry entry;
  return ParseKeyLogLine(line, entry);
}

TEST(ParseKeyLogLine, ReadsMasterAndTrafficSecrets) {
  KeyLogEntry entry;
  ASSERT_EQ(ParseKeyLogLine("CLIENT_RANDOM " + kRandom + " " + kSha384, entry),
            KeyLogLine::kEntry);
  EXPECT_EQ(entry.kind, SecretKind::kMaster);
  EXPECT_EQ(entry.client_random[31], 0xaa);
  EXPECT_EQ(entry.secret.size(), 48u);
  EXPECT_EQ(entry.secret.bytes()[47], 0x22);
  ASSERT_EQ(ParseKeyLogLine(
                "CLIENT_TRAFFIC_SECRET_0 " + kRandom + " " + kSha256, entry),
            KeyLogLine::kEntry);
  EXPECT_EQ(entry.kind, SecretKind::kClientTraffic);
  EXPECT_EQ(entry.secret.size(), 32u);
  ASSERT_EQ(
      ParseKeyLogLine(
          "SERVER_TRAFFIC_SECRET_0 " + kRandom + " " + kSha384 + "\r\n", entry),
      KeyLogLine::kEntry);
  EXPECT_EQ(entry.kind, SecretKind::kServerTraffic);
  ASSERT_EQ(
      ParseKeyLogLine("EXPORTER_SECRET " + kRandom + " " + kSha256, entry),
      KeyLogLine::kEntry);
  EXPECT_EQ(entry.kind, SecretKind::kExporter);
}

TEST(ParseKeyLogLine, PassesOverWhatIsOfNoUse) {
  for (const std::string label :
       {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_EARLY_TRAFFIC_SECRET", "EARLY_EXPORTER_SECRET"}) {
    EXPECT_EQ(Kind(label + " " + kRandom + " " + kSha256),
              KeyLogLine::kIgnored);
  }
  EXPECT_EQ(Kind(""), KeyLogLine::kIgnored);
  EXPECT_EQ(Kind("\r\n"), KeyLogLine::kIgnored);
  EXPECT_EQ(Kind("# SSL/TLS secrets log file"), KeyLogLine::kIgnored);
}

TEST(ParseKeyLogLine, RejectsWhatIsNoLineOfAKeyLog) {
  const std::string good = "CLIENT_RANDOM " + kRandom + " " + kSha384;
  for (size_t size = 1; size < good.size(); ++size) {
    EXPECT_EQ(Kind(good.substr(0, size)), KeyLogLine::kMalformed) << size;
  }
  EXPECT_EQ(Kind(good + " 00"), KeyLogLine::kMalformed);
  EXPECT_EQ(Kind(good + "00"), KeyLogLine::kMalformed);
  EXPECT_EQ(Kind("CLIENT_RANDOM " + kRandom + " " + kSha256),
            KeyLogLine::kMalformed);
  EXPECT_EQ(Kind("client_random " + kRandom + " " + kSha384),
            KeyLogLine::kMalformed);
  EXPECT_EQ(Kind("CLIENT_RANDOM " + kRandom + " " + std::string(96, 'g')),
            KeyLogLine::kMalformed);
}

}  // namespace
}  // namespace callbraid::sensor
