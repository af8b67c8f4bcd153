#include "collector/web/ui_files.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = 32 << 20;
constexpr char kIndex[] = "/index.html";
// Files in this folder have a hash of their contents in their names.
constexpr char kHashed[] = "/assets/";

constexpr std::pair<const char*, const char*> kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".woff2", "font/woff2"},
};

std::string TypeOf(const std::string& path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

// "" if it would not be smaller.
std::string Gzip(const std::string& bytes) {
  z_stream stream = {};
  constexpr int kGzip = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return "";
  }
  std::string packed(bytes.size(), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const bool smaller = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  packed.resize(smaller ? stream.total_out : 0);
  deflateEnd(&stream);
  return packed;
}

// The pages of one call or sensor: these, then its id.
constexpr const char* kPagesOfOne[] = {"/calls/", "/sensors/"};

// Whether the UI shows something at `path`, as far as a server can tell. What
// ".." stands in is nobody's place.
bool IsRoute(const std::string& path) {
  const std::string last = path.substr(path.rfind('/') + 1);
  if (last.find('.') == std::string::npos) return true;
  if (last == "." || last == "..") return false;
  return std::any_of(
      std::begin(kPagesOfOne), std::end(kPagesOfOne),
      [&](const char* page) { return path == absl::StrCat(page, last); });
}

constexpr char kNoUi[] =
    "This collector was started without the files of its web UI: --ui DIR "
    "(web.ui).\nThe API as JSON is there: POST "
    "/callbraid.v1.CallService/ListCalls\n";

}  // namespace

absl::StatusOr<UiFiles> UiFiles::Load(const std::string& folder) {
  UiFiles ui;
  size_t total = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end;
       !error && at != end; at.increment(error)) {
    if (!at->is_regular_file(error)) continue;
    std::ifstream stream(at->path(), std::ios::binary);
    File file;
    file.bytes = std::make_shared<const std::string>(
        std::istreambuf_iterator<char>(stream),
        std::istreambuf_iterator<char>());
    total += file.bytes->size();
    if (!stream || total > kMaxBytes) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the UI's files in ", folder, " cannot be read, or are too large"));
    }
    const std::string path =
        "/" + at->path().lexically_relative(folder).generic_string();
    file.content_type = TypeOf(path);
    if (std::string packed = Gzip(*file.bytes); !packed.empty()) {
      file.gzip = std::make_shared<const std::string>(std::move(packed));
    }
    ui.files_[path] = std::move(file);
  }
  if (ui.files_.count(kIndex) == 0) {
    return absl::NotFoundError(absl::StrCat("there is no index.html in ",
                                            folder, "; see --ui (web.ui)"));
  }
  return ui;
}

HttpResponse UiFiles::Answer(const HttpRequest& request) const {
  HttpResponse response;
  std::string path = request.path;
  auto found = files_.find(path);
  if (found == files_.end() && IsRoute(path)) {
    path = kIndex;
    found = files_.find(path);
  }
  if (found == files_.end()) {
    response.status = 404;
    response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
    response.body = files_.empty() ? kNoUi : "there is no such file\n";
    return response;
  }
  const File& file = found->second;
  const bool hashed = absl::StartsWith(path, kHashed);
  response.headers = {
      {"Content-Type", file.content_type},
      {"Cache-Control",
       hashed ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept-Encoding"},
  };
  response.shared_body = file.bytes;
  if (file.gzip != nullptr &&
      absl::StrContains(request.Header("accept-encoding"), "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.shared_body = file.gzip;
  }
  return response;
}

}  // namespace callbraid::collector
