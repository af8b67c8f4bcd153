#include "common/bytes/utf8.h"

#include <string>

#include "callbraid/store/v1/observation.pb.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

TEST(ToUtf8, LeavesUtf8AsItIs) {
  for (const char* text : {"", "plain", "J\xc3\xb6rg", "\xe2\x82\xac",
                           "\xf0\x9f\x93\x9e", "\xed\x9f\xbf"}) {
    EXPECT_EQ(ToUtf8(text, 100), text);
  }
}

TEST(ToUtf8, ReplacesWhatIsNot) {
  EXPECT_EQ(ToUtf8("J\xf6rg", 100), "J?rg");
  EXPECT_EQ(ToUtf8("\xc3", 100), "?");
  // Overlong, surrogate, beyond U+10FFFF, lone continuation.
  EXPECT_EQ(ToUtf8("\xc0\x80", 100), "??");
  EXPECT_EQ(ToUtf8("\xed\xa0\x80", 100), "???");
  EXPECT_EQ(ToUtf8("\xf4\x90\x80\x80", 100), "????");
  EXPECT_EQ(ToUtf8("\x80", 100), "?");
}

TEST(ToUtf8, CutsBetweenCharacters) {
  EXPECT_EQ(ToUtf8("a\xe2\x82\xac", 3), "a");
  EXPECT_EQ(ToUtf8("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
}

TEST(ToUtf8, WhateverComesCanBeReadBackFromAMessage) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string bytes = {static_cast<char>(a), static_cast<char>(b),
                                 static_cast<char>(0x80 | (b & 0x3f))};
      store::v1::DialogObservation dialog;
      dialog.set_call_id(ToUtf8(bytes, 100));
      store::v1::DialogObservation back;
      ASSERT_TRUE(back.ParseFromString(dialog.SerializeAsString()));
    }
  }
}

}  // namespace
}  // namespace callbraid
