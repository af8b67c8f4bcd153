#ifndef CALLBRAID_COLLECTOR_WEB_BODY_SOURCE_H_
#define CALLBRAID_COLLECTOR_WEB_BODY_SOURCE_H_

#include <cstddef>

struct MHD_Connection;

namespace callbraid::collector {

// What the HTTP server reads the body of a response from while it is made.
// Thread-safe.
class BodySource {
 public:
  static constexpr long kEnded = -1;
  // The connection is cut, so that the client can tell that something is
  // missing.
  static constexpr long kBroken = -2;

  virtual ~BodySource() = default;

  // Copies what there is, at most `size` bytes. 0: nothing yet, and
  // `connection` is suspended until there is. Else one of the above.
  virtual long Read(MHD_Connection* connection, char* buffer, size_t size) = 0;
  // From now on Read() says kBroken, if it has not said kEnded; who sleeps is
  // woken.
  virtual void Break() = 0;
  // Nobody will read any more. May come more than once.
  virtual void Leave() = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_BODY_SOURCE_H_
