// ForecastFigures: what a list says of one forecast: the memory of the devices that the model would
// lie on against what there is, and its speed beside the limit. Plain values.
#pragma once

#include <cstdint>

#include "app/core/model_forecast.h"

namespace sotto::app {

struct ForecastFigures {
    MemoryEstimate memory;  // of those devices
    std::uint64_t processorBytes = 0;
    std::uint64_t cardBytes = 0;
    std::uint64_t available = 0;  // bytes, to it
    std::uint64_t missing = 0;    // bytes
    bool isTight = false;         // it fits with a shorter context only
    int contextTokens = 0;
    double predictedSpeed = 0;  // tokens/s; 0: it does not fit, or this machine was not measured
    SpeedBasis basis = SpeedBasis::Unknown;
    bool isAtLeast = false;  // it stays in the cache: the speed is the least that it will be
    double speedLimit = 0;   // its bytes at its device's bandwidth, tokens/s; 0: not known
};

// `hasCard`: models lie on a card first. `readGbS`: of the device that they lie on first.
ForecastFigures figuresOf(const ModelForecast& forecast, bool hasCard, double readGbS);

}  // namespace sotto::app
