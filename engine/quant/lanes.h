// Lanes: eight floats that are computed together, in one register where the code is compiled for
// one so wide.
//
// Flow: the searches (fit_levels.h, fit_affine.h) sum in lanes. Each operation is the float's own
// in every lane and the sum has one order, so that a file's bytes do not depend on the processor.
// Included once for each instruction set, whose name is SOTTO_SEARCH_SET (search_avx2.cpp). Plain
// values.
#pragma once

#include <algorithm>
#include <cstring>

#ifndef SOTTO_SEARCH_SET
#define SOTTO_SEARCH_SET baseline
#endif

namespace sotto {
namespace SOTTO_SEARCH_SET {

inline constexpr int kLanes = 8;

class Lanes {
public:
    Lanes() = default;
    static Lanes at(const float* values) {
        Lanes lanes;
        std::memcpy(&lanes.m_of, values, sizeof lanes.m_of);
        return lanes;
    }

#if defined(__GNUC__) && defined(__AVX2__)
    explicit Lanes(float of) : m_of(of - Vector{}) {}
    friend Lanes operator+(Lanes a, Lanes b) { return Lanes(a.m_of + b.m_of); }
    friend Lanes operator-(Lanes a, Lanes b) { return Lanes(a.m_of - b.m_of); }
    friend Lanes operator*(Lanes a, Lanes b) { return Lanes(a.m_of * b.m_of); }
    friend Lanes min(Lanes a, Lanes b) { return Lanes(b.m_of < a.m_of ? b.m_of : a.m_of); }
    friend Lanes max(Lanes a, Lanes b) { return Lanes(a.m_of < b.m_of ? b.m_of : a.m_of); }
    // Of levels in ascending order; the lower one half-way between two.
    template <typename Levels>
    static Lanes nearest(const Levels& levels, Lanes value) {
        Vector level = Lanes(levels[0]).m_of;
        for (std::size_t index = 1; index < levels.size(); ++index)
            level = value.m_of > 0.5f * (levels[index - 1] + levels[index])
                        ? Lanes(levels[index]).m_of
                        : level;
        return Lanes(level);
    }

private:
    using Vector [[gnu::vector_size(sizeof(float) * kLanes)]] = float;
    explicit Lanes(const Vector& of) : m_of(of) {}

    Vector m_of{};
#else
    // The compiler cannot be told: it finds the four lanes of its baseline in these loops.
    explicit Lanes(float of) {
        for (float& lane : m_of) lane = of;
    }
    friend Lanes operator+(const Lanes& a, const Lanes& b) {
        return each([&](int lane) { return a.m_of[lane] + b.m_of[lane]; });
    }
    friend Lanes operator-(const Lanes& a, const Lanes& b) {
        return each([&](int lane) { return a.m_of[lane] - b.m_of[lane]; });
    }
    friend Lanes operator*(const Lanes& a, const Lanes& b) {
        return each([&](int lane) { return a.m_of[lane] * b.m_of[lane]; });
    }
    friend Lanes min(const Lanes& a, const Lanes& b) {
        return each([&](int lane) { return std::min(a.m_of[lane], b.m_of[lane]); });
    }
    friend Lanes max(const Lanes& a, const Lanes& b) {
        return each([&](int lane) { return std::max(a.m_of[lane], b.m_of[lane]); });
    }
    template <typename Levels>
    static Lanes nearest(const Levels& levels, const Lanes& value) {
        return each([&](int lane) {
            float level = levels[0];
            for (std::size_t index = 1; index < levels.size(); ++index)
                level = value.m_of[lane] > 0.5f * (levels[index - 1] + levels[index])
                            ? levels[index]
                            : level;
            return level;
        });
    }

private:
    template <typename Act>
    static Lanes each(const Act& act) {
        Lanes lanes;
        for (int lane = 0; lane < kLanes; ++lane) lanes.m_of[lane] = act(lane);
        return lanes;
    }

    float m_of[kLanes] = {};
#endif

public:
    // Of block_source.h, in each lane.
    friend Lanes roundClamped(const Lanes& value, float lowest, float highest) {
        const Lanes ones(0x1.8p23f);
        return (min(max(Lanes(lowest), value), Lanes(highest)) + ones) - ones;
    }
    Lanes& operator+=(const Lanes& other) { return *this = *this + other; }
    float total() const {
        return ((m_of[0] + m_of[4]) + (m_of[2] + m_of[6])) +
               ((m_of[1] + m_of[5]) + (m_of[3] + m_of[7]));
    }
};

}  // namespace SOTTO_SEARCH_SET
}  // namespace sotto
