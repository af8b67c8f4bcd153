#ifndef CALLBRAID_COMMON_BASE_STATUS_MACROS_H_
#define CALLBRAID_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expression` is not OK.
#define RETURN_IF_ERROR(expression)                   \
  do {                                                \
    if (absl::Status callbraid_status = (expression); \
        !callbraid_status.ok()) {                     \
      return callbraid_status;                        \
    }                                                 \
  } while (false)

// `ASSIGN_OR_RETURN(const Config config, LoadConfig(path));`
#define ASSIGN_OR_RETURN(declaration, expression)                     \
  CALLBRAID_ASSIGN_OR_RETURN_(                                        \
      CALLBRAID_CONCAT_(callbraid_status_or_, __LINE__), declaration, \
      expression)
// Neither a name nor a declaration can be put in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define CALLBRAID_ASSIGN_OR_RETURN_(result, declaration, expression) \
  auto result = (expression);                                        \
  if (!result.ok()) return std::move(result).status();               \
  declaration = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
#define CALLBRAID_CONCAT_(a, b) CALLBRAID_CONCAT_INNER_(a, b)
#define CALLBRAID_CONCAT_INNER_(a, b) a##b

#endif  // CALLBRAID_COMMON_BASE_STATUS_MACROS_H_
