// What OpenSSL leaves behind.
#pragma once

namespace godwit::crypto {

/// Makes OpenSSL overwrite whatever memory it gives back, not its keys alone: passwords and tokens pass through its digests. Call it first
/// in main(); once OpenSSL has memory it keeps the allocator it has, and this aborts.
void wipe_freed_memory();

}  // namespace godwit::crypto
