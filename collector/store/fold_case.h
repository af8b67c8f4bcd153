#ifndef CALLBRAID_COLLECTOR_STORE_FOLD_CASE_H_
#define CALLBRAID_COLLECTOR_STORE_FOLD_CASE_H_

#include <string>
#include <string_view>

namespace callbraid::collector {

// `text` (UTF-8) in lower case, letter by letter as Unicode has it, whatever
// the locale of the process: two texts that differ in case only become the
// same. What is no UTF-8 stays as it is.
std::string FoldCase(std::string_view text);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_FOLD_CASE_H_
