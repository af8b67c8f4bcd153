#include "collector/query/call_listeners.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "collector/query/call_service.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/no_retention.h"
#include "tests/unit/collector/query/stored_call.h"

namespace callbraid::collector {
namespace {

using ::testing::HasSubstr;

v1::ListenToCallRequest DelayOf(int64_t seconds, int32_t nanos) {
  v1::ListenToCallRequest request;
  request.mutable_delay()->set_seconds(seconds);
  request.mutable_delay()->set_nanos(nanos);
  return request;
}

TEST(ReadListenRequest, TakesADelayWithinItsBounds) {
  EXPECT_EQ(ReadListenRequest({})->delay_ns, 1'500'000'000);
  EXPECT_EQ(ReadListenRequest(DelayOf(0, 500'000'000))->delay_ns, 500'000'000);
  EXPECT_EQ(ReadListenRequest(DelayOf(30, 0))->delay_ns, 30'000'000'000);
  for (const auto& request :
       {DelayOf(0, 499'999'999), DelayOf(30, 1), DelayOf(-1, 0),
        DelayOf(int64_t{1} << 62, 0), DelayOf(1, -1), DelayOf(1, 1 << 30)}) {
    const auto read = ReadListenRequest(request);
    EXPECT_TRUE(absl::IsInvalidArgument(read.status()));
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("delay"));
  }
}

class CallListenersTest : public testing::Test {
 protected:
  CallListenersTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::CallService::NewStub(server_->InProcessChannel({}));
  }
  ~CallListenersTest() override {
    listeners_.Close();
    server_->Shutdown();
  }

  // Of a call that was answered, and has no media.
  StoredCall Running(const std::string& name) {
    StoredCall call(name);
    call.call().set_state(v1::CALL_STATE_ACTIVE);
    return call;
  }
  // With a stream that nobody can decrypt: its silence is heard.
  StoredCall RunningAndHeard(const std::string& name) {
    StoredCall call = Running(name);
    v1::Stream* stream = call.call().add_streams();
    stream->set_id("stream");
    stream->set_encrypted(true);
    *stream->mutable_start_time() =
        google::protobuf::util::TimeUtil::NanosecondsToTimestamp(
            clock_.WallNs());
    return call;
  }

  struct Listener {
    std::unique_ptr<grpc::ClientContext> context =
        std::make_unique<grpc::ClientContext>();
    std::unique_ptr<grpc::ClientReader<v1::ListenToCallResponse>> reader;
  };
  Listener Listen(const std::string& id) {
    v1::ListenToCallRequest request;
    request.set_id(id);
    Listener listener;
    listener.reader = stub_->ListenToCall(listener.context.get(), request);
    return listener;
  }
  // What a listener is told that hears nothing.
  static grpc::Status End(Listener listener) {
    v1::ListenToCallResponse heard;
    while (listener.reader->Read(&heard)) {
    }
    return listener.reader->Finish();
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  AccessControl access_{[] {
                          v1::AccessConfig config;
                          config.set_audit_days(10);
                          config.set_audit_entries(1000);
                          config.set_bad_tokens_per_minute(100);
                          return config;
                        }(),
                        /*insecure=*/true, "", store_.access(), clock_};
  WatchHub hub_{store_.facts(), store_.events(), access_.kept_seal()};
  NoRetention retention_;
  WorkerPool lookups_{"lookups", 2, 100};
  WorkerPool streams_{"streams", 2, 100};
  CallListeners listeners_{store_, retention_, clock_};
  CallService service_{access_,  store_,     hub_,       lookups_, streams_,
                       streams_, listeners_, retention_, clock_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CallService::Stub> stub_;
};

TEST_F(CallListenersTest, SaysWhyThereIsNothingToHear) {
  StoredCall over("over");
  over.call().mutable_end_time()->set_seconds(1);
  over.StoreIn(store_);
  const grpc::Status status = End(Listen(over.id()));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("GetAudio"));
  EXPECT_EQ(End(Listen(std::string(32, '0'))).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(CallListenersTest, EndsWithTheCall) {
  StoredCall call = RunningAndHeard("call");
  call.StoreIn(store_);
  Listener listener = Listen(call.id());
  // It has looked at the call.
  v1::ListenToCallResponse heard;
  ASSERT_TRUE(listener.reader->Read(&heard));
  call.call().mutable_end_time()->set_seconds(1);
  call.call().set_revision(2);
  call.StoreIn(store_);
  // It looks again.
  clock_.Advance(1'000'000'000);
  const grpc::Status status = End(std::move(listener));
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(CallListenersTest, WhoDoesNotReadIsCutAndLeavesNothingBehind) {
  StoredCall call = RunningAndHeard("call");
  call.StoreIn(store_);
  Listener listener = Listen(call.id());
  while (listeners_.listening() == 0) std::this_thread::yield();
  while (listeners_.listening() > 0) {
    clock_.Advance(10'000'000);
    std::this_thread::yield();
  }
  size_t windows = 0;
  v1::ListenToCallResponse heard;
  while (listener.reader->Read(&heard)) ++windows;
  // What was on its way to the reader, but not what waited for that.
  EXPECT_LT(windows, CallListeners::kCapacity / 4);
  EXPECT_EQ(listener.reader->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(CallListenersTest, LetsSoManyListenAtOnce) {
  StoredCall call = Running("call");
  call.StoreIn(store_);
  std::vector<Listener> all;
  for (int i = 0; i < CallListeners::kMost; ++i) {
    all.push_back(Listen(call.id()));
  }
  while (listeners_.listening() < CallListeners::kMost) {
    std::this_thread::yield();
  }
  EXPECT_EQ(End(Listen(call.id())).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  // Who leaves makes room.
  all.front().context->TryCancel();
  EXPECT_EQ(End(std::move(all.front())).error_code(),
            grpc::StatusCode::CANCELLED);
  while (listeners_.listening() == CallListeners::kMost) {
    std::this_thread::yield();
  }
  listeners_.Close();
  for (size_t i = 1; i < all.size(); ++i) {
    EXPECT_EQ(End(std::move(all[i])).error_code(),
              grpc::StatusCode::UNAVAILABLE);
  }
}

}  // namespace
}  // namespace callbraid::collector
