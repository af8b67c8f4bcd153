#ifndef CALLBRAID_SENSOR_SIGNALLING_ASKED_FOR_H_
#define CALLBRAID_SENSOR_SIGNALLING_ASKED_FOR_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/sip/sip_message.h"

namespace callbraid::sensor {

// Whose media somebody asks for (v1::AskedForConfig). Says nothing of what
// belongs together, only of what is kept when not all can be. A value.
class AskedFor {
 public:
  // Of no numbers: all are asked for.
  explicit AskedFor(std::vector<std::string> numbers)
      : numbers_(std::move(numbers)) {}

  // Whether `message` names somebody who is asked for.
  bool Asks(const SipMessage& message) const;

 private:
  bool Has(std::string_view number) const;

  const std::vector<std::string> numbers_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_ASKED_FOR_H_
