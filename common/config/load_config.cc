#include "common/config/load_config.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/flags.h"
#include "google/protobuf/descriptor.h"
#include "yaml-cpp/yaml.h"

namespace callbraid {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Nesting is bounded by the messages' own; this bounds YAML that is not ours.
constexpr size_t kMaxConfigBytes = size_t{1} << 20;

class Binder {
 public:
  explicit Binder(const std::string& name) : name_(name) {}

  absl::Status Bind(const YAML::Node& node, Message& message) {
    if (node.IsNull()) return absl::OkStatus();
    if (!node.IsMap()) {
      return Error(node, "expected settings as 'key: value'");
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        return Error(entry.first, "a key must be a word");
      }
      const std::string key = entry.first.Scalar();
      const FieldDescriptor* field =
          message.GetDescriptor()->FindFieldByName(key);
      if (field == nullptr) {
        return Error(entry.first,
                     absl::StrCat("unknown key '", key, "'",
                                  Hint(key, *message.GetDescriptor())));
      }
      if (!seen.insert(key).second) {
        return Error(entry.first,
                     absl::StrCat("key '", key, "' is there twice; keep one"));
      }
      RETURN_IF_ERROR(BindField(entry.second, *field, message));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Error(const YAML::Node& node, const std::string& what) const {
    const YAML::Mark mark = node.Mark();
    return absl::InvalidArgumentError(absl::StrCat(
        name_, ":", mark.line + 1, ":", mark.column + 1, ": ", what));
  }

  static std::string Hint(const std::string& key,
                          const Descriptor& descriptor) {
    std::vector<std::string> known;
    std::string list;
    for (int i = 0; i < descriptor.field_count(); ++i) {
      known.push_back(std::string(descriptor.field(i)->name()));
      absl::StrAppend(&list, i == 0 ? "" : ", ", known.back());
    }
    const std::string nearest = NearestWord(key, known);
    return nearest.empty() ? absl::StrCat("; known here: ", list)
                           : absl::StrCat("; did you mean '", nearest, "'?");
  }

  absl::Status BindField(const YAML::Node& node, const FieldDescriptor& field,
                         Message& message) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      if (!node.IsSequence()) {
        return Error(
            node, absl::StrCat("'", field.name(), "' expects a list: [a, b]"));
      }
      for (const auto& item : node) {
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          RETURN_IF_ERROR(Bind(item, *reflection.AddMessage(&message, &field)));
        } else {
          RETURN_IF_ERROR(BindScalar(item, field, message));
        }
      }
      return absl::OkStatus();
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return Bind(node, *reflection.MutableMessage(&message, &field));
    }
    return BindScalar(node, field, message);
  }

  template <typename T>
  absl::Status Convert(const YAML::Node& node, const FieldDescriptor& field,
                       const char* expected, T& value) {
    if (node.IsScalar() && YAML::convert<T>::decode(node, value)) {
      return absl::OkStatus();
    }
    const std::string given =
        node.IsScalar() ? absl::StrCat(", not '", node.Scalar(), "'") : "";
    return Error(
        node, absl::StrCat("'", field.name(), "' expects ", expected, given));
  }

  absl::Status BindScalar(const YAML::Node& node, const FieldDescriptor& field,
                          Message& message) {
    const Reflection& reflection = *message.GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string value;
        RETURN_IF_ERROR(Convert(node, field, "a text", value));
        add ? reflection.AddString(&message, &field, value)
            : reflection.SetString(&message, &field, value);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        bool value = false;
        RETURN_IF_ERROR(Convert(node, field, "true or false", value));
        add ? reflection.AddBool(&message, &field, value)
            : reflection.SetBool(&message, &field, value);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        uint32_t value = 0;
        RETURN_IF_ERROR(
            Convert(node, field, "a whole number of 0 or more", value));
        add ? reflection.AddUInt32(&message, &field, value)
            : reflection.SetUInt32(&message, &field, value);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        uint64_t value = 0;
        RETURN_IF_ERROR(
            Convert(node, field, "a whole number of 0 or more", value));
        add ? reflection.AddUInt64(&message, &field, value)
            : reflection.SetUInt64(&message, &field, value);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        double value = 0;
        RETURN_IF_ERROR(Convert(node, field, "a number", value));
        add ? reflection.AddDouble(&message, &field, value)
            : reflection.SetDouble(&message, &field, value);
        return absl::OkStatus();
      }
      default:
        return Error(node, absl::StrCat("'", field.name(),
                                        "' cannot be set from a file"));
    }
  }

  const std::string& name_;
};

}  // namespace

absl::Status ParseConfig(const std::string& yaml, const std::string& name,
                         Message& config) {
  // yaml-cpp reports errors by exceptions; they end here.
  try {
    return Binder(name).Bind(YAML::Load(yaml), config);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ":", error.mark.line + 1, ":", error.mark.column + 1,
                     ": not valid YAML: ", error.msg));
  }
}

absl::Status LoadConfig(const std::string& path, Message& config) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError(absl::StrCat("cannot read configuration ", path,
                                            ": ", std::strerror(errno)));
  }
  if (!S_ISREG(info.st_mode) ||
      static_cast<uint64_t>(info.st_size) > kMaxConfigBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " is not a configuration: expected a YAML file below 1 MiB"));
  }
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return absl::NotFoundError(absl::StrCat("cannot read configuration ", path,
                                            ": ", std::strerror(errno)));
  }
  return ParseConfig(text.str(), path, config);
}

}  // namespace callbraid
