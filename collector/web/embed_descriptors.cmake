# Writes INPUT's bytes into OUTPUT, a source that defines api_descriptors.h.
#   cmake -DINPUT=api.desc -DOUTPUT=api_descriptors.cc -P embed_descriptors.cmake
file(READ ${INPUT} bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"collector/web/api_descriptors.h\"

namespace callbraid::collector {

const unsigned char kApiDescriptors[] = {${bytes}};
const size_t kApiDescriptorsSize = ${size};

}  // namespace callbraid::collector
")
