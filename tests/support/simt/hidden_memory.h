// Device memory that the program cannot follow, as on a card: its pages are closed while nothing of
// the device runs. A pointer to it that the host reads or writes through ends the program there.
#pragma once

#include <cstddef>

namespace simt {

class HiddenMemory {
public:
    HiddenMemory();
    ~HiddenMemory();
    HiddenMemory(const HiddenMemory&) = delete;
    HiddenMemory& operator=(const HiddenMemory&) = delete;

    // At a page's begin; null when the room is used up. What was given back is not used again.
    void* allocate(std::size_t bytes);

    // Open while any of these lives. memory: null: nothing to open.
    class Open {
    public:
        explicit Open(HiddenMemory* memory);
        ~Open();
        Open(const Open&) = delete;
        Open& operator=(const Open&) = delete;

    private:
        HiddenMemory* m_memory;
    };

private:
    std::byte* m_first = nullptr;
    std::size_t m_usedBytes = 0;
    int m_nOpen = 0;
};

}  // namespace simt
