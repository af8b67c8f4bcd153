#include "sensor/uplink/batch_message.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

std::string Flatten(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

TEST(BatchMessage, IsWhatTheGeneratedCodeWouldWrite) {
  for (const uint64_t sequence : {uint64_t{1}, uint64_t{300}, UINT64_MAX - 9}) {
    for (const uint64_t discarded : {uint64_t{0}, uint64_t{7}, UINT64_MAX}) {
      v1::FrameBatch frames;
      frames.add_frames()->mutable_sip()->set_message("INVITE");
      frames.add_frames()->mutable_rtcp()->set_ssrc(5);
      const SpoolBatch batch = {
          sequence, 2,
          std::make_shared<const std::string>(frames.SerializeAsString())};

      v1::ConnectRequest expected;
      *expected.mutable_batch() = frames;
      expected.mutable_batch()->set_spool_id(0x0123456789abcdef);
      expected.mutable_batch()->set_first_sequence(sequence);
      expected.mutable_batch()->set_discarded_before(discarded);
      const UplinkMessage message =
          BatchMessage(0x0123456789abcdef, discarded, batch);
      EXPECT_EQ(Flatten(message.bytes), expected.SerializeAsString());
      EXPECT_EQ(message.batch_bytes, expected.batch().ByteSizeLong());
    }
  }
}

TEST(BatchMessage, LetsGoOfTheFramesWhenItGoes) {
  auto frames = std::make_shared<const std::string>(100'000, 'x');
  const std::weak_ptr<const std::string> watched = frames;
  {
    const UplinkMessage message =
        BatchMessage(1, 0, SpoolBatch{1, 1, std::move(frames)});
    EXPECT_FALSE(watched.expired());
  }
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace callbraid::sensor
