#include "collector/web/openapi.h"

#include <set>
#include <string>

#include "collector/web/api_method.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace callbraid::collector {
namespace {

using Json = nlohmann::json;

class OpenApiTest : public testing::Test {
 protected:
  // Every reference in `part`.
  static void Collect(const Json& part, std::set<std::string>& references) {
    if (part.is_object() && part.contains("$ref")) {
      references.insert(part["$ref"].get<std::string>());
    }
    if (!part.is_structured()) return;
    for (const Json& child : part) Collect(child, references);
  }

  const Json document_ = Json::parse(OpenApi("1.2.3"));
};

TEST_F(OpenApiTest, HasEveryMethod) {
  EXPECT_EQ(document_["info"]["version"], "1.2.3");
  for (const ApiMethod& method : ApiMethod::All()) {
    const bool streams = method.server_streaming();
    const std::string path = (streams ? "/events" : "") + method.path();
    ASSERT_TRUE(document_["paths"].contains(path)) << path;
    const Json& operation = document_["paths"][path][streams ? "get" : "post"];
    EXPECT_TRUE(operation["responses"].contains("200")) << path;
  }
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhere) {
  std::set<std::string> references;
  Collect(document_, references);
  EXPECT_GT(references.size(), 50u);
  for (const std::string& reference : references) {
    EXPECT_TRUE(document_.contains(Json::json_pointer(reference.substr(1))))
        << reference;
  }
}

TEST_F(OpenApiTest, MapsTypesAsProtobufDoes) {
  const Json& schemas = document_["components"]["schemas"];
  const Json& list = schemas["ListCallsRequest"]["properties"];
  EXPECT_EQ(list["startFrom"]["format"], "date-time");
  EXPECT_EQ(list["pageSize"]["type"], "integer");
  EXPECT_EQ(list["states"]["type"], "array");
  EXPECT_EQ(list["states"]["items"]["$ref"], "#/components/schemas/CallState");
  EXPECT_EQ(schemas["CallState"]["enum"][0], "CALL_STATE_UNSPECIFIED");
  EXPECT_EQ(schemas["SipRecord"]["properties"]["message"]["format"], "byte");
  EXPECT_EQ(schemas["Sensor"]["properties"]["framesStored"]["type"], "string");
  EXPECT_EQ(schemas["Sensor"]["properties"]["refused"]["additionalProperties"]
                   ["type"],
            "string");
}

TEST_F(OpenApiTest, HasTheCommentsOfTheProtos) {
  const Json& page = document_["components"]["schemas"]["ListCallsRequest"]
                              ["properties"]["pageSize"];
  EXPECT_EQ(page["description"], "1 to 1,000; 0 means 100.");
  EXPECT_TRUE(document_["paths"]["/callbraid.v1.CallService/ListCalls"]["post"]
                  .contains("description"));
}

}  // namespace
}  // namespace callbraid::collector
