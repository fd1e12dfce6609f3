// Graphics cards by the names that people type, for the question which card would be fast enough: a
// forecast for one that is not here.
//
// Pure; any thread. Memory and bandwidth are the makers' own: NVIDIA's pages of the GeForce 30, 40
// and 50 series (memory size, width of the bus, speed of a pin). What share of that bandwidth our
// kernels reach on them was never measured: a prediction says so.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "app/core/model_forecast.h"
#include "base/result.h"

namespace sotto::app {

struct CardModel {
    std::string_view name;  // "GeForce RTX 4090"
    int memoryGib = 0;
    int busBits = 0;
    double pinGbitS = 0;  // 1e9 bits per second

    std::uint64_t memoryBytes() const { return std::uint64_t(memoryGib) << 30; }
    double bandwidthGbS() const { return busBits / 8.0 * pinGbitS; }  // 1e9 bytes per second
};

// By series, slowest first.
std::span<const CardModel> knownCards();

// "4090", "RTX 4090", "rtx-4090", "GeForce RTX 4060 Ti 16 GB"; without a size of memory the smaller
// one of that name. Errors: NotFound (lists them).
Result<CardModel> findCard(std::string_view typed);

// That card in this computer, whole and free but for what a program's first use of it takes.
ChosenDevices withCard(const ChosenDevices& here, const CardModel& card);

// Rates to forecast with where nothing was measured.
MachineRates predictedRates(const CardModel& card);

}  // namespace sotto::app
