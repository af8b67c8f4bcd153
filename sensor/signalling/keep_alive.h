#ifndef CALLBRAID_SENSOR_SIGNALLING_KEEP_ALIVE_H_
#define CALLBRAID_SENSOR_SIGNALLING_KEEP_ALIVE_H_

#include <string_view>

namespace callbraid::sensor {

// RFC 5626, section 3.5.1: line ends; others send zeros.
inline bool IsKeepAlive(std::string_view text) {
  return text.size() <= 8 && text.find_first_not_of(std::string_view(
                                 "\r\n \0", 4)) == std::string_view::npos;
}

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_KEEP_ALIVE_H_
