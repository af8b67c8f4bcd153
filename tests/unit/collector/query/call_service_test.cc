#include "collector/query/call_service.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/retention/retention_watch.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/collector/query/stored_call.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000'000;

v1::AccessConfig Config() {
  v1::AccessConfig config;
  config.set_audit_days(10);
  config.set_audit_entries(1000);
  config.set_bad_tokens_per_minute(100);
  return config;
}

class KnownRetention final : public RetentionWatch {
 public:
  v1::GetRetentionResponse Describe() const override { return known; }
  absl::Status CheckRecorded(const v1::Call& call) const override {
    if (call.caller() != unrecorded) return absl::OkStatus();
    return absl::FailedPreconditionError("not recorded");
  }

  v1::GetRetentionResponse known;
  std::string unrecorded = "none";
};

class CallServiceTest : public testing::Test {
 protected:
  CallServiceTest() {
    EXPECT_TRUE(store_.events().StartLog(clock_).ok());
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::CallService::NewStub(server_->InProcessChannel({}));
  }
  ~CallServiceTest() override {
    hub_.Close();
    server_->Shutdown();
  }

  grpc::Status List(const v1::ListCallsRequest& request) {
    grpc::ClientContext context;
    listed_.Clear();
    return stub_->ListCalls(&context, request, &listed_);
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const v1::Call& call : listed_.calls()) ids.push_back(call.id());
    return ids;
  }
  grpc::Status Get(const std::string& id, v1::Call* call = nullptr) {
    grpc::ClientContext context;
    v1::GetCallRequest request;
    request.set_id(id);
    v1::GetCallResponse response;
    const grpc::Status status = stub_->GetCall(&context, request, &response);
    if (call != nullptr) *call = response.call();
    return status;
  }

  // Stores `call` as the correlator does.
  void Change(StoredCall& call) {
    const CallTurn turn(hub_);
    call.StoreIn(store_);
    hub_.OnCallUpdated(call.call());
  }

  fakes::FakeClock clock_;
  // A token of somebody who sees calls of one caller.
  v1::CreateTokenResponse TokenFor(const std::string& caller,
                                   v1::Role role = v1::ROLE_VIEWER) {
    v1::CreateTokenRequest request;
    request.set_name("ann");
    request.set_role(role);
    request.mutable_scope()->add_numbers(caller);
    const auto made = access_.tokens().Create(request, Caller());
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::CreateTokenResponse();
  }
  static void Send(const v1::CreateTokenResponse& token,
                   grpc::ClientContext& context) {
    context.AddMetadata("authorization", "Bearer " + token.secret());
  }
  std::vector<v1::AuditEntry> Audit() {
    const auto log = access_.audit().List({});
    return {log->entries().begin(), log->entries().end()};
  }

  MemoryStore store_;
  AccessControl access_{Config(), /*insecure=*/true, "", store_.access(),
                        clock_};
  WatchHub hub_{store_.facts(), store_.events(), access_.kept_seal()};
  KnownRetention retention_;
  WorkerPool lookups_{"lookups", 2, 100};
  WorkerPool streams_{"streams", 2, 100};
  CallListeners listeners_{store_, retention_, clock_};
  CallService service_{access_,  store_,     hub_,       lookups_, streams_,
                       streams_, listeners_, retention_, clock_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CallService::Stub> stub_;
  v1::ListCallsResponse listed_;
};

TEST_F(CallServiceTest, ListsPagesNewestFirst) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    StoredCall call(absl::StrCat("call", i), kStartNs + i * kSecond);
    call.StoreIn(store_);
    ids.insert(ids.begin(), call.id());
  }
  v1::ListCallsRequest request;
  request.set_page_size(2);
  std::vector<std::string> all;
  do {
    ASSERT_TRUE(List(request).ok());
    for (const std::string& id : Ids()) all.push_back(id);
    request.set_page_token(listed_.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(all, ids);
}

TEST_F(CallServiceTest, ListsWhatTheConditionsAllow) {
  StoredCall ringing("ringing");
  ringing.call().set_state(v1::CALL_STATE_RINGING);
  ringing.call().set_caller("+49301");
  ringing.call().add_sensors("s1");
  ringing.StoreIn(store_);
  StoredCall("other").StoreIn(store_);

  v1::ListCallsRequest request;
  request.add_states(v1::CALL_STATE_RINGING);
  request.set_number_prefix("+49");
  request.set_sensor("s1");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Ids(), ElementsAre(ringing.id()));
  request.set_sensor("s2");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Ids(), ElementsAre());
}

TEST_F(CallServiceTest, RefusesATokenThatIsNotOurs) {
  v1::ListCallsRequest request;
  request.set_page_token("bogus");
  EXPECT_EQ(List(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallServiceTest, RefusesConditionsThatMakeNoSense) {
  v1::ListCallsRequest request;
  request.mutable_start_from()->set_nanos(-1);
  grpc::Status status = List(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("start_from"));
}

TEST_F(CallServiceTest, FindsACallByTheBeginningOfItsId) {
  StoredCall call("a");
  call.StoreIn(store_);
  v1::Call found;
  ASSERT_TRUE(Get(call.id().substr(0, 8), &found).ok());
  EXPECT_EQ(found.id(), call.id());
}

TEST_F(CallServiceTest, SaysThatACallIsNotThere) {
  EXPECT_EQ(Get(std::string(32, '0')).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Get("123").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Get("not hex!").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallServiceTest, GetsTheSignallingOfACall) {
  StoredCall call("a");
  call.AddSip(call.AddDialog("s1"), 0, "INVITE sip:103@a SIP/2.0");
  call.StoreIn(store_);
  grpc::ClientContext context;
  v1::GetSignallingRequest request;
  request.set_id(call.id());
  v1::GetSignallingResponse response;
  ASSERT_TRUE(stub_->GetSignalling(&context, request, &response).ok());
  ASSERT_EQ(response.messages_size(), 1);
  EXPECT_EQ(response.messages(0).summary(), "INVITE");
}

TEST_F(CallServiceTest, TellsKeysAndNotesThatItDid) {
  StoredCall call("a");
  call.AddDialog("s1");
  call.StoreIn(store_);
  for (const bool with_digits : {false, true}) {
    grpc::ClientContext context;
    v1::GetTimelineRequest request;
    request.set_id(call.id());
    request.set_with_digits(with_digits);
    v1::GetTimelineResponse response;
    EXPECT_TRUE(stub_->GetTimeline(&context, request, &response).ok());
    EXPECT_EQ(Audit().size(), with_digits ? 1u : 0u);
  }
}

TEST_F(CallServiceTest, TellsTheQualityOfACall) {
  StoredCall call("a");
  call.AddDialog("s1");
  call.StoreIn(store_);
  grpc::ClientContext context;
  v1::GetQualityRequest request;
  request.set_id(call.id());
  v1::GetQualityResponse response;
  EXPECT_TRUE(stub_->GetQuality(&context, request, &response).ok());
  EXPECT_EQ(response.streams_size(), 0);
  grpc::ClientContext other;
  request.set_stream_id("nonesuch");
  EXPECT_EQ(stub_->GetQuality(&other, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(CallServiceTest, WatchersHearOfChangesAndRemovals) {
  grpc::ClientContext context;
  const auto reader = stub_->WatchCalls(&context, {});
  reader->WaitForInitialMetadata();
  StoredCall call("a");
  Change(call);
  {
    const CallTurn turn(hub_);
    CallChange change;
    change.removed = {call.id()};
    ASSERT_TRUE(store_.facts().ApplyCalls(change).ok());
  }

  v1::WatchCallsResponse change;
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.change(), v1::WatchCallsResponse::CHANGE_UPDATED);
  EXPECT_EQ(change.call().caller(), "101");
  EXPECT_NE(change.resume_token(), "");
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.change(), v1::WatchCallsResponse::CHANGE_REMOVED);
  EXPECT_EQ(change.call().id(), call.id());
}

TEST_F(CallServiceTest, WatchersLearnOfWhatPeopleWrite) {
  StoredCall call("a");
  call.StoreIn(store_);
  grpc::ClientContext context;
  const auto reader = stub_->WatchCalls(&context, {});
  reader->WaitForInitialMetadata();

  const auto token = TokenFor("101");
  grpc::ClientContext writer;
  Send(token, writer);
  v1::AnnotateCallRequest request;
  request.set_id(call.id());
  request.add_tags("vip");
  v1::AnnotateCallResponse response;
  const grpc::Status written = stub_->AnnotateCall(&writer, request, &response);
  ASSERT_TRUE(written.ok()) << written.error_message();
  EXPECT_EQ(response.call().annotation().user(), "ann");
  v1::WatchCallsResponse change;
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_THAT(change.call().annotation().tags(), ElementsAre("vip"));
  EXPECT_EQ(change.call().revision(), call.call().revision());

  // Noted, and so is what came too late.
  grpc::ClientContext late;
  Send(token, late);
  EXPECT_EQ(stub_->AnnotateCall(&late, request, &response).error_code(),
            grpc::StatusCode::ABORTED);
  access_.RunOnce(absl::ZeroDuration());
  int notes = 0;
  for (const v1::AuditEntry& entry : Audit()) {
    if (entry.act() != v1::AUDIT_ACT_ANNOTATE_CALL) continue;
    ++notes;
    EXPECT_EQ(entry.user(), "ann");
    EXPECT_EQ(entry.target(), call.id());
  }
  EXPECT_GE(notes, 2);
}

TEST_F(CallServiceTest, NobodyWritesAboutWhatHeMayNotSee) {
  StoredCall call("a");
  call.StoreIn(store_);
  grpc::ClientContext context;
  Send(TokenFor("999"), context);
  v1::AnnotateCallRequest request;
  request.set_id(call.id());
  request.set_note("x");
  v1::AnnotateCallResponse response;
  EXPECT_EQ(stub_->AnnotateCall(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
  v1::Call stored;
  ASSERT_TRUE(Get(call.id(), &stored).ok());
  EXPECT_FALSE(stored.has_annotation());
}

TEST_F(CallServiceTest, CountsWhatTheCallerMaySee) {
  for (const char* name : {"a", "b", "c"}) {
    StoredCall call(name);
    if (*name == 'c') call.call().set_caller("999");
    call.StoreIn(store_);
  }
  const auto count = [&](const v1::CreateTokenResponse* token) -> uint64_t {
    grpc::ClientContext context;
    if (token != nullptr) Send(*token, context);
    v1::CountCallsRequest request;
    request.mutable_start_from()->set_seconds(kStartNs / kSecond);
    request.mutable_start_before()->set_seconds(kStartNs / kSecond + 1);
    v1::CountCallsResponse response;
    const grpc::Status status = stub_->CountCalls(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.intervals_size() == 1 &&
                   response.intervals(0).counts_size() == 1
               ? response.intervals(0).counts(0).calls()
               : 0;
  };
  EXPECT_EQ(count(nullptr), 3u);
  const v1::CreateTokenResponse token = TokenFor("101");
  EXPECT_EQ(count(&token), 2u);
}

TEST_F(CallServiceTest, SaysWhatCannotBeCounted) {
  v1::CountCallsRequest request;
  request.mutable_interval()->set_seconds(7);
  v1::CountCallsResponse response;
  grpc::ClientContext context;
  const grpc::Status bad = stub_->CountCalls(&context, request, &response);
  EXPECT_EQ(bad.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(bad.error_message(), testing::StartsWith("interval: "));
  grpc::ClientContext auditor;
  v1::CreateTokenRequest token;
  token.set_name("ann");
  token.set_role(v1::ROLE_AUDITOR);
  const auto made = access_.tokens().Create(token, Caller());
  ASSERT_TRUE(made.ok()) << made.status();
  Send(*made, auditor);
  EXPECT_EQ(stub_->CountCalls(&auditor, {}, &response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(CallServiceTest, AWatchGoesOnByItsToken) {
  StoredCall call("a");
  std::string token;
  {
    grpc::ClientContext context;
    const auto reader = stub_->WatchCalls(&context, {});
    reader->WaitForInitialMetadata();
    Change(call);
    v1::WatchCallsResponse change;
    ASSERT_TRUE(reader->Read(&change));
    token = change.resume_token();
    context.TryCancel();
    reader->Finish();
  }
  StoredCall meanwhile("b");
  Change(meanwhile);
  grpc::ClientContext context;
  v1::WatchCallsRequest request;
  request.set_resume_token(token);
  const auto reader = stub_->WatchCalls(&context, request);
  v1::WatchCallsResponse change;
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.call().id(), meanwhile.id());

  grpc::ClientContext other;
  request.set_resume_token("forged");
  const auto refused = stub_->WatchCalls(&other, request);
  EXPECT_FALSE(refused->Read(&change));
  EXPECT_EQ(refused->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallServiceTest, WatchersMayHaveCallsInProgressFirst) {
  StoredCall over("over");
  over.StoreIn(store_);
  StoredCall active("active");
  active.call().set_state(v1::CALL_STATE_ACTIVE);
  active.call().add_evidence()->set_detail("whole call");
  active.StoreIn(store_);

  grpc::ClientContext context;
  v1::WatchCallsRequest request;
  request.set_include_current(true);
  const auto reader = stub_->WatchCalls(&context, request);
  reader->WaitForInitialMetadata();
  active.call().set_revision(2);
  Change(active);

  v1::WatchCallsResponse change;
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.call().id(), active.id());
  EXPECT_EQ(change.call().evidence_size(), 1);
  // The first change may have come before or after the watcher was let go; in
  // the end it knows the newest revision.
  while (change.call().revision() < 2) ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.call().id(), active.id());
}

TEST_F(CallServiceTest, WatchersAreToldThatTheCollectorStops) {
  grpc::ClientContext context;
  const auto reader = stub_->WatchCalls(&context, {});
  reader->WaitForInitialMetadata();
  hub_.Close();
  v1::WatchCallsResponse change;
  EXPECT_FALSE(reader->Read(&change));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);

  grpc::ClientContext late_context;
  const auto late = stub_->WatchCalls(&late_context, {});
  EXPECT_FALSE(late->Read(&change));
  EXPECT_EQ(late->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(CallServiceTest, AWatcherThatLeavesIsForgotten) {
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    const auto reader = stub_->WatchCalls(&context, {});
    reader->WaitForInitialMetadata();
    context.TryCancel();
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  StoredCall call("a");
  Change(call);
}

TEST_F(CallServiceTest, AWatcherThatDoesNotReadIsEnded) {
  grpc::ClientContext slow_context;
  const auto slow = stub_->WatchCalls(&slow_context, {});
  slow->WaitForInitialMetadata();
  StoredCall call("a");
  // Too much for its queue and for the window of the transport.
  call.call().set_caller_name(std::string(100'000, 'x'));
  for (int i = 0; i < 1200; ++i) Change(call);

  v1::WatchCallsResponse change;
  while (slow->Read(&change)) {
  }
  EXPECT_EQ(slow->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(CallServiceTest, TellsOfRetentionWhatIsInScope) {
  v1::GetRetentionResponse& all = retention_.known;
  all.set_bytes(7);
  all.set_is_full(true);
  all.mutable_config()->set_call_days(30);
  const auto add = [&all](std::vector<std::string> sites,
                          std::vector<std::string> numbers) {
    v1::RetentionRule& rule = *all.mutable_config()->add_rules();
    rule.mutable_sites()->Assign(sites.begin(), sites.end());
    rule.mutable_numbers()->Assign(numbers.begin(), numbers.end());
  };
  add({"berlin"}, {});
  add({"berlin"}, {"102"});
  add({}, {"102", "10*"});
  const auto get = [this](const v1::CreateTokenResponse* token) {
    grpc::ClientContext context;
    if (token != nullptr) Send(*token, context);
    v1::GetRetentionResponse response;
    EXPECT_TRUE(stub_->GetRetention(&context, {}, &response).ok());
    return response;
  };
  EXPECT_EQ(get(nullptr).SerializeAsString(), all.SerializeAsString());
  const v1::CreateTokenResponse token = TokenFor("101", v1::ROLE_OPERATOR);
  const v1::GetRetentionResponse seen = get(&token);
  EXPECT_EQ(seen.bytes(), 0u);
  EXPECT_TRUE(seen.is_full());
  EXPECT_EQ(seen.config().call_days(), 30u);
  ASSERT_EQ(seen.config().rules_size(), 2);
  EXPECT_THAT(seen.config().rules(0).sites(), ElementsAre("berlin"));
  EXPECT_THAT(seen.config().rules(1).numbers(), ElementsAre("10*"));
}

TEST_F(CallServiceTest, SaysWhyThereIsNoAudio) {
  StoredCall call("a");
  call.StoreIn(store_);
  grpc::ClientContext context;
  v1::GetAudioRequest request;
  request.set_id(call.id());
  auto reader = stub_->GetAudio(&context, request);
  v1::GetAudioResponse piece;
  EXPECT_FALSE(reader->Read(&piece));
  EXPECT_EQ(reader->Finish().error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);

  grpc::ClientContext other_context;
  request.set_id(std::string(32, '0'));
  reader = stub_->GetAudio(&other_context, request);
  EXPECT_FALSE(reader->Read(&piece));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(CallServiceTest, LetsNobodyHearWhatIsNotRecorded) {
  StoredCall call("a");
  call.AddSip(call.AddDialog("s1"), 0, "INVITE sip:103@a SIP/2.0");
  call.StoreIn(store_);
  retention_.unrecorded = call.call().caller();
  {
    grpc::ClientContext context;
    v1::GetAudioRequest request;
    request.set_id(call.id());
    const auto reader = stub_->GetAudio(&context, request);
    v1::GetAudioResponse piece;
    EXPECT_FALSE(reader->Read(&piece));
    EXPECT_EQ(reader->Finish().error_message(), "not recorded");
  }
  {
    grpc::ClientContext context;
    v1::GetFaxRequest request;
    request.set_id(call.id());
    const auto reader = stub_->GetFax(&context, request);
    v1::GetFaxResponse piece;
    EXPECT_FALSE(reader->Read(&piece));
    EXPECT_EQ(reader->Finish().error_message(), "not recorded");
  }
  for (const bool with_digits : {false, true}) {
    grpc::ClientContext context;
    v1::GetTimelineRequest request;
    request.set_id(call.id());
    request.set_with_digits(with_digits);
    v1::GetTimelineResponse response;
    EXPECT_EQ(stub_->GetTimeline(&context, request, &response).ok(),
              !with_digits);
  }
}

TEST_F(CallServiceTest, RefusesWhenItsQueueIsFull) {
  WorkerPool none("none", 0, 0);
  CallService service(access_, store_, hub_, none, none, none, listeners_,
                      retention_, clock_);
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub = v1::CallService::NewStub(server->InProcessChannel({}));

  grpc::ClientContext context;
  v1::GetCallResponse response;
  EXPECT_EQ(stub->GetCall(&context, {}, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext stream_context;
  const auto reader = stub->GetAudio(&stream_context, {});
  v1::GetAudioResponse piece;
  EXPECT_FALSE(reader->Read(&piece));
  EXPECT_EQ(reader->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  server->Shutdown();
}

TEST_F(CallServiceTest, WhatIsOutOfScopeIsNotThereForAnyMethod) {
  StoredCall hidden("hidden");
  hidden.call().set_caller("102");
  hidden.AddSip(hidden.AddDialog("s1"), 0, "INVITE sip:103@a SIP/2.0");
  hidden.StoreIn(store_);
  const v1::CreateTokenResponse token = TokenFor("101");
  const auto expect_not_found = [](const grpc::Status& status) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND)
        << status.error_message();
  };
  {
    grpc::ClientContext context;
    Send(token, context);
    v1::ListCallsResponse list;
    ASSERT_TRUE(stub_->ListCalls(&context, {}, &list).ok());
    EXPECT_EQ(list.calls_size(), 0);
    EXPECT_EQ(list.next_page_token(), "");
  }
  {
    grpc::ClientContext context;
    Send(token, context);
    v1::GetCallRequest request;
    request.set_id(hidden.id());
    v1::GetCallResponse response;
    expect_not_found(stub_->GetCall(&context, request, &response));
  }
  {
    grpc::ClientContext context;
    Send(token, context);
    v1::GetSignallingRequest request;
    request.set_id(hidden.id());
    v1::GetSignallingResponse response;
    expect_not_found(stub_->GetSignalling(&context, request, &response));
  }
  {
    grpc::ClientContext context;
    Send(token, context);
    v1::GetTimelineRequest request;
    request.set_id(hidden.id());
    v1::GetTimelineResponse response;
    expect_not_found(stub_->GetTimeline(&context, request, &response));
  }
  {
    grpc::ClientContext context;
    Send(token, context);
    v1::GetQualityRequest request;
    request.set_id(hidden.id());
    v1::GetQualityResponse response;
    expect_not_found(stub_->GetQuality(&context, request, &response));
  }
  {
    grpc::ClientContext context;
    Send(token, context);
    v1::GetAudioRequest request;
    request.set_id(hidden.id());
    const auto reader = stub_->GetAudio(&context, request);
    v1::GetAudioResponse piece;
    EXPECT_FALSE(reader->Read(&piece));
    expect_not_found(reader->Finish());
  }
  {
    grpc::ClientContext context;
    Send(token, context);
    v1::GetPacketsRequest request;
    request.set_id(hidden.id());
    const auto reader = stub_->GetPackets(&context, request);
    v1::GetPacketsResponse piece;
    EXPECT_FALSE(reader->Read(&piece));
    expect_not_found(reader->Finish());
  }
}

TEST_F(CallServiceTest, APageTokenTellsNothingAndIsOfItsScope) {
  for (const char* name : {"a", "b", "c"}) StoredCall(name).StoreIn(store_);
  v1::ListCallsRequest request;
  request.set_page_size(1);
  ASSERT_TRUE(List(request).ok());
  request.set_page_token(listed_.next_page_token());
  EXPECT_TRUE(List(request).ok());
  const v1::CreateTokenResponse token = TokenFor("101");
  grpc::ClientContext context;
  Send(token, context);
  EXPECT_EQ(stub_->ListCalls(&context, request, &listed_).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  std::string changed = request.page_token();
  changed[10] = changed[10] == 'A' ? 'B' : 'A';
  request.set_page_token(changed);
  EXPECT_EQ(List(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallServiceTest, ListeningIsNotedBeforeTheFirstByte) {
  StoredCall call("a");
  call.AddSip(call.AddDialog("s1"), 0, "INVITE sip:103@a SIP/2.0");
  call.StoreIn(store_);
  const auto read = [this, &call] {
    grpc::ClientContext context;
    v1::GetPacketsRequest request;
    request.set_id(call.id().substr(0, 8));
    const auto reader = stub_->GetPackets(&context, request);
    v1::GetPacketsResponse piece;
    int pieces = 0;
    while (reader->Read(&piece)) ++pieces;
    return std::make_pair(pieces, reader->Finish().error_code());
  };
  EXPECT_EQ(read().second, grpc::StatusCode::OK);
  ASSERT_EQ(Audit().size(), 1u);
  EXPECT_EQ(Audit()[0].act(), v1::AUDIT_ACT_EXPORT_PACKETS);
  EXPECT_EQ(Audit()[0].target(), call.id()) << "the whole id";
  EXPECT_EQ(Audit()[0].status(), 0u);
  // What cannot be noted is not done.
  store_.FailCommitsWith(absl::UnavailableError("full"), 1);
  EXPECT_EQ(read(), std::make_pair(0, grpc::StatusCode::UNAVAILABLE));
}

TEST_F(CallServiceTest, ExportsMediaKeysToAdminsOnly) {
  constexpr char kKey[] = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
  StoredCall call("a");
  call.call().set_caller("101");
  call.AddSip(call.AddDialog("s1"), 0,
              absl::StrCat("INVITE sip:103@a SIP/2.0\r\n\r\n"
                           "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
                           kKey));
  call.StoreIn(store_);
  const v1::CreateTokenResponse viewer = TokenFor("101");
  for (const bool admin : {false, true}) {
    grpc::ClientContext context;
    // Without a token everyone is an admin here.
    if (!admin) Send(viewer, context);
    v1::GetPacketsRequest request;
    request.set_id(call.id());
    const auto reader = stub_->GetPackets(&context, request);
    std::string file;
    v1::GetPacketsResponse piece;
    while (reader->Read(&piece)) file += piece.data();
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_EQ(file.find(kKey) != std::string::npos, admin);
    EXPECT_NE(file.find("inline:"), std::string::npos);
  }
}

TEST_F(CallServiceTest, KeepsMediaKeysWherePressedKeysAreMasked) {
  constexpr char kKey[] = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
  StoredCall call("a");
  call.AddSip(call.AddDialog("s1"), 0,
              absl::StrCat("INVITE sip:103@a SIP/2.0\r\n\r\n"
                           "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
                           kKey));
  call.StoreIn(store_);
  for (const bool masked : {false, true}) {
    grpc::ClientContext context;
    v1::GetPacketsRequest request;
    request.set_id(call.id());
    request.set_mask_keys(masked);
    const auto reader = stub_->GetPackets(&context, request);
    std::string file;
    v1::GetPacketsResponse piece;
    while (reader->Read(&piece)) file += piece.data();
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_EQ(file.find(kKey) == std::string::npos, masked);
  }
}

TEST_F(CallServiceTest, WatchingEndsWhenTheTokenIsRevoked) {
  const v1::CreateTokenResponse token = TokenFor("101");
  grpc::ClientContext context;
  Send(token, context);
  const auto reader = stub_->WatchCalls(&context, {});
  reader->WaitForInitialMetadata();
  StoredCall call("a");
  Change(call);
  v1::WatchCallsResponse change;
  ASSERT_TRUE(reader->Read(&change));
  ASSERT_TRUE(access_.Revoke(token.token().id(), Caller()).ok());
  EXPECT_FALSE(reader->Read(&change));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(access_.sessions().size(), 0u);
}

TEST_F(CallServiceTest, AnExportEndsWhenTheTokenIsRevoked) {
  StoredCall call("a");
  const ObservationId dialog = call.AddDialog("s1");
  // More than gRPC and the writer hold back for a reader that waits.
  for (int i = 0; i < 400; ++i) {
    call.AddSip(dialog, i * kSecond,
                "INVITE sip:" + std::string(50'000, 'x') + "@a SIP/2.0");
  }
  call.StoreIn(store_);
  const v1::CreateTokenResponse token = TokenFor("101");
  grpc::ClientContext context;
  Send(token, context);
  v1::GetPacketsRequest request;
  request.set_id(call.id());
  const auto reader = stub_->GetPackets(&context, request);
  v1::GetPacketsResponse piece;
  ASSERT_TRUE(reader->Read(&piece));
  ASSERT_TRUE(access_.Revoke(token.token().id(), Caller()).ok());
  size_t bytes = 0;
  while (reader->Read(&piece)) bytes += piece.data().size();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_LT(bytes, 400u * 50'000u);
}

}  // namespace
}  // namespace callbraid::collector
