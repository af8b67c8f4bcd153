#include "collector/query/watch_hub.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "callbraid/v1/query.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

Scope OfCaller(const std::string& number) {
  v1::Scope scope;
  scope.add_numbers(number);
  return *Scope::Parse(scope);
}

v1::Call CallOf(const std::string& id, const std::string& caller) {
  v1::Call call;
  call.set_id(id);
  call.set_caller(caller);
  return call;
}

// Serves a hub with one scope for all who watch.
class Watched final : public v1::CallService::CallbackService {
 public:
  explicit Watched(Scope scope) : scope_(std::move(scope)) {
    grpc::ServerBuilder builder;
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    stub_ = v1::CallService::NewStub(server_->InProcessChannel({}));
    reader_ = stub_->WatchCalls(&context_, {});
    reader_->WaitForInitialMetadata();
  }
  ~Watched() override {
    hub_.Close();
    server_->Shutdown();
  }

  grpc::ServerWriteReactor<v1::WatchCallsResponse>* WatchCalls(
      grpc::CallbackServerContext*, const v1::WatchCallsRequest*) override {
    const auto watcher = hub_.Add(false, scope_);
    watcher->writer->StartSendInitialMetadata();
    return watcher->writer.get();
  }

  WatchHub& hub() { return hub_; }
  // Everything that the watcher is told, "U id", "M id into", "R id", up to a
  // call of `caller`, which it may see.
  std::vector<std::string> HeardUpTo(const std::string& caller) {
    hub_.OnCallUpdated(CallOf("end", caller));
    std::vector<std::string> heard;
    v1::WatchCallsResponse change;
    while (reader_->Read(&change) && change.call().id() != "end") {
      const std::string& id = change.call().id();
      switch (change.change()) {
        case v1::WatchCallsResponse::CHANGE_UPDATED:
          heard.push_back("U " + id);
          break;
        case v1::WatchCallsResponse::CHANGE_MERGED:
          heard.push_back(absl::StrCat("M ", id, " ", change.merged_into()));
          break;
        default:
          EXPECT_EQ(change.call().caller(), "") << "only the id";
          heard.push_back("R " + id);
      }
    }
    return heard;
  }

 private:
  const Scope scope_;
  WatchHub hub_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CallService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCallsResponse>> reader_;
};

TEST(WatchHub, AWatcherHearsOfItsScopeOnly) {
  Watched watched(OfCaller("101"));
  watched.hub().OnCallUpdated(CallOf("a", "101"));
  watched.hub().OnCallUpdated(CallOf("b", "102"));
  watched.hub().OnCallMerged("b", "c");
  EXPECT_THAT(watched.HeardUpTo("101"), ElementsAre("U a"));
}

TEST(WatchHub, ACallThatLeavesTheScopeIsTakenAway) {
  Watched watched(OfCaller("101"));
  watched.hub().OnCallUpdated(CallOf("a", "101"));
  watched.hub().OnCallUpdated(CallOf("a", "102"));
  watched.hub().OnCallUpdated(CallOf("a", "102"));
  EXPECT_THAT(watched.HeardUpTo("101"), ElementsAre("U a", "R a"));
}

TEST(WatchHub, AMergerNamesNoCallThatTheWatcherMayNotKnow) {
  Watched watched(OfCaller("101"));
  for (const char* id : {"a", "b", "c"}) {
    watched.hub().OnCallUpdated(CallOf(id, "101"));
  }
  watched.hub().OnCallMerged("a", "b");
  watched.hub().OnCallMerged("c", "hidden");
  EXPECT_THAT(watched.HeardUpTo("101"),
              ElementsAre("U a", "U b", "U c", "M a b", "R c"));
}

TEST(WatchHub, WhoSeesAllHearsAll) {
  Watched watched(Scope::All());
  watched.hub().OnCallMerged("a", "b");
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre("M a b"));
}

TEST(WatchHub, RemembersABoundedNumberOfCallsThatItTold) {
  Watched watched(OfCaller("101"));
  for (int i = 0; i <= 2000; ++i) {
    watched.hub().OnCallUpdated(CallOf(absl::StrCat("n", i), "101"));
    if (i % 500 == 0) watched.HeardUpTo("101");
  }
  watched.HeardUpTo("101");
  watched.hub().OnCallMerged("n0", "n2000");
  watched.hub().OnCallMerged("n1999", "n2000");
  EXPECT_THAT(watched.HeardUpTo("101"), ElementsAre("M n1999 n2000"));
}

}  // namespace
}  // namespace callbraid::collector
