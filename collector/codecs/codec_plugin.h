/* What a codec plug-in is to the collector: a shared object that the collector
 * loads when it starts, so that codecs whose licence or size asks for it are no
 * part of it. Plain C, and nothing of the collector's; docs/codecs.md says how
 * to build one. */
#ifndef CALLBRAID_COLLECTOR_CODECS_CODEC_PLUGIN_H_
#define CALLBRAID_COLLECTOR_CODECS_CODEC_PLUGIN_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A plug-in is loaded if it was built for the same. */
#define CALLBRAID_CODEC_PLUGIN_VERSION 1

/* Variants that SDP's fmtp chooses between, 0 to this - 1. */
#define CALLBRAID_CODEC_MODES 8

/* One codec. `payload` is one RTP payload of any bytes; `samples` are 16-bit,
 * of one channel. Functions without a state may be called by any thread. */
struct callbraid_codec {
  const char* name;     /* Encoding name in SDP: "G729". */
  uint32_t clock_rate;  /* Of the RTP timestamp, Hz. */
  uint32_t sample_rate; /* Of what is decoded, Hz: 8000 to 48000. */

  /* The variant that this a=fmtp (never null) asks for; negative: refused. */
  int (*mode)(const char* fmtp);
  /* How many samples the payload is; 0 if it is none. At most a second. */
  size_t (*samples)(int mode, const uint8_t* payload, size_t bytes);
  /* Nonzero if the sender says with this payload that it pauses (DTX). */
  int (*ends_in_pause)(int mode, const uint8_t* payload, size_t bytes);

  /* A decoder; null if there is no memory. Each is used by one thread. */
  void* (*open)(int mode);
  void (*close)(void* state);
  /* Writes exactly the samples that samples() tells, which `pcm` has room for;
   * 0 if the payload is refused. */
  int (*decode)(void* state, const uint8_t* payload, size_t bytes,
                int16_t* pcm);
  /* Packets were lost: writes `count` samples in their place. 0 if it cannot;
   * may be null. */
  int (*conceal)(void* state, size_t count, int16_t* pcm);
  /* The sender pauses: writes `count` samples of comfort noise. 0 if it cannot;
   * may be null. */
  int (*pause)(void* state, size_t count, int16_t* pcm);
};

struct callbraid_codec_plugin {
  uint32_t version;    /* CALLBRAID_CODEC_PLUGIN_VERSION */
  const char* licence; /* For the log. */
  const struct callbraid_codec* codecs;
  size_t count;
};

/* What the shared object exports. Lives as long as the process. */
const struct callbraid_codec_plugin* callbraid_codec_plugin_entry(void);

#ifdef __cplusplus
}
#endif

#endif /* CALLBRAID_COLLECTOR_CODECS_CODEC_PLUGIN_H_ */
