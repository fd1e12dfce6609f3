// Host buffers on POSIX systems: aligned_alloc, huge pages asked for where they pay.
#include <sys/mman.h>

#include <cstdlib>
#include <string>

#include "base/rounding.h"
#include "engine/device/buffer.h"
#include "engine/device/system_memory.h"

namespace sotto {
namespace {

constexpr std::size_t kAlignment = 64;  // one cache line, one AVX-512 register
// Streaming weights touches every page once per token; with 4 KiB pages that is one TLB miss per
// 64 lines. 2 MiB pages are asked for from this size on, so that small buffers waste nothing.
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Result<Buffer> allocateHostBuffer(std::size_t bytes) {
    if (bytes == 0) return Buffer();
    const bool isLarge = bytes >= 2 * kHugePage;
    const std::size_t alignment = isLarge ? kHugePage : kAlignment;
    // The system would promise more than the machine has and end the process when it is used.
    const bool exceedsMachine = isLarge && bytes > systemMemory().totalBytes;
    void* data =
        exceedsMachine ? nullptr : std::aligned_alloc(alignment, roundUp(bytes, alignment));
    if (data == nullptr) {
        Error error{ErrorCode::OutOfMemory, "There is not enough memory for this model.", {}};
        error.needed = bytes;
        error.available = systemMemory().availableBytes;
        return fail(std::move(error));
    }
#ifdef MADV_HUGEPAGE
    if (isLarge) madvise(data, roundUp(bytes, alignment), MADV_HUGEPAGE);  // advice only
#endif
    return Buffer(static_cast<std::byte*>(data), bytes,
                  [](std::byte* memory, std::size_t) { std::free(memory); });
}

}  // namespace sotto
