// Barriers, votes and shuffles, as the device headers name them.
//
// Stricter than the hardware where CUDA leaves the result undefined: reading a lane that takes no
// part fails, and so does a collective that lanes reach from different source lines.
#pragma once

#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "simt/block.h"

namespace simt {

using Where = std::source_location;

template <class T>
struct ShufflePayload {
    T value;
    unsigned sourceLane;
    T result;
};

[[noreturn]] inline void failAtAbsentLane(int lane, unsigned sourceLane) {
    std::string problem = "lane " + std::to_string(lane);
    problem += " reads in a shuffle lane " + std::to_string(sourceLane);
    problem += ", which takes no part in it";
    fail(std::move(problem));
}

template <class T>
void exchange(void* const* payloads, std::uint32_t lanes) {
    for (std::uint32_t rest = lanes; rest != 0; rest &= rest - 1) {
        const int lane = std::countr_zero(rest);
        auto* own = static_cast<ShufflePayload<T>*>(payloads[lane]);
        if (own->sourceLane >= kWarpLanes || (lanes >> own->sourceLane & 1u) == 0)
            failAtAbsentLane(lane, own->sourceLane);
        own->result = static_cast<ShufflePayload<T>*>(payloads[own->sourceLane])->value;
    }
}

template <class T>
T shuffle(std::uint32_t mask, T value, unsigned sourceLane, const Where& where) {
    static_assert(
        std::is_trivially_copyable_v<T> && (sizeof(T) == 4 || sizeof(T) == 8 || sizeof(T) == 2),
        "CUDA shuffles 2, 4 or 8 bytes");
    ShufflePayload<T> payload{value, sourceLane, value};
    warpCollective(mask, &exchange<T>, &payload, where);
    return payload.result;
}

// First lane of the group of `width` lanes that the current lane is in.
inline unsigned groupStart(int width) {
    return currentThread->lane & ~(static_cast<unsigned>(width) - 1u);
}

struct BallotPayload {
    bool vote;
    std::uint32_t result;
};

inline void collectVotes(void* const* payloads, std::uint32_t lanes) {
    std::uint32_t votes = 0;
    for (std::uint32_t rest = lanes; rest != 0; rest &= rest - 1) {
        const int lane = std::countr_zero(rest);
        if (static_cast<BallotPayload*>(payloads[lane])->vote) votes |= 1u << lane;
    }
    for (std::uint32_t rest = lanes; rest != 0; rest &= rest - 1)
        static_cast<BallotPayload*>(payloads[std::countr_zero(rest)])->result = votes;
}

inline void meetOnly(void* const*, std::uint32_t) {}

}  // namespace simt

inline void __syncthreads(const simt::Where& where = simt::Where::current()) {
    simt::blockBarrier(false, where);
}
inline int __syncthreads_count(int predicate, const simt::Where& where = simt::Where::current()) {
    return static_cast<int>(simt::blockBarrier(predicate != 0, where));
}
inline int __syncthreads_or(int predicate, const simt::Where& where = simt::Where::current()) {
    return simt::blockBarrier(predicate != 0, where) != 0;
}
inline int __syncthreads_and(int predicate, const simt::Where& where = simt::Where::current()) {
    return simt::blockBarrier(predicate == 0, where) == 0;
}
inline void __syncwarp(unsigned mask = simt::kAllLanes,
                       const simt::Where& where = simt::Where::current()) {
    simt::warpCollective(mask, &simt::meetOnly, nullptr, where);
}

inline unsigned __ballot_sync(unsigned mask, int predicate,
                              const simt::Where& where = simt::Where::current()) {
    simt::BallotPayload payload{predicate != 0, 0};
    simt::warpCollective(mask, &simt::collectVotes, &payload, where);
    return payload.result;
}
inline int __any_sync(unsigned mask, int predicate,
                      const simt::Where& where = simt::Where::current()) {
    return __ballot_sync(mask, predicate, where) != 0;
}
inline int __all_sync(unsigned mask, int predicate,
                      const simt::Where& where = simt::Where::current()) {
    return __ballot_sync(mask, predicate == 0, where) == 0;
}

template <class T>
T __shfl_sync(unsigned mask, T value, int sourceLane, int width = 32,
              const simt::Where& where = simt::Where::current()) {
    const auto inGroup = static_cast<unsigned>(sourceLane) & (static_cast<unsigned>(width) - 1u);
    return simt::shuffle(mask, value, simt::groupStart(width) + inGroup, where);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int laneMask, int width = 32,
                  const simt::Where& where = simt::Where::current()) {
    const unsigned lane = simt::currentThread->lane;
    const unsigned source = lane ^ static_cast<unsigned>(laneMask);
    // The manual: a lane of a later group gives the own value, one of an earlier group is read.
    const bool isBeyond = source >= simt::groupStart(width) + static_cast<unsigned>(width);
    return simt::shuffle(mask, value, isBeyond ? lane : source, where);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                 const simt::Where& where = simt::Where::current()) {
    const unsigned lane = simt::currentThread->lane;
    const bool isBeyond = lane - simt::groupStart(width) < delta;
    return simt::shuffle(mask, value, isBeyond ? lane : lane - delta, where);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                   const simt::Where& where = simt::Where::current()) {
    const unsigned lane = simt::currentThread->lane;
    const bool isBeyond = lane - simt::groupStart(width) + delta >= static_cast<unsigned>(width);
    return simt::shuffle(mask, value, isBeyond ? lane : lane + delta, where);
}
