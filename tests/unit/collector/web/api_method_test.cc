#include "collector/web/api_method.h"

#include <string>

#include "callbraid/v1/query.pb.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

TEST(ApiMethod, IsThereForWhatPeopleMayCallAndNothingElse) {
  EXPECT_NE(ApiMethod::Find("/callbraid.v1.CallService/GetCall"), nullptr);
  EXPECT_NE(ApiMethod::Find("/callbraid.v1.AccessService/WhoAmI"), nullptr);
  EXPECT_TRUE(ApiMethod::Find("/callbraid.v1.CallService/WatchCalls")
                  ->server_streaming());
  for (const char* path :
       {"/callbraid.v1.UplinkService/Connect", "/callbraid.v1.CallService/",
        "/callbraid.v1.EnrolmentService/Enroll",
        "callbraid.v1.CallService/GetCall", "/callbraid.v1.CallService/getcall",
        "", "/"}) {
    EXPECT_EQ(ApiMethod::Find(path), nullptr) << path;
  }
  EXPECT_GE(ApiMethod::All().size(), 18u);
}

TEST(ApiMethod, ReadsRequestsAndShowsResponses) {
  const ApiMethod& list =
      *ApiMethod::Find("/callbraid.v1.CallService/ListCalls");
  const auto bytes = list.RequestFromJson(
      R"({"numberPrefix": "+49", "pageSize": 5, "states": ["CALL_STATE_ACTIVE"],
          "startFrom": "2026-11-27T00:00:00Z"})");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  v1::ListCallsRequest request;
  ASSERT_TRUE(request.ParseFromString(*bytes));
  EXPECT_EQ(request.number_prefix(), "+49");
  EXPECT_EQ(request.page_size(), 5u);
  EXPECT_EQ(request.states(0), v1::CALL_STATE_ACTIVE);
  EXPECT_EQ(list.RequestFromJson("").value(), "");
  EXPECT_EQ(list.RequestFromJson("{}").value(), "");

  v1::ListCallsResponse response;
  response.add_calls()->set_id("0ec97266");
  response.set_next_page_token("a\nb");
  EXPECT_EQ(list.ResponseToJson(response.SerializeAsString()).value(),
            R"({"calls":[{"id":"0ec97266"}],"nextPageToken":"a\nb"})");
  EXPECT_FALSE(list.ResponseToJson("\xff\xff").ok());
}

TEST(ApiMethod, WhatIsNoRequestIsRefusedInWords) {
  const ApiMethod& list =
      *ApiMethod::Find("/callbraid.v1.CallService/ListCalls");
  for (const std::string json :
       {"[]", "{", "null x", R"({"pageSise": 5})", R"({"pageSize": "many"})",
        R"({"pageSize": -1})", R"({"startFrom": "yesterday"})",
        R"({"states": ["CALL_STATE_HAPPY"]})"}) {
    const auto bytes = list.RequestFromJson(json);
    ASSERT_FALSE(bytes.ok()) << json;
    EXPECT_EQ(bytes.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(bytes.status().message().find("ListCallsRequest"),
              absl::string_view::npos);
  }
  // As deep as somebody likes.
  EXPECT_FALSE(list.RequestFromJson(std::string(100'000, '[')).ok());
}

TEST(ApiMethod, AStreamThatCanBeResumedHasTokens) {
  const ApiMethod& watch =
      *ApiMethod::Find("/callbraid.v1.CallService/WatchCalls");
  v1::WatchCallsResponse response;
  EXPECT_EQ(watch.ResumeTokenOf(response.SerializeAsString()), "");
  response.set_resume_token("t1");
  EXPECT_EQ(watch.ResumeTokenOf(response.SerializeAsString()), "t1");
  v1::WatchCallsRequest request;
  request.set_include_current(true);
  v1::WatchCallsRequest resumed;
  ASSERT_TRUE(resumed.ParseFromString(
      watch.Resumed(request.SerializeAsString(), "t1")));
  EXPECT_EQ(resumed.resume_token(), "t1");
  EXPECT_TRUE(resumed.include_current());
  // What no token can be, and a stream without any.
  EXPECT_EQ(watch.Resumed("", "t\xff"), "");
  const ApiMethod& audio =
      *ApiMethod::Find("/callbraid.v1.CallService/GetAudio");
  EXPECT_EQ(audio.Resumed("", "t1"), "");
  EXPECT_EQ(audio.ResumeTokenOf(""), "");
}

}  // namespace
}  // namespace callbraid::collector
