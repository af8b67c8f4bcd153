#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_QUERY_WATCHED_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_QUERY_WATCHED_H_

#include <atomic>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "callbraid/v1/query.grpc.pb.h"
#include "collector/query/watch_hub.h"
#include "collector/query/watch_start.h"
#include "collector/query/worker_pool.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {

inline Scope OfCaller(const std::string& number) {
  v1::Scope scope;
  scope.add_numbers(number);
  return *Scope::Parse(scope);
}

// A store whose changes a hub tells, and a watcher of it. Calls have short
// names here.
class Watched {
 public:
  explicit Watched(Scope scope = Scope::All(), size_t capacity = 1024)
      : scope_(std::move(scope)),
        hub_(store_.facts(), store_.events(), seal_, capacity) {
    EXPECT_TRUE(store_.events().StartLog(clock_).ok());
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::CallService::NewStub(server_->InProcessChannel({}));
  }
  ~Watched() {
    hub_.Close();
    Leave();
    server_->Shutdown();
  }

  WatchHub& hub() { return hub_; }
  MemoryStore& store() { return store_; }

  static std::string IdOf(const std::string& name) {
    return ObservationId::Of(name).ToHex();
  }

  // As the correlator does it.
  void Put(const std::string& name, const std::string& caller,
           bool settled = false) {
    CallChange change;
    change.records = {RecordOf(name, caller, settled)};
    Apply(change, {name});
  }
  void Merge(const std::string& name, const std::string& into,
             const std::string& caller) {
    CallChange change;
    change.records = {RecordOf(into, caller, false)};
    change.records[0].add_members(std::string(ObservationId::Of(name).bytes()));
    change.removed = {IdOf(name)};
    Apply(change, {into});
  }
  void Remove(const std::string& name) {
    CallChange change;
    change.removed = {IdOf(name)};
    Apply(change, {});
  }
  void Annotate(const std::string& name, const std::string& tag) {
    v1::AnnotateCallRequest request;
    request.set_id(IdOf(name));
    request.add_tags(tag);
    const CallTurn turn(hub_);
    EXPECT_TRUE(store_.facts().Annotate(request, "ann", Scope::All()).ok());
  }
  // As those do who tell of alerts: in nobody's turn.
  void Alert() {
    store::v1::CallEvent alert;
    alert.set_kind(v1::CALL_EVENT_KIND_ALERT_BEGAN);
    alert.set_time_ns(clock_.WallNs());
    alert.mutable_alert()->set_sensor("s1");
    EXPECT_TRUE(store_.events().AppendEvents({alert}, "alerts", {}).ok());
  }

  // Begins to watch; `token` as in WatchCallsRequest. Then all that is told
  // before changes is on its way.
  void Watch(const std::string& token = "") {
    Leave();
    context_ = std::make_unique<grpc::ClientContext>();
    started_ = {};
    v1::WatchCallsRequest request;
    request.set_resume_token(token);
    reader_ = stub_->WatchCalls(context_.get(), request);
    reader_->WaitForInitialMetadata();
    if (!token.empty()) started_.get_future().wait();
    ended_.reset();
  }
  // Changes wait for this one; returns its id.
  uint64_t WatchHeld() {
    context_ = std::make_unique<grpc::ClientContext>();
    v1::WatchCallsRequest request;
    request.set_include_current(true);
    reader_ = stub_->WatchCalls(context_.get(), request);
    reader_->WaitForInitialMetadata();
    return held_;
  }
  void Leave() {
    if (reader_ == nullptr) return;
    context_->TryCancel();
    v1::WatchCallsResponse change;
    while (reader_->Read(&change)) {
    }
    ended_ = reader_->Finish();
    reader_.reset();
  }
  // Reads the rest, up to the end.
  grpc::Status End() {
    v1::WatchCallsResponse change;
    while (reader_->Read(&change)) {
    }
    ended_ = reader_->Finish();
    reader_.reset();
    return *ended_;
  }

  // What the watcher is told, "U name caller #tag", "M name into", "R name", up
  // to a call of `caller`, which it may see.
  std::vector<std::string> HeardUpTo(const std::string& caller) {
    const std::string end = absl::StrCat("end", ends_++);
    Put(end, caller);
    std::vector<std::string> heard;
    v1::WatchCallsResponse change;
    while (reader_->Read(&change)) {
      if (!change.resume_token().empty()) token_ = change.resume_token();
      if (change.call().id() == IdOf(end)) return heard;
      const std::string text = Text(change);
      if (!text.empty()) heard.push_back(text);
    }
    ADD_FAILURE() << "the watch ended";
    return heard;
  }
  // Of the last response.
  const std::string& token() const { return token_; }

 private:
  class Service final : public v1::CallService::CallbackService {
   public:
    explicit Service(Watched& watched) : watched_(watched) {}
    grpc::ServerWriteReactor<v1::WatchCallsResponse>* WatchCalls(
        grpc::CallbackServerContext*,
        const v1::WatchCallsRequest* request) override {
      return watched_.Serve(*request);
    }

   private:
    Watched& watched_;
  };

  WatchHub::Writer* Serve(const v1::WatchCallsRequest& request) {
    const bool resumes = !request.resume_token().empty();
    const auto watcher =
        hub_.Add(resumes                     ? WatchHub::Mode::kSilent
                 : request.include_current() ? WatchHub::Mode::kHeld
                                             : WatchHub::Mode::kLive,
                 scope_, "ann");
    held_ = watcher->id;
    watcher->writer->StartSendInitialMetadata();
    if (!resumes) return watcher->writer.get();
    const auto position = hub_.tokens().Open(request.resume_token(), scope_);
    EXPECT_TRUE(position.ok()) << position.status();
    const absl::Status queued =
        starts_.Submit([this, watcher = *watcher, position = *position] {
          const absl::Status status = StartFromPosition(
              store_.facts(), hub_, watcher, scope_, position);
          if (!status.ok()) hub_.Remove(watcher.id, status);
          started_.set_value();
        });
    EXPECT_TRUE(queued.ok()) << queued;
    return watcher->writer.get();
  }

  store::v1::CallRecord RecordOf(const std::string& name,
                                 const std::string& caller, bool settled) {
    names_[IdOf(name)] = name;
    store::v1::CallRecord record;
    record.add_members(std::string(ObservationId::Of(name).bytes()));
    record.mutable_call()->set_id(IdOf(name));
    record.mutable_call()->set_caller(caller);
    record.mutable_call()->set_revision(++revisions_);
    record.set_settled(settled);
    return record;
  }

  void Apply(CallChange change, const std::vector<std::string>& updated) {
    change.read_at = store_.facts().LastCommit();
    for (const store::v1::CallRecord& record : change.records) {
      if (!record.settled()) continue;
      change.settled.push_back(*ObservationId::FromBytes(record.members(0)));
    }
    const CallTurn turn(hub_);
    EXPECT_TRUE(store_.facts().ApplyCalls(change).ok());
    for (const std::string& name : updated) {
      v1::Call call;
      call.set_id(IdOf(name));
      hub_.OnCallUpdated(call);
    }
  }

  std::string Text(const v1::WatchCallsResponse& change) {
    const v1::Call& call = change.call();
    const std::string& name = names_[call.id()];
    // Of an earlier HeardUpTo().
    if (name.compare(0, 3, "end") == 0) return "";
    switch (change.change()) {
      case v1::WatchCallsResponse::CHANGE_UPDATED:
        return absl::StrCat(
            "U ", name, " ", call.caller(),
            call.annotation().tags().empty() ? "" : " #",
            call.annotation().tags().empty() ? "" : call.annotation().tags(0));
      case v1::WatchCallsResponse::CHANGE_MERGED:
        return absl::StrCat("M ", name, " ", names_[change.merged_into()]);
      default:
        EXPECT_EQ(call.caller(), "") << "only the id";
        return absl::StrCat("R ", name);
    }
  }

  const Scope scope_;
  fakes::FakeClock clock_;
  const PageSeal seal_;
  MemoryStore store_;
  WatchHub hub_;
  Service service_{*this};
  std::promise<void> started_;
  std::atomic<uint64_t> held_ = 0;
  WorkerPool starts_{"starts", 1, 10};
  std::map<std::string, std::string> names_;
  uint64_t revisions_ = 0;
  int ends_ = 0;
  std::string token_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CallService::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCallsResponse>> reader_;
  std::optional<grpc::Status> ended_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_QUERY_WATCHED_H_
