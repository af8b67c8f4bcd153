#include "collector/cli/cli.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "callbraid/v1/access.grpc.pb.h"
#include "callbraid/v1/query.grpc.pb.h"
#include "callbraid/v1/sensor.grpc.pb.h"
#include "common/media/wav_header.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kCallId[] = "3fa85f6457174562b3fc2c963f66afa6";

class FixedClock final : public Clock {
 public:
  // The year 2100: gRPC takes deadlines by the machine's clock, which is
  // behind.
  int64_t WallNs() const override { return 4'102'444'800'000'000'000; }
  int64_t MonotonicNs() const override { return 0; }
};

// A collector with one call.
class FakeCalls final : public v1::CallService::Service {
 public:
  grpc::Status ListCalls(grpc::ServerContext*,
                         const v1::ListCallsRequest* request,
                         v1::ListCallsResponse* response) override {
    requests.push_back(*request);
    const int first =
        request->page_token().empty() ? 0 : std::stoi(request->page_token());
    const int size = static_cast<int>(request->page_size());
    for (int i = first; i < std::min(first + size, calls); ++i) {
      response->add_calls()->set_id(absl::StrCat(i, kCallId).substr(0, 32));
    }
    if (first + size < calls) {
      response->set_next_page_token(absl::StrCat(first + size));
    }
    return grpc::Status::OK;
  }

  grpc::Status GetCall(grpc::ServerContext*, const v1::GetCallRequest* request,
                       v1::GetCallResponse* response) override {
    if (request->id() != kCallId) return NotFound();
    response->mutable_call()->set_id(kCallId);
    response->mutable_call()->add_streams()->set_id("abcdef0123456789");
    if (annotation.has_time()) {
      *response->mutable_call()->mutable_annotation() = annotation;
    }
    return grpc::Status::OK;
  }

  grpc::Status ListenToCall(
      grpc::ServerContext*, const v1::ListenToCallRequest* request,
      grpc::ServerWriter<v1::ListenToCallResponse>* writer) override {
    listened = *request;
    v1::ListenToCallResponse heard;
    heard.set_sample_rate(16000);
    heard.set_samples("abcd");
    heard.add_findings("one is encrypted");
    writer->Write(heard);
    heard.Clear();
    heard.set_samples("efgh");
    writer->Write(heard);
    return grpc::Status::OK;
  }

  grpc::Status GetAudio(
      grpc::ServerContext*, const v1::GetAudioRequest* request,
      grpc::ServerWriter<v1::GetAudioResponse>* writer) override {
    audio = *request;
    if (request->id() != kCallId) return NotFound();
    v1::GetAudioResponse piece;
    piece.set_data("RIFF");
    piece.set_total_bytes(8);
    writer->Write(piece);
    if (fail_midway) return {grpc::StatusCode::DATA_LOSS, "damaged"};
    piece.set_data("WAVE");
    writer->Write(piece);
    return grpc::Status::OK;
  }

  // Ends the watch after each change, the last one for good.
  grpc::Status WatchCalls(
      grpc::ServerContext*, const v1::WatchCallsRequest* request,
      grpc::ServerWriter<v1::WatchCallsResponse>* writer) override {
    watches.push_back(*request);
    if (request->resume_token() == "too old") {
      return {grpc::StatusCode::OUT_OF_RANGE, "no longer known"};
    }
    v1::WatchCallsResponse change;
    change.set_change(v1::WatchCallsResponse::CHANGE_UPDATED);
    change.mutable_call()->set_id(kCallId);
    for (const v1::WatchCallsResponse& more : changes) writer->Write(more);
    if (watches.size() <= tokens.size()) {
      change.set_resume_token(tokens[watches.size() - 1]);
    }
    writer->Write(change);
    if (watches.size() > tokens.size() && !tokens.empty()) {
      return {grpc::StatusCode::PERMISSION_DENIED, "not any more"};
    }
    return {grpc::StatusCode::UNAVAILABLE, "the collector stops"};
  }

  grpc::Status AnnotateCall(grpc::ServerContext*,
                            const v1::AnnotateCallRequest* request,
                            v1::AnnotateCallResponse* response) override {
    if (conflicts-- > 0) {
      annotation.add_tags("theirs");
      annotation.mutable_time()->set_seconds(9);
    }
    if (request->replaces().seconds() != annotation.time().seconds()) {
      return {grpc::StatusCode::ABORTED, "somebody else wrote"};
    }
    *annotation.mutable_tags() = request->tags();
    annotation.set_note(request->note());
    annotation.mutable_time()->set_seconds(annotation.time().seconds() + 1);
    *response->mutable_call()->mutable_annotation() = annotation;
    return grpc::Status::OK;
  }

  static grpc::Status NotFound() {
    return {grpc::StatusCode::NOT_FOUND, "no call has this id"};
  }

  int calls = 3;
  bool fail_midway = false;
  std::vector<v1::ListCallsRequest> requests;
  v1::GetAudioRequest audio;
  v1::ListenToCallRequest listened;
  // By watch.
  std::vector<std::string> tokens;
  std::vector<v1::WatchCallsRequest> watches;
  // Told before that.
  std::vector<v1::WatchCallsResponse> changes;
  v1::CallAnnotation annotation;
  int conflicts = 0;
};

class FakeSensors final : public v1::SensorService::Service {
  grpc::Status ListSensors(grpc::ServerContext*, const v1::ListSensorsRequest*,
                           v1::ListSensorsResponse* response) override {
    response->add_sensors()->set_id("s1");
    return grpc::Status::OK;
  }

 public:
  grpc::Status ListPhones(grpc::ServerContext*,
                          const v1::ListPhonesRequest* request,
                          v1::ListPhonesResponse* response) override {
    phones = *request;
    if (request->site() == "nosuch") return grpc::Status::OK;
    v1::Phone& phone = *response->add_phones();
    phone.set_site("berlin");
    phone.set_number("101");
    phone.set_address("10.0.0.101");
    phone.set_mac("02:10:00:00:01:01");
    phone.set_user_agent("Yealink\x1b[2J");
    phone.mutable_last_time()->set_seconds(1'795'770'000);
    phone.set_capture_point("s1/eth0");
    phone.set_gone(true);
    response->set_truncated(true);
    return grpc::Status::OK;
  }

  v1::ListPhonesRequest phones;
};

// Notes what it is asked, and with which token.
class FakeAccess final : public v1::AccessService::Service {
 public:
  grpc::Status CreateToken(grpc::ServerContext* context,
                           const v1::CreateTokenRequest* request,
                           v1::CreateTokenResponse* response) override {
    Note(*context);
    create = *request;
    response->set_secret("cbt_secret");
    response->mutable_token()->set_id("0123456789abcdef");
    return grpc::Status::OK;
  }
  grpc::Status ListTokens(grpc::ServerContext*, const v1::ListTokensRequest*,
                          v1::ListTokensResponse* response) override {
    v1::Token& token = *response->add_tokens();
    token.set_id("0123456789abcdef");
    token.set_name("ann");
    token.set_role(v1::ROLE_VIEWER);
    token.mutable_scope()->add_numbers("+4930*");
    return grpc::Status::OK;
  }
  grpc::Status RevokeToken(grpc::ServerContext*,
                           const v1::RevokeTokenRequest* request,
                           v1::RevokeTokenResponse* response) override {
    response->mutable_token()->set_id(request->id());
    return grpc::Status::OK;
  }
  grpc::Status SetUser(grpc::ServerContext*, const v1::SetUserRequest* request,
                       v1::SetUserResponse* response) override {
    set = *request;
    *response->mutable_user() = request->user();
    return grpc::Status::OK;
  }
  grpc::Status ListUsers(grpc::ServerContext*, const v1::ListUsersRequest*,
                         v1::ListUsersResponse* response) override {
    v1::User& sophie = *response->add_users();
    sophie.set_name("sophie");
    sophie.set_role(v1::ROLE_OPERATOR);
    sophie.mutable_scope()->add_sites("berlin");
    sophie.mutable_scope()->add_numbers("+4930*");
    return grpc::Status::OK;
  }
  grpc::Status ListAudit(grpc::ServerContext*,
                         const v1::ListAuditRequest* request,
                         v1::ListAuditResponse* response) override {
    if (request->user() == "evil") {
      return {grpc::StatusCode::PERMISSION_DENIED, "not you"};
    }
    audit = *request;
    v1::AuditEntry& entry = *response->add_entries();
    entry.set_sequence(7);
    entry.set_act(v1::AUDIT_ACT_LISTEN);
    entry.set_credential(v1::CREDENTIAL_TOKEN);
    entry.set_user("ann");
    entry.set_target(kCallId);
    response->set_cut(6);
    return grpc::Status::OK;
  }

  std::vector<std::string> authorization;
  v1::CreateTokenRequest create;
  v1::SetUserRequest set;
  v1::ListAuditRequest audit;

 private:
  void Note(const grpc::ServerContext& context) {
    authorization.clear();
    const auto [begin, end] =
        context.client_metadata().equal_range("authorization");
    for (auto at = begin; at != end; ++at) {
      authorization.emplace_back(at->second.data(), at->second.size());
    }
  }
};

class CliTest : public testing::Test {
 protected:
  CliTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(&calls_);
    builder.RegisterService(&sensors_);
    builder.RegisterService(&access_);
    server_ = builder.BuildAndStart();
    collector_ = absl::StrCat("127.0.0.1:", port);
  }

  // Runs the command without a connection.
  int RunAlone(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    const World world = {[](const char*) { return nullptr; }, clock_,
                         absl::UTCTimeZone(), out_, err_};
    return RunCli(arguments, world);
  }
  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"--collector", collector_, "--insecure"});
    return RunAlone(std::move(arguments));
  }
  std::string File(const std::string& name) {
    return folder_.path() + "/" + name;
  }
  static std::string Contents(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  FixedClock clock_;
  FakeCalls calls_;
  FakeSensors sensors_;
  FakeAccess access_;
  std::unique_ptr<grpc::Server> server_;
  std::string collector_;
  const fakes::TempDir folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CliTest, HelpListsEveryCommand) {
  EXPECT_EQ(RunAlone({"--help"}), kDone);
  for (const char* command :
       {"calls list", "calls show ID", "calls watch", "calls ladder ID",
        "calls audio ID", "calls packets ID", "sensors list"}) {
    EXPECT_THAT(out_.str(), HasSubstr(command));
  }
  EXPECT_EQ(RunAlone({"calls", "--help"}), kDone);
  EXPECT_EQ(RunAlone({"help"}), kDone);
}

TEST_F(CliTest, ListsPhones) {
  EXPECT_EQ(Run({"sensors", "phones", "--site", "berlin", "--number", "10"}),
            kDone);
  EXPECT_EQ(sensors_.phones.site(), "berlin");
  EXPECT_EQ(sensors_.phones.number_prefix(), "10");
  EXPECT_THAT(out_.str(), StartsWith("SITE"));
  EXPECT_THAT(out_.str(), HasSubstr("berlin  101"));
  EXPECT_THAT(out_.str(), HasSubstr("02:10:00:00:01:01"));
  EXPECT_THAT(out_.str(), HasSubstr("2026-11-27 09:00:00, gone"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(err_.str(), HasSubstr("there are more"));
  EXPECT_EQ(Run({"sensors", "phones", "--json"}), kDone);
  EXPECT_THAT(out_.str(), StartsWith("{\"site\":\"berlin\","));
  EXPECT_EQ(Run({"sensors", "phones", "--site", "nosuch"}), kDone);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("no phone was seen"));
}

TEST_F(CliTest, EachCommandHasItsOwnHelp) {
  EXPECT_EQ(RunAlone({"calls", "list", "--help"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("--number PREFIX"));
  EXPECT_THAT(out_.str(), HasSubstr("--collector HOST:PORT"));
}

TEST_F(CliTest, SaysItsVersion) {
  EXPECT_EQ(RunAlone({"--version"}), kDone);
  EXPECT_THAT(out_.str(), StartsWith("callbraid "));
}

TEST_F(CliTest, UnknownWordsGetASuggestion) {
  EXPECT_EQ(RunAlone({"call", "lst"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'calls list'?"));
  EXPECT_EQ(RunAlone({"calls"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("calls what? One of: list, count, show"));
  EXPECT_EQ(RunAlone({"calls", "list", "--limt", "3"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean --limit?"));
}

TEST_F(CliTest, WrongUsageIsExitCodeTwo) {
  EXPECT_EQ(RunAlone({}), kUsage);
  EXPECT_EQ(Run({"calls", "show"}), kUsage);
  EXPECT_EQ(Run({"calls", "show", "a", "b"}), kUsage);
  EXPECT_EQ(Run({"calls", "audio", kCallId}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("-o call.wav"));
  EXPECT_EQ(Run({"calls", "list", "--from", "soon"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--from: 'soon' is no time"));
  EXPECT_EQ(Run({"calls", "list", "--state", "done"}), kUsage);
  EXPECT_EQ(RunAlone({"calls", "list"}), kUsage) << "neither TLS nor plaintext";
}

TEST_F(CliTest, WhatIsNotThereIsExitCodeThree) {
  EXPECT_EQ(Run({"calls", "show", "00000000"}), kNotFound);
  EXPECT_EQ(err_.str(), "callbraid: no call has this id\n");
}

TEST_F(CliTest, ACollectorThatIsNotThereIsExitCodeFour) {
  server_->Shutdown();
  server_.reset();
  EXPECT_EQ(Run({"sensors", "list"}), kUnreachable);
  EXPECT_THAT(err_.str(), HasSubstr(collector_));
  EXPECT_EQ(Run({"calls", "watch"}), kUnreachable);
}

TEST_F(CliTest, ListFollowsPagesUpToItsLimit) {
  calls_.calls = 1200;
  EXPECT_EQ(Run({"calls", "list", "--json", "--limit", "700"}), kDone);
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 700);
  ASSERT_EQ(calls_.requests.size(), 2u);
  EXPECT_EQ(calls_.requests[1].page_size(), 200u);
  EXPECT_EQ(Run({"calls", "list", "--json", "--limit", "0"}), kDone);
  const std::string all = out_.str();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 1200);
}

TEST_F(CliTest, ListPassesItsFiltersOn) {
  EXPECT_EQ(Run({"calls", "list", "--from", "2026-11-23T09:00:00Z", "--number",
                 "+4930", "--sensor", "s1", "--state", "active,ringing"}),
            kDone);
  const v1::ListCallsRequest& request = calls_.requests.front();
  EXPECT_EQ(request.start_from().seconds(), 1'795'424'400);
  EXPECT_FALSE(request.has_start_before());
  EXPECT_EQ(request.number_prefix(), "+4930");
  EXPECT_EQ(request.sensor(), "s1");
  EXPECT_THAT(request.states(), testing::ElementsAre(v1::CALL_STATE_ACTIVE,
                                                     v1::CALL_STATE_RINGING));
}

TEST_F(CliTest, ShowPrintsTheCallItselfAsJson) {
  EXPECT_EQ(Run({"calls", "show", kCallId, "--json"}), kDone);
  EXPECT_THAT(out_.str(), StartsWith(absl::StrCat("{\"id\":\"", kCallId)));
}

TEST_F(CliTest, ListPassesOnWhatCallsAreLike) {
  EXPECT_EQ(Run({"calls", "list", "--text", "müller", "--site", "berlin",
                 "--flag", "one-way,no-media", "--longer", "5m", "--shorter",
                 "90", "--mos-below", "3.5", "--mos-above", "2", "--tag", "vip",
                 "--on-hold"}),
            kDone);
  const v1::ListCallsRequest& request = calls_.requests.front();
  EXPECT_EQ(request.text(), "müller");
  EXPECT_EQ(request.site(), "berlin");
  EXPECT_THAT(request.flags(), testing::ElementsAre(v1::CALL_FLAG_ONE_WAY,
                                                    v1::CALL_FLAG_NO_MEDIA));
  EXPECT_EQ(request.min_length().seconds(), 300);
  EXPECT_EQ(request.max_length().seconds(), 90);
  EXPECT_EQ(request.max_mos(), 3.5);
  EXPECT_EQ(request.min_mos(), 2);
  EXPECT_EQ(request.tag(), "vip");
  EXPECT_TRUE(request.on_hold());
  EXPECT_EQ(Run({"calls", "list", "--longer", "long"}), kUsage);
  EXPECT_EQ(Run({"calls", "list", "--mos-below", "bad"}), kUsage);
  EXPECT_EQ(Run({"calls", "list", "--flag", "one-wya"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean one-way?"));
}

TEST_F(CliTest, TagsArePutTogetherWithWhatSomebodyElseWrote) {
  calls_.conflicts = 1;
  EXPECT_EQ(Run({"calls", "tag", kCallId, "b, a"}), kDone);
  EXPECT_EQ(out_.str(), "a, b, theirs\n");
  EXPECT_EQ(Run({"calls", "tag", kCallId, "--remove", "b,theirs"}), kDone);
  EXPECT_EQ(out_.str(), "a\n");
  EXPECT_EQ(Run({"calls", "tag", kCallId}), kDone);
  EXPECT_EQ(out_.str(), "a\n");
}

TEST_F(CliTest, ANoteIsNotOverwrittenUnawares) {
  EXPECT_EQ(Run({"calls", "note", kCallId, "first"}), kDone);
  EXPECT_EQ(Run({"calls", "note", kCallId, "second"}), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("first"));
  EXPECT_EQ(Run({"calls", "note", kCallId, "--append", "second"}), kDone);
  EXPECT_EQ(calls_.annotation.note(), "first\nsecond");
  EXPECT_EQ(Run({"calls", "note", kCallId, "--replace", "third"}), kDone);
  EXPECT_EQ(calls_.annotation.note(), "third");
  calls_.conflicts = 1;
  EXPECT_EQ(Run({"calls", "note", kCallId, "--replace", ""}), kFailed);
  EXPECT_EQ(calls_.annotation.note(), "third");
}

TEST_F(CliTest, WatchGoesOnWhereItWas) {
  calls_.tokens = {"t1", "too old", "t3"};
  EXPECT_EQ(Run({"calls", "watch", "--json"}), kRefused);
  std::vector<std::string> asked;
  for (const v1::WatchCallsRequest& watch : calls_.watches) {
    asked.push_back(absl::StrCat(watch.resume_token(),
                                 watch.include_current() ? "current" : ""));
  }
  EXPECT_THAT(asked,
              testing::ElementsAre("current", "t1", "too old", "current"));
  EXPECT_THAT(err_.str(),
              HasSubstr("the collector stops (status 14); trying again"));
  EXPECT_THAT(err_.str(), HasSubstr("is no longer known"));
}

TEST_F(CliTest, WatchPrintsUntilTheCollectorStops) {
  EXPECT_EQ(Run({"calls", "watch", "--json", "--once"}), kUnreachable);
  EXPECT_THAT(out_.str(), StartsWith("{\"change\":\"CHANGE_UPDATED\""));
}

// Also that one of them is no longer what was asked for.
TEST_F(CliTest, WatchShowsWhatIsAskedFor) {
  const auto tell = [this](const char* id, v1::CallState state,
                           v1::WatchCallsResponse::Change kind =
                               v1::WatchCallsResponse::CHANGE_UPDATED) {
    v1::WatchCallsResponse& change = calls_.changes.emplace_back();
    change.set_change(kind);
    change.mutable_call()->set_id(id);
    change.mutable_call()->set_state(state);
    change.mutable_call()->set_caller("+4930");
  };
  tell("a", v1::CALL_STATE_RINGING);
  tell("b", v1::CALL_STATE_SETUP);
  tell("b", v1::CALL_STATE_RINGING);
  tell("c", v1::CALL_STATE_ACTIVE);
  tell("a", v1::CALL_STATE_ACTIVE);
  tell("a", v1::CALL_STATE_COMPLETED);
  tell("b", {}, v1::WatchCallsResponse::CHANGE_REMOVED);
  tell("c", {}, v1::WatchCallsResponse::CHANGE_REMOVED);
  EXPECT_EQ(Run({"calls", "watch", "--json", "--once", "--state", "ringing",
                 "--number", "+49"}),
            kUnreachable);
  std::vector<std::string> shown;
  std::istringstream lines(out_.str());
  for (std::string line; std::getline(lines, line);) {
    for (const char* word : {"RINGING", "ACTIVE", "REMOVED"}) {
      if (line.find(word) == std::string::npos) continue;
      shown.push_back(line.substr(line.find("\"id\":\"") + 6, 1) + " " + word);
    }
  }
  EXPECT_THAT(shown, testing::ElementsAre("a RINGING", "b RINGING", "a ACTIVE",
                                          "b REMOVED"));
  EXPECT_EQ(Run({"calls", "watch", "--state", "rings"}), kUsage);
}

TEST_F(CliTest, TopPassesItsFiltersOn) {
  EXPECT_EQ(Run({"top", "--once", "--site", "berlin", "--text", "ann"}), kDone);
  ASSERT_EQ(calls_.requests.size(), 2u);
  for (const v1::ListCallsRequest& request : calls_.requests) {
    EXPECT_EQ(request.site(), "berlin");
    EXPECT_EQ(request.text(), "ann");
  }
  EXPECT_EQ(calls_.requests[0].states_size(), 3);
  // All that began.
  EXPECT_EQ(calls_.requests[1].states_size(), 0);
  EXPECT_TRUE(calls_.requests[1].has_start_from());
  EXPECT_EQ(Run({"top", "--once", "--state", "ringing"}), kDone);
  EXPECT_THAT(calls_.requests[2].states(),
              testing::ElementsAre(v1::CALL_STATE_RINGING));
  EXPECT_EQ(Run({"top", "--once", "--state", "completed"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("callbraid calls list has the others"));
}

TEST_F(CliTest, AudioArrivesWhole) {
  EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", File("a.wav")}), kDone);
  EXPECT_EQ(Contents(File("a.wav")), "RIFFWAVE");
  EXPECT_FALSE(std::filesystem::exists(File("a.wav.part")));
  EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", "-"}), kDone);
  EXPECT_EQ(out_.str(), "RIFFWAVE");
}

TEST_F(CliTest, ListeningIsAWavThatGrows) {
  EXPECT_EQ(Run({"calls", "listen", kCallId, "-o", "-", "--delay", "2.5",
                 "--mask-keys"}),
            kDone);
  EXPECT_EQ(out_.str(), WavHeader(16000, 2, std::nullopt) + "abcdefgh");
  EXPECT_EQ(err_.str(), "callbraid: one is encrypted\n");
  EXPECT_EQ(calls_.listened.delay().seconds(), 2);
  EXPECT_EQ(calls_.listened.delay().nanos(), 500'000'000);
  EXPECT_TRUE(calls_.listened.mask_keys());
  EXPECT_EQ(Run({"calls", "listen", kCallId, "-o", File("live.wav")}), kDone);
  EXPECT_EQ(Contents(File("live.wav")), WavHeader(16000, 2, 8) + "abcdefgh");
  EXPECT_EQ(Run({"calls", "listen", kCallId, "-o", File("no/live.wav")}),
            kFailed);
}

TEST_F(CliTest, AudioTakesACutStreamId) {
  EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", "-", "--stream", "abcdef01",
                 "--no-concealment"}),
            kDone);
  EXPECT_EQ(calls_.audio.stream_id(), "abcdef0123456789");
  EXPECT_TRUE(calls_.audio.no_concealment());
  EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", "-", "--stream", "99999999"}),
            kNotFound);
}

TEST_F(CliTest, AudioAsksForFormatPartAndPerspective) {
  EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", File("a.flac"), "--from",
                 "1:20", "--until", "1:02:03.5", "--as-heard-by", "caller",
                 "--jitter-buffer", "100", "--mask-keys"}),
            kDone);
  EXPECT_EQ(calls_.audio.format(), v1::AUDIO_FORMAT_FLAC);
  EXPECT_EQ(calls_.audio.from().seconds(), 80);
  EXPECT_EQ(calls_.audio.until().seconds(), 3723);
  EXPECT_EQ(calls_.audio.until().nanos(), 500'000'000);
  EXPECT_EQ(calls_.audio.perspective(), v1::PERSPECTIVE_HEARD_BY_CALLER);
  EXPECT_EQ(calls_.audio.jitter_buffer().nanos(), 100'000'000);
  EXPECT_TRUE(calls_.audio.mask_keys());
}

TEST_F(CliTest, AudioIsOfTheFormatThatIsToldOrNamed) {
  const std::pair<const char*, v1::AudioFormat> kNamed[] = {
      {"a.wav", v1::AUDIO_FORMAT_WAV},
      {"a.MP3", v1::AUDIO_FORMAT_MP3},
      {"a.ogg", v1::AUDIO_FORMAT_OGG_OPUS},
      {"a.opus", v1::AUDIO_FORMAT_OGG_OPUS},
      {"audio", v1::AUDIO_FORMAT_WAV}};
  for (const auto& [name, format] : kNamed) {
    EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", File(name)}), kDone);
    EXPECT_EQ(calls_.audio.format(), format) << name;
  }
  EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", File("a.mp3"), "--format",
                 "wav-alaw"}),
            kDone);
  EXPECT_EQ(calls_.audio.format(), v1::AUDIO_FORMAT_WAV_ALAW);
}

TEST_F(CliTest, AudioRefusesWhatIsNoFormatOffsetOrParty) {
  for (const auto& [flag, value] :
       {std::pair("--format", "aiff"), std::pair("--from", "soon"),
        std::pair("--from", "1:60"), std::pair("--until", "1:2:3:4"),
        std::pair("--until", ""), std::pair("--as-heard-by", "me")}) {
    EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", File("a"), flag, value}),
              kUsage)
        << flag << " " << value;
  }
}

TEST_F(CliTest, AFailedDownloadLeavesNoFile) {
  calls_.fail_midway = true;
  EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", File("b.wav")}), kFailed);
  EXPECT_EQ(err_.str(), "callbraid: damaged\n");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(CliTest, AFolderThatIsNotThereFails) {
  EXPECT_EQ(Run({"calls", "audio", kCallId, "-o", File("no/b.wav")}), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("cannot create"));
}

TEST_F(CliTest, SensorsAreListed) {
  EXPECT_EQ(Run({"sensors", "list", "--json"}), kDone);
  EXPECT_THAT(out_.str(), StartsWith("{\"id\":\"s1\""));
}

TEST_F(CliTest, ATokenIsMadeAndShownAlone) {
  EXPECT_EQ(
      Run({"tokens", "create", "ann", "--role", "viewer", "--site", "berlin",
           "--number", "+4930*", "--number", "101", "--days", "7"}),
      kDone);
  EXPECT_EQ(out_.str(), "cbt_secret\n");
  EXPECT_THAT(err_.str(), HasSubstr("0123456789abcdef"));
  EXPECT_EQ(access_.create.name(), "ann");
  EXPECT_EQ(access_.create.scope().numbers_size(), 2);
  EXPECT_EQ(access_.create.expire_time().seconds(), 4'102'444'800 + 7 * 86'400);
  EXPECT_THAT(access_.authorization, testing::ElementsAre());
  EXPECT_EQ(Run({"tokens", "create", "ann"}), kUsage);
  EXPECT_EQ(Run({"tokens", "create", "ann", "--role", "god"}), kUsage);
}

TEST_F(CliTest, ATokenOfAFileGoesWithEachRequest) {
  std::ofstream(File("token")) << "cbt_mine\n";
  EXPECT_EQ(Run({"--token-file", File("token"), "tokens", "create", "ann",
                 "--role", "viewer"}),
            kDone);
  EXPECT_THAT(access_.authorization, testing::ElementsAre("Bearer cbt_mine"));
}

TEST_F(CliTest, TokensAreListedAndRevoked) {
  EXPECT_EQ(Run({"tokens", "list"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("+4930*"));
  EXPECT_EQ(Run({"tokens", "revoke", "0123456789abcdef"}), kDone);
  EXPECT_THAT(err_.str(), HasSubstr("is revoked"));
}

TEST_F(CliTest, AUserKeepsWhatIsNotGiven) {
  std::ofstream(File("password")) << "correct horse\nmore\n";
  EXPECT_EQ(
      Run({"users", "set", "sophie", "--password-file", File("password")}),
      kDone);
  EXPECT_EQ(err_.str(), "user sophie, operator, sees berlin, +4930*\n");
  EXPECT_EQ(access_.set.password(), "correct horse");
  EXPECT_EQ(Run({"users", "set", "sophie", "--role", "viewer", "--site", "bonn",
                 "--site", "ulm"}),
            kDone);
  EXPECT_EQ(err_.str(), "user sophie, viewer, sees bonn, ulm, +4930*\n");
  EXPECT_EQ(access_.set.password(), "");
  EXPECT_EQ(Run({"users", "set", "sophie", "--all", "--site", "bonn"}), kDone);
  EXPECT_EQ(err_.str(), "user sophie, operator, sees bonn\n");
  EXPECT_EQ(Run({"users", "set", "sophie", "--all"}), kDone);
  EXPECT_EQ(err_.str(), "user sophie, operator, sees all\n");
  EXPECT_EQ(Run({"users", "set", "sophie", "--role", "admin"}), kDone);
  EXPECT_EQ(access_.set.user().scope().ByteSizeLong(), 0u);
}

TEST_F(CliTest, AUserWhoIsNewNeedsARole) {
  EXPECT_EQ(Run({"users", "set", "carl"}), kUsage);
  EXPECT_EQ(Run({"users", "set", "carl", "--role", "viewer"}), kDone);
  EXPECT_EQ(err_.str(), "user carl, viewer, sees all\n");
}

TEST_F(CliTest, TheAuditLogIsListedAndSaysWhatWasCut) {
  EXPECT_EQ(Run({"audit", "list", "--user", "ann", "--call", kCallId, "--from",
                 "2026-11-23T09:00:00Z"}),
            kDone);
  EXPECT_THAT(out_.str(), HasSubstr("ann (token)"));
  EXPECT_THAT(err_.str(), HasSubstr("6 older entries were cut"));
  EXPECT_EQ(access_.audit.target(), kCallId);
  EXPECT_EQ(access_.audit.from().seconds(), 1'795'424'400);
}

TEST_F(CliTest, WhatIsNotAllowedIsExitCodeFive) {
  EXPECT_EQ(Run({"audit", "list", "--user", "evil"}), kRefused);
  EXPECT_EQ(err_.str(), "callbraid: not you\n");
}

}  // namespace
}  // namespace callbraid::cli
