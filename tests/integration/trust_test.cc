// Certificates of sensors come, are renewed and change their authority while
// the collector runs and streams go on.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/pki/certificate.h"
#include "common/pki/enrolment_token.h"
#include "common/pki/request.h"
#include "common/rpc/credentials.h"
#include "sensor/uplink/enrolment.h"
#include "sensor/uplink/renewal.h"
#include "tests/integration/trust_site.h"

namespace callbraid {
namespace {

// Longer than gRPC waits before it looks at files again, by far.
constexpr auto kPatience = std::chrono::seconds(15);

class Trust : public TrustSite {
 protected:
  // What `callbraid-sensor` dials with.
  std::shared_ptr<grpc::Channel> DialFromFiles(const std::string& folder) {
    v1::TlsConfig tls;
    tls.set_ca(Path(folder + "/ca.pem"));
    tls.set_cert(Path(folder + "/sensor.pem"));
    tls.set_key(Path(folder + "/sensor.key"));
    if (credentials_ == nullptr) credentials_ = *ClientCredentials(tls, false);
    return callbraid::Dial(address(), tls, credentials_);
  }
  // A certificate as after two days, with an hour left, that was not enrolled.
  fakes::PemPair WriteOld() {
    fakes::PemPair old = authority_.Sign(
        "s1", "URI:spiffe://callbraid/sensor/s1", -172'800, 3600);
    EXPECT_TRUE(sensor::WriteEnrolled(
                    {old.certificate, old.key, authority_.pem().certificate, 0},
                    Path("tls"))
                    .ok());
    return old;
  }
  sensor::Renewal::Options RenewalOptions() {
    sensor::Renewal::Options options;
    options.tls.set_ca(Path("tls/ca.pem"));
    options.tls.set_cert(Path("tls/sensor.pem"));
    options.tls.set_key(Path("tls/sensor.key"));
    options.sensor_id = "s1";
    options.target = address();
    options.dial = [this] { return DialFromFiles("tls"); };
    return options;
  }
  absl::StatusOr<bool> Renew(const sensor::Renewal::Options& options) const {
    grpc::ClientContext context;
    return sensor::Renewal::RenewIfDue(options, system_clock_, context);
  }
  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(Path(name)).rdbuf();
    return text.str();
  }
  absl::StatusOr<sensor::Enrolled> Enrol(const std::string& token) const {
    return sensor::Enrol(address(), "", *pki::ParseEnrolmentToken(token),
                         system_clock_);
  }
  // Tries until `connects`, or not, is what happens with that certificate.
  bool Comes(const Identity& identity, const std::string& authorities,
             const std::string& id, bool connects) const {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      Connection connection(callbraid::Dial(address(), authorities, identity));
      connection.Write(Hello(id));
      if (connection.Welcomed() == connects) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }
  bool IsAcknowledged(Connection& connection, uint64_t sequence) const {
    v1::ConnectResponse response;
    return connection.Write(Batch(sequence)) &&
           connection.ReadUntil(v1::ConnectResponse::kAck, response) &&
           response.ack().watermarks(0).stored() == sequence;
  }

  const SystemClock system_clock_{};
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
};

TEST_F(Trust, ATokenIsAllThatASensorNeeds) {
  config_.mutable_ingest()->set_enrolled_only(true);
  Start();
  const auto enrolled = Enrol(Invite("s1"));
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();
  EXPECT_EQ(enrolled->authorities, authority_.pem().certificate);
  ASSERT_TRUE(sensor::WriteEnrolled(*enrolled, Path("tls")).ok());
  Connection connection(DialFromFiles("tls"));
  ASSERT_TRUE(connection.Write(Hello("s1")));
  ASSERT_TRUE(connection.Welcomed());
  EXPECT_TRUE(IsAcknowledged(connection, 1));
  EXPECT_TRUE(ListSensors().sensors(0).trust().has_enroll_time());
  // Others need to be enrolled, too.
  const auto other = Connect(Sensor("s2"));
  other->Write(Hello("s2"));
  EXPECT_EQ(other->End().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(Trust, ATokenTellsTheRightCollectorFromAnother) {
  Start();
  pki::EnrolmentToken token = *pki::ParseEnrolmentToken(Invite("s1"));
  const std::string right = token.authority;
  token.authority = std::string(32, 'x');
  const auto refused = Enrol(pki::ToText(token));
  EXPECT_TRUE(absl::IsPermissionDenied(refused.status())) << refused.status();
  // Nothing was told: the token is still good.
  token.authority = right;
  EXPECT_TRUE(Enrol(pki::ToText(token)).ok());
}

TEST_F(Trust, TheCertificateMustAlsoBeForTheHost) {
  const fakes::PemPair elsewhere =
      authority_.Sign("elsewhere", "DNS:elsewhere.example");
  Write("collector.key", elsewhere.key);
  Write("collector.pem", elsewhere.certificate);
  Start();
  pki::EnrolmentToken token;
  token.sensor_id = "s1";
  token.secret = std::string(32, 's');
  const auto authorities = pki::ParseCertificates(authority_.pem().certificate);
  token.authority = pki::KeyHash(*authorities->front());
  EXPECT_TRUE(absl::IsUnavailable(
      sensor::Enrol(address(), "", token, system_clock_).status()));
  // There it comes as far as the secret.
  EXPECT_TRUE(absl::IsUnauthenticated(
      sensor::Enrol(address(), "elsewhere.example", token, system_clock_)
          .status()));
}

TEST_F(Trust, ARenewalUnderWayDoesNotHoldUpTheEnd) {
  Start();
  WriteOld();
  sensor::Renewal::Options options = RenewalOptions();
  options.first_look = absl::ZeroDuration();
  absl::Notification dialled;
  // To a port that is open, and where nobody answers.
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size),
            0);
  options.dial = [&dialled, port = ntohs(address.sin_port)] {
    dialled.Notify();
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                               grpc::InsecureChannelCredentials());
  };
  sensor::Renewal renewal(options, system_clock_);
  dialled.WaitForNotification();
  const absl::Time begin = absl::Now();
  renewal.Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  close(listener);
}

TEST_F(Trust, ACertificateIsRenewedWithoutAGap) {
  Start();
  const auto enrolled = Enrol(Invite("s1"));
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();
  // As after two days, with an hour left.
  const fakes::PemPair old =
      authority_.Sign("s1", "URI:spiffe://callbraid/sensor/s1", -172'800, 3600);
  ASSERT_TRUE(
      sensor::WriteEnrolled(
          {old.certificate, old.key, enrolled->authorities, 0}, Path("tls"))
          .ok());
  auto running = std::make_unique<Connection>(DialFromFiles("tls"));
  ASSERT_TRUE(running->Write(Hello("s1")) && running->Welcomed());

  const sensor::Renewal::Options options = RenewalOptions();
  const auto renewed = Renew(options);
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_TRUE(*renewed);
  const std::string next = Read("tls/sensor.pem");
  EXPECT_NE(next, old.certificate);
  EXPECT_TRUE(pki::CheckPair(next, Read("tls/sensor.key")).ok());
  EXPECT_FALSE(*Renew(options));

  // The stream goes on until the old certificate has expired, and its grace is
  // over; who comes again comes with the next one.
  EXPECT_TRUE(IsAcknowledged(*running, 1));
  AdvanceSeconds(3600 + 600 + kSlackS);
  const grpc::Status end = running->End();
  // As the sensor does: gRPC shares connections among channels that there are.
  running.reset();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_NE(end.error_message().find("expired at"), std::string::npos);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  bool back = false;
  while (!back && std::chrono::steady_clock::now() < deadline) {
    // As it waits, too.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    Connection again(DialFromFiles("tls"));
    back = again.Write(Hello("s1")) && again.Welcomed() &&
           IsAcknowledged(again, 2);
  }
  EXPECT_TRUE(back);
}

TEST_F(Trust, ACertificateMadeElsewhereIsLeftAlone) {
  Start();
  const fakes::PemPair old = WriteOld();
  const sensor::Renewal::Options options = RenewalOptions();
  EXPECT_TRUE(absl::IsPermissionDenied(Renew(options).status()));
  EXPECT_EQ(Read("tls/sensor.pem"), old.certificate);
}

TEST_F(Trust, TheAuthorityIsRolledOverWithoutARestart) {
  Start();
  const fakes::Authority next("next authority");
  const std::string old_pem = authority_.pem().certificate;
  const std::string next_pem = next.pem().certificate;
  const std::string both = old_pem + next_pem;
  const auto running = Greet("s1");
  EXPECT_TRUE(Comes(next.SignSensor("s2"), both, "s2", false));

  // Both are believed: sensors of either come, and that of before goes on.
  Write("ca.pem", both);
  EXPECT_TRUE(Comes(next.SignSensor("s2"), both, "s2", true));
  EXPECT_TRUE(Comes(authority_.SignSensor("s3"), both, "s3", true));
  EXPECT_TRUE(IsAcknowledged(*running, 1));

  // The collector's own certificate: who knows only the next one comes.
  WriteServer(next);
  EXPECT_TRUE(Comes(next.SignSensor("s2"), next_pem, "s2", true));
  EXPECT_TRUE(IsAcknowledged(*running, 2));

  // The old one goes.
  Write("ca.pem", next_pem);
  EXPECT_TRUE(Comes(authority_.SignSensor("s3"), next_pem, "s3", false));
  EXPECT_TRUE(Comes(next.SignSensor("s2"), next_pem, "s2", true));
  EXPECT_TRUE(IsAcknowledged(*running, 3));
}

}  // namespace
}  // namespace callbraid
