#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/switches/show_output.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const callbraid::ShowOutput output = callbraid::ParseShowOutput(text);
  for (const callbraid::ShownSession& session : output.sessions) {
    for (const auto* ports : {&session.rx, &session.tx, &session.both}) {
      callbraid::PortNames(*ports);
    }
  }
  return 0;
}
