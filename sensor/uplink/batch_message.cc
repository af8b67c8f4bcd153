#include "sensor/uplink/batch_message.h"

#include <array>
#include <memory>
#include <string>

#include "google/protobuf/io/coded_stream.h"
#include "grpcpp/support/slice.h"

namespace callbraid::sensor {
namespace {

using google::protobuf::io::CodedOutputStream;

enum WireType : uint8_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };

// All field numbers here are below 16: one byte of tag.
constexpr uint8_t Tag(int field, WireType type) {
  return static_cast<uint8_t>(field << 3 | type);
}

// As the generated code does, leaves out fields that are 0.
uint8_t* WriteVarint(int field, uint64_t value, uint8_t* out) {
  if (value == 0) return out;
  *out++ = Tag(field, kVarint);
  return CodedOutputStream::WriteVarint64ToArray(value, out);
}

// Lends the frames to gRPC for as long as it needs them.
grpc::Slice Lend(const std::shared_ptr<const std::string>& frames) {
  using Keeper = std::shared_ptr<const std::string>;
  return grpc::Slice(
      const_cast<char*>(frames->data()), frames->size(),
      [](void* keeper) { delete static_cast<Keeper*>(keeper); },
      new Keeper(frames));
}

}  // namespace

UplinkMessage BatchMessage(uint64_t spool_id, uint64_t discarded_before,
                           const SpoolBatch& batch) {
  std::array<uint8_t, 48> fields = {};
  uint8_t* end = fields.data();
  *end++ = Tag(v1::FrameBatch::kSpoolIdFieldNumber, kFixed64);
  end = CodedOutputStream::WriteLittleEndian64ToArray(spool_id, end);
  end = WriteVarint(v1::FrameBatch::kFirstSequenceFieldNumber,
                    batch.first_sequence, end);
  end = WriteVarint(v1::FrameBatch::kDiscardedBeforeFieldNumber,
                    discarded_before, end);
  const auto fields_size = static_cast<size_t>(end - fields.data());
  const size_t batch_bytes = fields_size + batch.frames->size();

  std::array<uint8_t, 64> head = {};
  end = head.data();
  *end++ = Tag(v1::ConnectRequest::kBatchFieldNumber, kLengthDelimited);
  end = CodedOutputStream::WriteVarint64ToArray(batch_bytes, end);
  end = std::copy_n(fields.data(), fields_size, end);

  const std::array<grpc::Slice, 2> slices = {
      grpc::Slice(head.data(), static_cast<size_t>(end - head.data())),
      Lend(batch.frames)};
  return {grpc::ByteBuffer(slices.data(), slices.size()), batch_bytes};
}

UplinkMessage ControlMessage(const v1::ConnectRequest& request) {
  const grpc::Slice slice(request.SerializeAsString());
  return {grpc::ByteBuffer(&slice, 1), 0};
}

}  // namespace callbraid::sensor
