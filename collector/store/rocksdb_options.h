#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_OPTIONS_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_OPTIONS_H_

#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace callbraid::collector {

rocksdb::DBOptions DbOptions();

// One for each Family, in their order. They share a block cache.
std::vector<rocksdb::ColumnFamilyDescriptor> FamilyDescriptors();

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_OPTIONS_H_
