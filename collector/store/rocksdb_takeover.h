#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_TAKEOVER_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_TAKEOVER_H_

#include <string>

#include "collector/store/rocksdb_database.h"
#include "rocksdb/status.h"

namespace callbraid::collector {

// Counts all calls of a directory that was written before they were counted
// (schema 3). Reads every call, in little memory: 40,000 took 6 s in a build
// without optimization. Says so in the log. Ended half way it begins anew, so
// the new schema is to be written behind it. Calls that cannot be read are left
// out.
rocksdb::Status CountStoredCalls(const RocksDbDatabase& database,
                                 const std::string& dir);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_TAKEOVER_H_
