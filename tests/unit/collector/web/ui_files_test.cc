#include "collector/web/ui_files.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

class UiFilesTest : public testing::Test {
 protected:
  UiFilesTest() {
    std::filesystem::create_directory(Path("assets"));
    Write("index.html", "<!doctype html>" + std::string(500, ' '));
    Write("assets/app-1f2e3d.js", "let x = 1;");
  }
  std::string Path(const std::string& name) const {
    return dir_.path() + "/" + name;
  }
  void Write(const std::string& name, const std::string& bytes) {
    std::ofstream(Path(name)) << bytes;
  }
  static std::string Header(const HttpResponse& response,
                            const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  static HttpResponse Get(const UiFiles& ui, const std::string& path,
                          const std::string& encoding = "") {
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    request.headers["accept-encoding"] = encoding;
    return ui.Answer(request);
  }

  const fakes::TempDir dir_;
};

TEST_F(UiFilesTest, AFileIsServedWithItsTypeAndAge) {
  const auto ui = UiFiles::Load(dir_.path());
  ASSERT_TRUE(ui.ok()) << ui.status();
  const HttpResponse script = Get(*ui, "/assets/app-1f2e3d.js");
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(*script.shared_body, "let x = 1;");
  EXPECT_EQ(Header(script, "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(Header(script, "Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(Header(Get(*ui, "/index.html"), "Cache-Control"), "no-cache");
}

TEST_F(UiFilesTest, APlaceInTheUiIsItsStartPage) {
  const auto ui = UiFiles::Load(dir_.path());
  ASSERT_TRUE(ui.ok());
  const auto index = Get(*ui, "/index.html").shared_body;
  for (const char* path :
       {"/", "/calls/0ec97266", "/settings", "/sensors/hq.sw1",
        "/sensors/hq.sw1.js", "/sensors/.hq", "/calls/0ec97266.", "/calls"}) {
    EXPECT_EQ(Get(*ui, path).shared_body, index) << path;
  }
  for (const char* path :
       {"/assets/app-0.js", "/favicon.ico", "/../../etc/passwd.txt",
        "/assets/../x.js", "/sensors/..", "/sensors/../x.js", "/sensors/.",
        "/sensors/hq/sw1.js", "//sensors/hq.sw1", "/x/sensors/hq.sw1",
        "/settings/app.js", "/sensors.js"}) {
    EXPECT_EQ(Get(*ui, path).status, 404) << path;
  }
}

TEST_F(UiFilesTest, IsCompressedForWhoUnderstandsThat) {
  const auto ui = UiFiles::Load(dir_.path());
  ASSERT_TRUE(ui.ok());
  const HttpResponse packed = Get(*ui, "/", "br, gzip");
  EXPECT_EQ(Header(packed, "Content-Encoding"), "gzip");
  EXPECT_LT(packed.shared_body->size(), 100u);
  EXPECT_EQ(packed.shared_body->substr(0, 2), "\x1f\x8b");
  // Ten bytes do not get smaller.
  EXPECT_EQ(
      Header(Get(*ui, "/assets/app-1f2e3d.js", "gzip"), "Content-Encoding"),
      "");
}

TEST_F(UiFilesTest, WithoutAStartPageThereIsNoUi) {
  std::filesystem::remove(Path("index.html"));
  EXPECT_EQ(UiFiles::Load(dir_.path()).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(UiFiles::Load(Path("nowhere")).status().code(),
            absl::StatusCode::kNotFound);
  const HttpResponse none = Get(UiFiles(), "/");
  EXPECT_EQ(none.status, 404);
  EXPECT_NE(none.body.find("--ui DIR"), std::string::npos);
}

}  // namespace
}  // namespace callbraid::collector
