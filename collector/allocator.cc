// Settings of jemalloc, which reads them before main() runs.

// Gives memory back also while nothing is allocated.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true";
}
