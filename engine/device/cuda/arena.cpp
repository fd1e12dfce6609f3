#include "engine/device/cuda/arena.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/rounding.h"
#include "engine/device/cuda/cuda_error.h"

namespace sotto::cuda {
namespace {

constexpr std::size_t aligned(std::size_t bytes) { return roundUp(bytes, kArenaAlignment); }

}  // namespace

ArenaSlot ArenaPlan::add(std::string_view name, std::size_t bytes) {
    ArenaPart part;
    part.name = name;
    part.bytes = bytes;
    return append(std::move(part));
}

ArenaSlot ArenaPlan::addUnits(std::string_view name, std::int64_t nUnits, std::size_t unitBytes,
                              std::string_view unitName) {
    ArenaPart part;
    part.name = name;
    part.bytes = static_cast<std::size_t>(nUnits) * unitBytes;
    part.nUnits = nUnits;
    part.unitBytes = unitBytes;
    part.unitName = unitName;
    return append(std::move(part));
}

ArenaSlot ArenaPlan::append(ArenaPart part) {
    part.offset = m_bytes;
    m_bytes += aligned(part.bytes);
    m_parts.push_back(std::move(part));
    return static_cast<ArenaSlot>(m_parts.size() - 1);
}

std::int64_t ArenaPlan::unitsThatFit(ArenaSlot slot, std::uint64_t available) const {
    const ArenaPart& wanted = part(slot);
    const std::size_t others = m_bytes - aligned(wanted.bytes);
    if (wanted.unitBytes == 0 || available < others) return 0;
    // The part's own end is aligned too.
    const std::uint64_t room = (available - others) / kArenaAlignment * kArenaAlignment;
    return std::min(wanted.nUnits, static_cast<std::int64_t>(room / wanted.unitBytes));
}

Error ArenaPlan::tooLarge(std::uint64_t available) const {
    Error error = outOfDeviceMemory(m_owner, m_bytes, available);
    std::string details;
    for (const ArenaPart& entry : m_parts)
        if (entry.bytes > 0)
            details += fmt::format("{}{} {}", details.empty() ? "" : ", ", entry.name,
                                   byteText(entry.bytes));
    std::string fits;
    for (std::size_t index = 0; index < m_parts.size(); ++index) {
        const ArenaPart& entry = m_parts[index];
        if (entry.unitBytes == 0) continue;
        const std::int64_t nUnits = unitsThatFit(static_cast<ArenaSlot>(index), available);
        fits += fmt::format(" {} of {} {} would fit.", nUnits, entry.nUnits, entry.unitName);
    }
    if (!details.empty()) error.message += fmt::format(" Wanted: {}.", details);
    error.message += fits;
    return error;
}

Result<Arena> Arena::create(ArenaPlan plan) {
    Arena arena;
    auto buffer = allocateDeviceBuffer(plan.bytes(), plan.owner());
    if (!buffer) {
        if (buffer.error().code != ErrorCode::OutOfMemory) return fail(buffer.error());
        return fail(plan.tooLarge(buffer.error().available));
    }
    arena.m_buffer = std::move(*buffer);
    arena.m_plan = std::move(plan);
    return arena;
}

std::byte* Arena::data(ArenaSlot slot) const {
    const ArenaPart& part = m_plan.part(slot);
    return part.bytes == 0 ? nullptr : m_buffer.data() + part.offset;
}

Status Arena::clear(ArenaSlot slot, const Stream& stream) const {
    const ArenaPart& part = m_plan.part(slot);
    if (part.bytes == 0) return {};
    return check(cudaMemsetAsync(data(slot), 0, part.bytes, stream.get()), "clearing memory");
}

}  // namespace sotto::cuda
