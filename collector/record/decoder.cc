#include "collector/record/decoder.h"

#include "absl/strings/match.h"
#include "collector/record/g711.h"
#include "collector/record/g722.h"
#include "common/base/absl_string.h"

namespace callbraid::collector {

const Codec* FindCodec(std::string_view encoding_name) {
  static constexpr const Codec* kCodecs[] = {&kPcmu, &kPcma, &kG722};
  for (const Codec* codec : kCodecs) {
    if (absl::EqualsIgnoreCase(ToAbsl(encoding_name), ToAbsl(codec->name))) {
      return codec;
    }
  }
  return nullptr;
}

}  // namespace callbraid::collector
