#include "collector/web/live_sound.h"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "collector/query/call_service.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/no_retention.h"
#include "tests/unit/collector/query/stored_call.h"

namespace callbraid::collector {
namespace {

// A client that is seen no more until it is answered.
class Waiting final : public HttpExchange {
 public:
  const HttpRequest& request() const override { return request_; }
  void Respond(HttpResponse response) override {
    response_.set_value(std::move(response));
  }

  HttpResponse Answer() { return response_.get_future().get(); }

 private:
  HttpRequest request_;
  std::promise<HttpResponse> response_;
};

class LiveSoundTest : public testing::Test {
 protected:
  LiveSoundTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    channel_ = std::make_unique<RpcChannel>(server_->InProcessChannel({}));
  }
  ~LiveSoundTest() override {
    channel_->Close();
    listeners_.Close();
    server_->Shutdown();
  }

  HttpResponse Listen(const StoredCall& call, absl::Duration patience) {
    const auto client = std::make_shared<Waiting>();
    ServeLiveSound(*channel_, client, call.id(), {"127.0.0.1", ""}, patience);
    return client->Answer();
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  AccessControl access_{v1::AccessConfig(), /*insecure=*/true, "",
                        store_.access(), clock_};
  WatchHub hub_{store_.facts(), store_.events(), access_.kept_seal()};
  NoRetention retention_;
  WorkerPool lookups_{"lookups", 2, 100};
  WorkerPool streams_{"streams", 2, 100};
  CallListeners listeners_{store_, retention_, clock_};
  CallService service_{access_,  store_,     hub_,       lookups_, streams_,
                       streams_, listeners_, retention_, clock_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<RpcChannel> channel_;
};

TEST_F(LiveSoundTest, WhoLeftBeforeTheFirstSoundGivesTheSeatBack) {
  StoredCall ringing("ringing");
  ringing.call().set_state(v1::CALL_STATE_RINGING);
  ringing.StoreIn(store_);
  EXPECT_EQ(Listen(ringing, absl::Milliseconds(1)).status, 504);
  while (listeners_.listening() > 0) std::this_thread::yield();
}

TEST_F(LiveSoundTest, SaysAtOnceThatACallIsOver) {
  StoredCall over("over");
  over.call().mutable_end_time()->set_seconds(1);
  over.StoreIn(store_);
  const HttpResponse response = Listen(over, kFirstSoundPatience);
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body.find("GetAudio"), std::string::npos);
}

}  // namespace
}  // namespace callbraid::collector
