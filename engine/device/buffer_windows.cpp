// Host buffers on Windows: _aligned_malloc (large pages need a privilege that users lack).
#include <malloc.h>

#include "engine/device/buffer.h"
#include "engine/device/system_memory.h"

namespace sotto {

Result<Buffer> allocateHostBuffer(std::size_t bytes) {
    if (bytes == 0) return Buffer();
    void* data = _aligned_malloc(bytes, 64);
    if (data == nullptr) {
        Error error{ErrorCode::OutOfMemory, "There is not enough memory for this model.", {}};
        error.needed = bytes;
        error.available = systemMemory().availableBytes;
        return fail(std::move(error));
    }
    return Buffer(static_cast<std::byte*>(data), bytes,
                  [](std::byte* memory, std::size_t) { _aligned_free(memory); });
}

}  // namespace sotto
