#ifndef CALLBRAID_COLLECTOR_WEB_API_DESCRIPTORS_H_
#define CALLBRAID_COLLECTOR_WEB_API_DESCRIPTORS_H_

#include <cstddef>

namespace callbraid::collector {

// proto/ as a serialized google.protobuf.FileDescriptorSet with its comments,
// which generated code does not have. Made when this is built.
extern const unsigned char kApiDescriptors[];
extern const size_t kApiDescriptorsSize;

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_API_DESCRIPTORS_H_
