#include "tests/fuzz/message_mutator.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

// libFuzzer's mutations of plain bytes: the bytes of a field here.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace callbraid::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Random = std::minstd_rand;

// How much a bytes field may grow at a time.
constexpr size_t kMaxGrowth = 256;

struct Place {
  Message* message;
  const FieldDescriptor* field;
};

bool IsMutable(const FieldDescriptor& field) {
  return field.type() != FieldDescriptor::TYPE_STRING && !field.is_map();
}

// Every field of `message` and of the messages in it, set or not.
void AddPlaces(Message& message, std::vector<Place>& places) {
  const auto& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    if (!IsMutable(*field)) continue;
    places.push_back({&message, field});
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int j = 0; j < reflection.FieldSize(message, field); ++j) {
        AddPlaces(*reflection.MutableRepeatedMessage(&message, field, j),
                  places);
      }
    } else if (reflection.HasField(message, field)) {
      AddPlaces(*reflection.MutableMessage(&message, field), places);
    }
  }
}

template <typename T>
T MutateNumber(T value) {
  LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(&value), sizeof(value),
                   sizeof(value));
  return value;
}

std::string MutateBytes(std::string bytes) {
  const size_t size = bytes.size();
  bytes.resize(size + kMaxGrowth);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), size,
                                bytes.size()));
  return bytes;
}

void MutateSingular(Message& message, const FieldDescriptor* field,
                    Random& random) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetInt32(
          &message, field, MutateNumber(reflection.GetInt32(message, field)));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(
          &message, field, MutateNumber(reflection.GetInt64(message, field)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(
          &message, field, MutateNumber(reflection.GetUInt32(message, field)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(
          &message, field, MutateNumber(reflection.GetUInt64(message, field)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(&message, field,
                                !reflection.GetBool(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.SetEnumValue(&message, field,
                                     static_cast<int>(random() % 5));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.SetString(
          &message, field, MutateBytes(reflection.GetString(message, field)));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (reflection.HasField(message, field) && random() % 4 == 0) {
        return reflection.ClearField(&message, field);
      }
      reflection.MutableMessage(&message, field);
      return;
    default:
      return;
  }
}

void AddElement(Message& message, const FieldDescriptor* field,
                Random& random) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.AddInt32(&message, field, MutateNumber(int32_t{0}));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.AddInt64(&message, field, MutateNumber(int64_t{0}));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.AddUInt32(&message, field, MutateNumber(uint32_t{0}));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const int count = reflection.FieldSize(message, field);
      Message* const added = reflection.AddMessage(&message, field);
      if (count == 0) return;
      // A copy, to become something else bit by bit.
      added->CopyFrom(reflection.GetRepeatedMessage(
          message, field,
          static_cast<int>(random() % static_cast<unsigned>(count))));
      return;
    }
    default:
      return;
  }
}

void MutateElement(Message& message, const FieldDescriptor* field, int index) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetRepeatedInt32(
          &message, field, index,
          MutateNumber(reflection.GetRepeatedInt32(message, field, index)));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetRepeatedInt64(
          &message, field, index,
          MutateNumber(reflection.GetRepeatedInt64(message, field, index)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetRepeatedUInt32(
          &message, field, index,
          MutateNumber(reflection.GetRepeatedUInt32(message, field, index)));
    default:
      return;
  }
}

void MutateRepeated(Message& message, const FieldDescriptor* field,
                    Random& random) {
  const Reflection& reflection = *message.GetReflection();
  const int count = reflection.FieldSize(message, field);
  if (count == 0) return AddElement(message, field, random);
  const auto any = [&random, count] {
    return static_cast<int>(random() % static_cast<unsigned>(count));
  };
  switch (random() % 4) {
    case 0:
      return AddElement(message, field, random);
    case 1:
      reflection.SwapElements(&message, field, any(), count - 1);
      return reflection.RemoveLast(&message, field);
    case 2:
      return reflection.SwapElements(&message, field, any(), any());
    default:
      return MutateElement(message, field, any());
  }
}

}  // namespace

size_t Mutate(Message& scratch, uint8_t* data, size_t size, size_t max_size,
              unsigned seed) {
  Random random(seed);
  if (!scratch.ParseFromArray(data, static_cast<int>(size))) scratch.Clear();
  for (size_t n = 1 + random() % 4; n > 0; --n) {
    std::vector<Place> places;
    AddPlaces(scratch, places);
    const Place& place = places[random() % places.size()];
    if (place.field->is_repeated()) {
      MutateRepeated(*place.message, place.field, random);
    } else {
      MutateSingular(*place.message, place.field, random);
    }
  }
  const size_t new_size = scratch.ByteSizeLong();
  if (new_size > max_size) return LLVMFuzzerMutate(data, size, max_size);
  scratch.SerializeToArray(data, static_cast<int>(new_size));
  return new_size;
}

}  // namespace callbraid::fuzz
