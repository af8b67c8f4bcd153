#include "common/bytes/byte_reader.h"

#include <string>

#include "common/bytes/byte_writer.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

TEST(ByteReader, ReadsWhatByteWriterWrote) {
  std::string bytes;
  ByteWriter out(bytes);
  out.U8(0x12);
  out.U16(0x3456);
  out.U32(0x789abcde);
  out.U64(0x0102030405060708);
  out.Bytes("end");
  ByteReader in({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  EXPECT_EQ(in.U8(), 0x12);
  EXPECT_EQ(in.U16(), 0x3456);
  EXPECT_EQ(in.U32(), 0x789abcdeu);
  EXPECT_EQ(in.U64(), 0x0102030405060708u);
  EXPECT_EQ(in.Take(3).size(), 3u);
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.rest().empty());
}

TEST(ByteReader, LatchesWhenItReadsPastTheEnd) {
  const uint8_t bytes[] = {1, 2, 3};
  ByteReader in(bytes);
  EXPECT_EQ(in.U32(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.U8(), 0) << "nothing is read after the latch";
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace callbraid
