#ifndef CALLBRAID_TESTS_FUZZ_MESSAGE_MUTATOR_H_
#define CALLBRAID_TESTS_FUZZ_MESSAGE_MUTATOR_H_

#include <cstddef>
#include <cstdint>

#include "google/protobuf/message.h"

namespace callbraid::fuzz {

// Mutates a serialized message of the type of `scratch` field by field, for
// LLVMFuzzerCustomMutator: bytes changed at random break the lengths in it, so
// that few inputs would get past protobuf's own parser, which is not ours to
// test. Strings and maps are left alone. Returns the new size.
size_t Mutate(google::protobuf::Message& scratch, uint8_t* data, size_t size,
              size_t max_size, unsigned seed);

}  // namespace callbraid::fuzz

#endif  // CALLBRAID_TESTS_FUZZ_MESSAGE_MUTATOR_H_
