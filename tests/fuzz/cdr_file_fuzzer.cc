#include <cstddef>
#include <cstdint>
#include <string_view>

#include "collector/completeness/cdr_file.h"

// A PBX's call detail records, as they are or with columns that are said.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  callbraid::collector::CdrFileOptions options;
  if (size % 2 == 1) options.columns = "caller=1,callee=2,start=3,talk=4";
  const auto file = callbraid::collector::ParseCdrFile(text, options);
  if (!file.ok()) return 0;
  for (const auto& row : file->rows) {
    if (row.talk < absl::ZeroDuration()) __builtin_trap();
  }
  return 0;
}
