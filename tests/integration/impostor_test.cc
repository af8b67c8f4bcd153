// Everything that somebody who is no honest sensor may try against the uplink:
// what it is answered, that nothing of it is stored, and by what it is counted.
// Prints the table that docs/security.md has.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/thread.h"
#include "common/pki/enrolment_token.h"
#include "common/pki/request.h"
#include "tests/integration/trust_site.h"

namespace callbraid {
namespace {

using grpc::StatusCode;

const char* Name(StatusCode code) {
  switch (code) {
    case StatusCode::OK:
      return "OK";
    case StatusCode::INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case StatusCode::ALREADY_EXISTS:
      return "ALREADY_EXISTS";
    case StatusCode::PERMISSION_DENIED:
      return "PERMISSION_DENIED";
    case StatusCode::RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case StatusCode::FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case StatusCode::ABORTED:
      return "ABORTED";
    case StatusCode::UNAVAILABLE:
      return "UNAVAILABLE (TLS)";
    case StatusCode::UNAUTHENTICATED:
      return "UNAUTHENTICATED";
    default:
      return "?";
  }
}

class Impostor : public TrustSite {
 protected:
  // Everything that a collector counts of somebody, by name.
  using Counts = std::map<std::string, uint64_t>;

  void SetUp() override {
    Start();
    // An honest sensor, which the impostors would like to be.
    const auto honest = Greet("s1");
    ASSERT_TRUE(honest->Write(Batch(1)));
    v1::ConnectResponse response;
    ASSERT_TRUE(honest->ReadUntil(v1::ConnectResponse::kAck, response));
    ASSERT_TRUE(honest->Close().ok());
    std::printf("| attack | answer | counted as |\n|---|---|---|\n");
  }

  Counts Count() const {
    Counts counts;
    const v1::ListSensorsResponse listed = ListSensors();
    for (const v1::Sensor& sensor : listed.sensors()) {
      counts["stored"] += sensor.frames_stored();
      counts["frames_repeated"] += sensor.frames_repeated();
      counts["frames_malformed"] += sensor.frames_malformed();
      counts["frames_absurd"] += sensor.frames_absurd();
      for (const auto& [reason, count] : sensor.refused()) {
        counts["refused: " + reason] += count;
      }
    }
    for (const auto& [reason, count] : listed.refused_strangers()) {
      counts["refused: " + reason] += count;
    }
    return counts;
  }

  // `attack` is answered with `code`, nothing is stored, and it is counted as
  // `counted`, and as nothing else; "" where it does not come so far.
  void Try(const std::string& what, StatusCode code, const std::string& counted,
           const std::function<grpc::Status()>& attack) {
    const Counts before = Count();
    const grpc::Status status = attack();
    EXPECT_EQ(status.error_code(), code)
        << what << ": " << status.error_message();
    // The ingest thread counts after the answer.
    Counts after = Count();
    for (int i = 0; i < 200 && Grown(before, after) != counted; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      after = Count();
    }
    EXPECT_EQ(Grown(before, after), counted) << what;
    EXPECT_EQ(after["stored"], before.at("stored")) << what;
    std::printf("| %s | %s | %s |\n", what.c_str(), Name(status.error_code()),
                counted.empty() ? "-" : counted.c_str());
    if (!status.ok()) {
      EXPECT_NE(status.error_message(), "") << what;
      EXPECT_EQ(status.error_message().find('\n'), std::string::npos) << what;
    }
  }
  static std::string Grown(const Counts& before, const Counts& after) {
    std::string grown;
    for (const auto& [name, count] : after) {
      const auto known = before.find(name);
      if (count > (known == before.end() ? 0 : known->second)) {
        absl::StrAppend(&grown, grown.empty() ? "" : ", ", name);
      }
    }
    return grown;
  }

  // Says `requests` with that certificate, and waits for the end.
  grpc::Status Say(const Identity& identity,
                   const std::vector<v1::ConnectRequest>& requests) const {
    const auto connection = Connect(identity);
    for (const v1::ConnectRequest& request : requests) {
      if (!connection->Write(request)) break;
    }
    return connection->End();
  }
  // The same, and closes.
  grpc::Status SayAndClose(
      const Identity& identity,
      const std::vector<v1::ConnectRequest>& requests) const {
    const auto connection = Connect(identity);
    for (const v1::ConnectRequest& request : requests) {
      if (!connection->Write(request)) break;
    }
    return connection->Close();
  }
  grpc::Status Enroll(const std::string& secret,
                      const std::string& id = "s9") const {
    const auto stub = v1::EnrolmentService::NewStub(Dial(Identity()));
    grpc::ClientContext context;
    v1::EnrollRequest request;
    request.set_secret(secret);
    request.set_request_pem(*pki::MakeRequest(key_, id));
    v1::EnrollResponse response;
    return stub->Enroll(&context, request, &response);
  }
  grpc::Status Renew(const Identity& identity, const std::string& id) const {
    const auto stub = v1::EnrolmentService::NewStub(Dial(identity));
    grpc::ClientContext context;
    v1::RenewRequest request;
    request.set_request_pem(*pki::MakeRequest(key_, id));
    v1::RenewResponse response;
    return stub->Renew(&context, request, &response);
  }
  std::string SecretOf(const std::string& token) const {
    return pki::ParseEnrolmentToken(token)->secret;
  }

  const std::string key_ = *pki::NewKey();
};

TEST_F(Impostor, WhoItIs) {
  Try("no certificate", StatusCode::UNAUTHENTICATED, "refused: certificate",
      [&] { return Say(Identity(), {Hello("s1")}); });
  Try("certificate of another authority", StatusCode::UNAVAILABLE, "", [&] {
    return Say(fakes::Authority("evil").SignSensor("s1"), {Hello("s1")});
  });
  Try("another authority of the same name", StatusCode::UNAVAILABLE, "",
      [&] { return Say(fakes::Authority().SignSensor("s1"), {Hello("s1")}); });
  Try("certificate that has expired", StatusCode::UNAVAILABLE, "", [&] {
    return Say(
        authority_.Sign("s1", "URI:spiffe://callbraid/sensor/s1", -7200, -3600),
        {Hello("s1")});
  });
  Try("certificate of another sensor", StatusCode::PERMISSION_DENIED,
      "refused: certificate", [&] { return Say(Sensor("s2"), {Hello("s1")}); });
  Try("other sensor's URI, this one's common name",
      StatusCode::PERMISSION_DENIED, "refused: certificate", [&] {
        return Say(authority_.Sign("s1", "URI:spiffe://callbraid/sensor/s2"),
                   {Hello("s1")});
      });
  Try("certificate of a user", StatusCode::PERMISSION_DENIED,
      "refused: certificate", [&] { return Say(Admin(), {Hello("ann")}); });
  Try("the collector's own certificate", StatusCode::PERMISSION_DENIED,
      "refused: certificate",
      [&] { return Say(authority_.SignServer(), {Hello("s1")}); });
  Try("certificate of one who was a user", StatusCode::PERMISSION_DENIED,
      "refused: certificate",
      [&] { return Say(authority_.Sign("bob", "DNS:bob"), {Hello("bob")}); });
  const auto honest = Greet("s1");
  Try("a second sensor under a connected id", StatusCode::ALREADY_EXISTS,
      "refused: already_connected", [&] {
        v1::ConnectRequest hello = Hello("s1");
        hello.mutable_hello()->set_instance_id(2);
        return Say(Sensor("s1"), {hello});
      });
  EXPECT_TRUE(honest->Close().ok());
}

TEST_F(Impostor, WhatItIsBoundTo) {
  ASSERT_TRUE(Enroll(SecretOf(Invite("s1", 3600, "eth0")), "s1").ok());
  Try("at another site than it is bound to", StatusCode::PERMISSION_DENIED,
      "refused: site",
      [&] { return Say(Sensor("s1"), {Hello("s1", "paris")}); });
  Try("with a capture point that it is not bound to",
      StatusCode::PERMISSION_DENIED, "refused: capture_point",
      [&] { return Say(Sensor("s1"), {Hello("s1", "berlin", "eth9")}); });
  const auto live = Greet("s1");
  Try("revoked, on the stream that is under way", StatusCode::PERMISSION_DENIED,
      "refused: revoked", [&] {
        Revoke("s1");
        live->Write(Batch(2));
        return live->End();
      });
  Try("revoked, on a new connection", StatusCode::PERMISSION_DENIED,
      "refused: revoked", [&] { return Say(Sensor("s1"), {Hello("s1")}); });
  Start();
  Try("revoked, after a restart of the collector",
      StatusCode::PERMISSION_DENIED, "refused: revoked",
      [&] { return Say(Sensor("s1"), {Hello("s1")}); });
  Try("renewal of a revoked sensor's certificate",
      StatusCode::PERMISSION_DENIED, "",
      [&] { return Renew(Sensor("s1"), "s1"); });
  Allow("s1");
  EXPECT_TRUE(Greet("s1")->Close().ok());
  const auto expiring = Connect(
      authority_.Sign("s1", "URI:spiffe://callbraid/sensor/s1", -7200, 3600));
  ASSERT_TRUE(expiring->Write(Hello("s1")) && expiring->Welcomed());
  Try("certificate that expires in the middle of a stream", StatusCode::ABORTED,
      "refused: expired", [&] {
        AdvanceSeconds(3600 + 600 + kSlackS);
        return expiring->End();
      });
}

TEST_F(Impostor, WhatItSays) {
  const Identity s1 = Sensor("s1");
  Try("five connections at once that say nothing",
      StatusCode::RESOURCE_EXHAUSTED, "refused: no_hello, refused: too_many",
      [&] {
        std::array<grpc::Status, 5> ends;
        {
          std::vector<Thread> threads;
          for (grpc::Status& end : ends) {
            threads.emplace_back("silent", [&] { end = Connect(s1)->End(); });
          }
          for (Thread& thread : threads) thread.Join();
        }
        // The others are told after ten seconds.
        EXPECT_EQ(std::count_if(ends.begin(), ends.end(),
                                [](const grpc::Status& end) {
                                  return end.error_code() ==
                                         StatusCode::DEADLINE_EXCEEDED;
                                }),
                  4);
        return *std::find_if(
            ends.begin(), ends.end(), [](const grpc::Status& end) {
              return end.error_code() != StatusCode::DEADLINE_EXCEEDED;
            });
      });
  Try("a hello of 65 KiB", StatusCode::INVALID_ARGUMENT, "refused: oversized",
      [&] {
        v1::ConnectRequest hello = Hello("s1");
        hello.mutable_hello()->set_version(std::string(65 << 10, 'x'));
        return Say(s1, {hello});
      });
  Try("a heartbeat of 50,000 spools", StatusCode::INVALID_ARGUMENT,
      "refused: oversized", [&] {
        v1::ConnectRequest beat;
        for (int i = 0; i < 50'000; ++i) beat.mutable_heartbeat()->add_spools();
        return Say(s1, {Hello("s1"), beat});
      });
  Try("a batch before the hello", StatusCode::INVALID_ARGUMENT,
      "refused: no_hello", [&] { return Say(s1, {Batch(2)}); });
  Try("a second hello", StatusCode::INVALID_ARGUMENT, "refused: second_hello",
      [&] {
        return Say(s1, {Hello("s1"), Hello("s1")});
      });
  Try("an empty message", StatusCode::INVALID_ARGUMENT, "refused: malformed",
      [&] {
        return Say(s1, {Hello("s1"), v1::ConnectRequest()});
      });
  Try("a message that is no protobuf", StatusCode::INVALID_ARGUMENT,
      "refused: malformed", [&] {
        v1::ConnectRequest request = Hello("s1");
        // Strings must be UTF-8.
        request.mutable_hello()->set_version("\xff");
        return Say(s1, {Hello("s1"), request});
      });
  Try("a batch of 9 MiB", StatusCode::INVALID_ARGUMENT, "refused: oversized",
      [&] {
        v1::ConnectRequest large = Batch(2);
        large.mutable_batch()->mutable_frames(0)->mutable_media()->set_payload(
            std::string(size_t{9} << 20, 'x'));
        return Say(s1, {Hello("s1"), large});
      });
  Try("a message of 17 MiB", StatusCode::RESOURCE_EXHAUSTED, "", [&] {
    v1::ConnectRequest large = Batch(2);
    large.mutable_batch()->mutable_frames(0)->mutable_media()->set_payload(
        std::string(size_t{17} << 20, 'x'));
    return Say(s1, {Hello("s1"), large});
  });
  Try("a hello with 65 capture points", StatusCode::INVALID_ARGUMENT,
      "refused: hello", [&] {
        v1::ConnectRequest hello = Hello("s1");
        for (int i = 0; i < 64; ++i) {
          hello.mutable_hello()->add_capture_points()->set_name(
              std::to_string(i));
        }
        return Say(s1, {hello});
      });
  Try("a clock that is years ahead", StatusCode::FAILED_PRECONDITION,
      "refused: clock", [&] {
        v1::ConnectRequest hello = Hello("s1");
        hello.mutable_hello()->mutable_capture_points(0)->set_kind(
            v1::CAPTURE_KIND_INTERFACE);
        hello.mutable_hello()->set_clock_ns(int64_t{1} << 61);
        return Say(s1, {hello});
      });
}

TEST_F(Impostor, WhatItSends) {
  const Identity s1 = Sensor("s1");
  Try("batches replayed", StatusCode::OK, "frames_repeated", [&] {
    return SayAndClose(s1, {Hello("s1"), Batch(1), Batch(1)});
  });
  Try("batches out of order", StatusCode::INVALID_ARGUMENT,
      "frames_malformed, refused: sequence", [&] {
        return Say(s1, {Hello("s1"), Batch(3), Batch(2)});
      });
  Try("a gap that is not announced", StatusCode::INVALID_ARGUMENT,
      "frames_malformed, refused: sequence", [&] {
        v1::ConnectRequest batch = Batch(9);
        batch.mutable_batch()->set_discarded_before(6);
        return Say(s1, {Hello("s1"), batch});
      });
  Try("a batch of a spool that it did not name", StatusCode::INVALID_ARGUMENT,
      "frames_malformed, refused: sequence", [&] {
        v1::ConnectRequest batch = Batch(2);
        batch.mutable_batch()->set_spool_id(6);
        return Say(s1, {Hello("s1"), batch});
      });
  Try("a batch of 4,097 frames", StatusCode::INVALID_ARGUMENT,
      "frames_malformed, refused: sequence", [&] {
        v1::ConnectRequest batch = Batch(2);
        for (int i = 0; i < 4096; ++i) batch.mutable_batch()->add_frames();
        return Say(s1, {Hello("s1"), batch});
      });
  Try("a chunk whose lengths do not fit", StatusCode::OK, "frames_malformed",
      [&] {
        v1::ConnectRequest batch = Batch(2);
        batch.mutable_batch()
            ->mutable_frames(0)
            ->mutable_media()
            ->set_packet_count(4'000'000'000);
        return SayAndClose(s1, {Hello("s1"), batch});
      });
  Try("statistics that contradict themselves", StatusCode::OK, "frames_absurd",
      [&] {
        v1::ConnectRequest batch = Batch(3);
        v1::CallFrame& frame = *batch.mutable_batch()->mutable_frames(0);
        frame.clear_media();
        frame.mutable_stream()->mutable_statistics()->set_lost(1);
        return SayAndClose(s1, {Hello("s1"), batch});
      });
  v1::ConnectRequest live = Hello("s1");
  live.mutable_hello()->mutable_capture_points(0)->set_kind(
      v1::CAPTURE_KIND_INTERFACE);
  Try("a live frame from the future", StatusCode::OK, "frames_absurd", [&] {
    v1::ConnectRequest batch = Batch(4);
    v1::MediaChunk& chunk =
        *batch.mutable_batch()->mutable_frames(0)->mutable_media();
    chunk.set_stream_start_ns(clock_.WallNs() + 90'000'000'000'000);
    chunk.set_first_time_ns(chunk.stream_start_ns());
    return SayAndClose(s1, {live, batch});
  });
  Try("a live frame of 1999", StatusCode::OK, "frames_absurd", [&] {
    v1::ConnectRequest batch = Batch(5);
    v1::MediaChunk& chunk =
        *batch.mutable_batch()->mutable_frames(0)->mutable_media();
    chunk.set_stream_start_ns(946'684'799'000'000'000);
    chunk.set_first_time_ns(chunk.stream_start_ns());
    return SayAndClose(s1, {live, batch});
  });
}

TEST_F(Impostor, ASpoolIdOfAnotherSensorTouchesOnlyItsOwn) {
  // It says spool 5 as s1 does, and that there are thousands before.
  v1::ConnectRequest batch = Batch(5000);
  batch.mutable_batch()->set_discarded_before(4999);
  *batch.mutable_batch()->mutable_frames(0) = v1::CallFrame();
  Try("spool id of another sensor", StatusCode::OK, "frames_malformed", [&] {
    return SayAndClose(Sensor("s2"), {Hello("s2"), batch});
  });
  const auto honest = Connect(Sensor("s1"));
  ASSERT_TRUE(honest->Write(Hello("s1")));
  v1::ConnectResponse response;
  ASSERT_TRUE(honest->ReadUntil(v1::ConnectResponse::kWelcome, response));
  EXPECT_EQ(response.welcome().watermarks(0).stored(), 1u);
}

TEST_F(Impostor, Tokens) {
  const std::string token = Invite("s9");
  Try("a certificate request for another sensor", StatusCode::INVALID_ARGUMENT,
      "", [&] { return Enroll(SecretOf(token), "s1"); });
  ASSERT_TRUE(Enroll(SecretOf(token)).ok());
  Try("a token used twice", StatusCode::UNAUTHENTICATED, "",
      [&] { return Enroll(SecretOf(token)); });
  const std::string old = Invite("s9", 60);
  AdvanceSeconds(61);
  Try("a token that has expired", StatusCode::UNAUTHENTICATED, "",
      [&] { return Enroll(SecretOf(old)); });
  Try("renewal without a certificate", StatusCode::UNAUTHENTICATED, "",
      [&] { return Renew(Identity(), "s9"); });
  Try("renewal with a user's certificate", StatusCode::UNAUTHENTICATED, "",
      [&] { return Renew(Admin(), "s9"); });
  Try("renewal for another sensor", StatusCode::INVALID_ARGUMENT, "",
      [&] { return Renew(Sensor("s9"), "s1"); });
  Try("renewal of a certificate made elsewhere", StatusCode::PERMISSION_DENIED,
      "", [&] { return Renew(Sensor("s1"), "s1"); });
  Try("a token guessed 100 times", StatusCode::RESOURCE_EXHAUSTED, "", [&] {
    std::map<StatusCode, int> answers;
    grpc::Status last;
    for (int i = 0; i < 100; ++i) {
      last = Enroll(pki::NewSecret());
      ++answers[last.error_code()];
    }
    // A minute's worth, less the bad one just before.
    EXPECT_LE(answers[StatusCode::UNAUTHENTICATED], 10);
    EXPECT_GE(answers[StatusCode::RESOURCE_EXHAUSTED], 90);
    return last;
  });
}

}  // namespace
}  // namespace callbraid
