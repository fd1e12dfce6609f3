// Buffer: one owned range of device memory, 64-byte aligned, freed by whoever allocated it.
// Move-only.
#pragma once

#include <cstddef>
#include <utility>

#include "base/result.h"

namespace sotto {

class Buffer {
public:
    using Release = void (*)(std::byte* data, std::size_t bytes);

    Buffer() = default;
    Buffer(std::byte* data, std::size_t bytes, Release release)
        : m_data(data), m_bytes(bytes), m_release(release) {}
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        Buffer taken(std::move(other));
        swap(taken);
        return *this;
    }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() {
        if (m_data != nullptr) m_release(m_data, m_bytes);
    }

    std::byte* data() const { return m_data; }
    std::size_t bytes() const { return m_bytes; }
    template <typename T>
    T* as() const {
        return reinterpret_cast<T*>(m_data);
    }

private:
    void swap(Buffer& other) noexcept {
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
        std::swap(m_release, other.m_release);
    }

    std::byte* m_data = nullptr;
    std::size_t m_bytes = 0;
    Release m_release = nullptr;
};

// Host memory, 64-byte aligned, not cleared; large ranges ask for huge pages. Errors: OutOfMemory
// with both numbers.
Result<Buffer> allocateHostBuffer(std::size_t bytes);

}  // namespace sotto
