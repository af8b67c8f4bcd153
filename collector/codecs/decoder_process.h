#ifndef CALLBRAID_COLLECTOR_CODECS_DECODER_PROCESS_H_
#define CALLBRAID_COLLECTOR_CODECS_DECODER_PROCESS_H_

namespace callbraid::collector {

// What the process that decoders are forked from does until `control` ends: for
// each socket that comes over it (SCM_RIGHTS) it forks one that decodes what
// the socket asks for. Does not return.
[[noreturn]] void ServeDecoders(int control);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_DECODER_PROCESS_H_
