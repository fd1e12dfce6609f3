#include "tests/support/simt/hidden_memory.h"

#include "tests/support/simt/address_space.h"

namespace simt {

namespace {

// As the emulated card has; pages that nobody writes take no memory.
constexpr std::size_t kBytes = std::size_t{1} << 30;

}  // namespace

HiddenMemory::HiddenMemory() : m_first(static_cast<std::byte*>(reservePages(kBytes))) {}

HiddenMemory::~HiddenMemory() {
    if (m_first != nullptr) releasePages(m_first, kBytes);
}

void* HiddenMemory::allocate(std::size_t bytes) {
    const std::size_t page = pageBytes();
    const std::size_t whole = (bytes + page - 1) / page * page;
    if (m_first == nullptr || whole > kBytes - m_usedBytes) return nullptr;
    void* const memory = m_first + m_usedBytes;
    if (m_nOpen > 0) openPages(memory, whole);
    m_usedBytes += whole;
    return memory;
}

HiddenMemory::Open::Open(HiddenMemory* memory) : m_memory(memory) {
    if (m_memory == nullptr || m_memory->m_nOpen++ > 0 || m_memory->m_usedBytes == 0) return;
    openPages(m_memory->m_first, m_memory->m_usedBytes);
}

HiddenMemory::Open::~Open() {
    if (m_memory == nullptr || --m_memory->m_nOpen > 0 || m_memory->m_usedBytes == 0) return;
    closePages(m_memory->m_first, m_memory->m_usedBytes);
}

}  // namespace simt
