// cp.async under the emulator: a copy takes place when its thread waits for it, and until then the
// target holds NaN bytes, so that reading too early shows.
#pragma once

#include <cstddef>

namespace simt {

void startAsyncCopy(void* shared, const void* global, std::size_t bytes);
// Closes the group of the copies started since the last one.
void commitAsyncCopies();
// Carries out all groups of the calling thread but the last `nPending`.
void awaitAsyncCopies(int nPending);

}  // namespace simt
