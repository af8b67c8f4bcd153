#include "common/pki/pem_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"

namespace callbraid::pki {
namespace {

constexpr size_t kMaxBytes = size_t{256} << 10;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

absl::StatusOr<std::string> ReadPemFile(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(
      std::fopen(path.c_str(), "r"));
  if (file == nullptr) {
    const std::string text =
        absl::StrCat("cannot read ", path, ": ", std::strerror(errno));
    return errno == EACCES ? absl::PermissionDeniedError(text)
                           : absl::NotFoundError(text);
  }
  std::string contents(kMaxBytes + 1, '\0');
  contents.resize(std::fread(contents.data(), 1, contents.size(), file.get()));
  if (contents.size() > kMaxBytes) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is larger than 256 KiB"));
  }
  return contents;
}

}  // namespace callbraid::pki
