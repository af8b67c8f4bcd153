#ifndef CALLBRAID_COMMON_CONFIG_LOAD_CONFIG_H_
#define CALLBRAID_COMMON_CONFIG_LOAD_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace callbraid {

// Binds a YAML file to `config` by reflection: a mapping is a message, a
// sequence a repeated field, a key a field by its proto name.
//
// Errors: NOT_FOUND (no such file), INVALID_ARGUMENT with
// "FILE:LINE:COLUMN: what is wrong; what would be right" (unknown key with the
// nearest known one, wrong type, value out of range, a key twice).
absl::Status LoadConfig(const std::string& path,
                        google::protobuf::Message& config);

// The same for YAML text; `name` stands for the file in errors.
absl::Status ParseConfig(const std::string& yaml, const std::string& name,
                         google::protobuf::Message& config);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_CONFIG_LOAD_CONFIG_H_
