#ifndef CALLBRAID_COLLECTOR_CODECS_DECODER_PROCESS_H_
#define CALLBRAID_COLLECTOR_CODECS_DECODER_PROCESS_H_

namespace callbraid::collector {

// What the process that decoders are forked from does until `control` ends: for
// each socket that comes over it it forks one that decodes what the socket asks
// for, and sends a handle of that process (pidfd_open(2)) over the socket, or
// nothing beside the byte if there are no such handles. Does not return.
[[noreturn]] void ServeDecoders(int control);

// Whether the system lets a process give up system calls (seccomp). Before
// there are threads.
bool CanGiveUpSystemCalls();

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_DECODER_PROCESS_H_
