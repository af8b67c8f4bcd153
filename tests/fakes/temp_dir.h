#ifndef CALLBRAID_TESTS_FAKES_TEMP_DIR_H_
#define CALLBRAID_TESTS_FAKES_TEMP_DIR_H_

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace callbraid::fakes {

// A folder of its own that goes when this does.
class TempDir {
 public:
  TempDir() {
    std::string name =
        (std::filesystem::temp_directory_path() / "callbraid.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_TEMP_DIR_H_
