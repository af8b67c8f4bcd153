// An access port of VLAN 100, for tc: what the host sends is tagged, what it
// receives is untagged. The kernel may lack 8021q and act_vlan; it has this.
//
//   bpf-gcc -O2 -c vlan.c -o vlan.o
#include <linux/bpf.h>

#define SECTION(name) __attribute__((section(name), used))

enum { kTagProtocol = 0x0081 };  // 0x8100 in network order.
enum { kVlan = 100 };
enum { kNextFilter = -1 };  // TC_ACT_UNSPEC.

static long (*const vlan_push)(void *, int, int) = (void *)BPF_FUNC_skb_vlan_push;
static long (*const vlan_pop)(void *) = (void *)BPF_FUNC_skb_vlan_pop;

SECTION("push") int Push(struct __sk_buff *frame) {
  vlan_push(frame, kTagProtocol, kVlan);
  return kNextFilter;
}

SECTION("pop") int Pop(struct __sk_buff *frame) {
  vlan_pop(frame);
  return kNextFilter;
}

SECTION("license") const char kLicense[] = "Dual BSD/GPL";
