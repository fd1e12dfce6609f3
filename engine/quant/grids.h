// The tables that define the IQ types: which points a grid has, signs of even parity, levels.
//
// A point is an index into a grid in ascending order of the number that its coordinates are the
// digits of, the first one lowest. The grids are facts of the file format without a known rule;
// grids.cpp keeps them as sets of bits. Constants, any thread.
// Source: the grids and levels of the reference package (`gguf` 0.17, quants.py); E2M1: OCP
// Microscaling Formats v1.0.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sotto {

// Weights per point: a sub-block of 16 or 32 is a whole number of them.
inline constexpr std::size_t kLongPoint = 8;   // IQ1, IQ2
inline constexpr std::size_t kShortPoint = 4;  // IQ3

template <std::size_t nPoints, std::size_t nWeights>
using Grid = std::array<std::array<std::int8_t, nWeights>, nPoints>;

// The coordinates that a grid's points are made of, in ascending order.
inline constexpr std::array<std::int8_t, 3> kMagnitudesIQ2{8, 25, 43};
inline constexpr std::array<std::int8_t, 8> kMagnitudesIQ3_XXS{4, 12, 20, 28, 36, 44, 52, 62};
inline constexpr std::array<std::int8_t, 8> kMagnitudesIQ3_S{1, 3, 5, 7, 9, 11, 13, 15};
inline constexpr std::array<std::int8_t, 3> kCoordinatesIQ1{-1, 0, 1};

const Grid<256, kLongPoint>& gridIQ2_XXS();
const Grid<512, kLongPoint>& gridIQ2_XS();
const Grid<1024, kLongPoint>& gridIQ2_S();
const Grid<256, kShortPoint>& gridIQ3_XXS();
const Grid<512, kShortPoint>& gridIQ3_S();
// For IQ1_S and IQ1_M.
const Grid<2048, kLongPoint>& gridIQ1();

// Seven stored bits and the one that makes the number of minus signs even.
constexpr std::uint8_t evenSigns(std::uint32_t sevenBits) {
    const std::uint32_t bits = sevenBits & 0x7f;
    return static_cast<std::uint8_t>(bits | (std::popcount(bits) & 1) << 7);
}

inline constexpr std::array<std::int8_t, 16> kLevelsIQ4{-127, -104, -83, -65, -49, -35, -22, -10,
                                                        1,    13,   25,  38,  53,  69,  89,  113};
// Twice the values of E2M1.
inline constexpr std::array<std::int8_t, 16> kLevelsFP4{0, 1,  2,  3,  4,  6,  8,  12,
                                                        0, -1, -2, -3, -4, -6, -8, -12};

// What the shift of IQ1 adds to each coordinate.
inline constexpr float kShiftIQ1 = 0.125f;

}  // namespace sotto
