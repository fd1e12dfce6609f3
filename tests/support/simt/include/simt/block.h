// What the running CUDA thread sees of its block, and the meeting points of threads: barriers and
// warp collectives.
//
// Included by the emulated toolkit headers and by the emulated bodies of the wrappers in
// engine/kernels/cuda/common. Everything here is valid inside a kernel only. One kernel runs at a
// time in a process, on the OS thread that launched it; its CUDA threads are fibers of that thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>

#include "vector_types.h"

namespace simt {

inline constexpr unsigned kWarpLanes = 32;
inline constexpr std::uint32_t kAllLanes = 0xffffffffu;

struct Thread {
    uint3 threadIdx{0, 0, 0};
    unsigned linear = 0;  // x + y * blockDim.x + z * blockDim.x * blockDim.y
    unsigned lane = 0;    // linear % 32
};

struct Block {
    dim3 gridDim;
    dim3 blockDim;
    uint3 blockIdx{0, 0, 0};
    std::byte* dynamicShared = nullptr;  // exactly the launch's size, aligned to 16
};

// Null outside of a kernel.
extern Thread* currentThread;
extern Block* currentBlock;

// A static shared variable of the running block, aligned to 16, exactly `bytes` long: made, and
// filled with NaN bytes, by the first thread that asks for it. `key` names its declaration.
void* sharedVariable(const void* key, std::size_t bytes);

// Ends the kernel with a report that names the launch, the block and the thread; the process
// aborts unless a report handler is set (tests/support/simt/control.h). Never returns, and no
// destructor of the thread runs: the caller must hold no memory other than `problem`.
[[noreturn]] void fail(std::string problem);

// All threads of the block that have not ended meet here. Returns how many gave `vote`. Reaching it
// from different source lines, or not with all, is a divergent barrier and fails.
unsigned blockBarrier(bool vote, const std::source_location& where);

// Runs once when all lanes have come, with every lane's payload (lanes: a bit per lane present).
using WarpFunction = void (*)(void* const* payloads, std::uint32_t lanes);

// All lanes of `mask` that have not ended meet here, with the same mask, function and source line;
// the last one to come runs `function` for all. A payload lives in its lane's frame.
void warpCollective(std::uint32_t mask, WarpFunction function, void* payload,
                    const std::source_location& where);

// gridDependencyWait() and gridDependencyLaunch(): a launch marked programmatic must reach the
// first in every block; until the kernels in front have ended its first blocks stay there.
void dependencyWait();
void dependencyLaunch();

// Addresses from `first` to before `end` of which one answer holds: loads as constants are right.
struct ReadOnlyRange {
    std::uintptr_t first = 0;
    std::uintptr_t end = 0;
};
extern ReadOnlyRange lastReadOnly;
void findReadOnly(std::uintptr_t address, std::size_t bytes);

// Fails where [address, address + bytes) is device memory that was not marked. Memory of the
// program is not looked at.
inline void checkReadOnly(const void* address, std::size_t bytes) {
    const auto first = reinterpret_cast<std::uintptr_t>(address);
    if (first < lastReadOnly.first || first + bytes > lastReadOnly.end) findReadOnly(first, bytes);
}

// A prefetch into L2: of memory that may be read as constants; counted.
void notePrefetch(const void* address);

// On the host: device memory that kernels may read as constants, until it is freed.
void markReadOnly(const void* memory, std::size_t bytes);

}  // namespace simt
