// The settings that most sampling tests differ in.
#pragma once

#include "engine/api/generation_request.h"

namespace sotto::test {

inline SamplingSettings samplingSettings(float temperature, int topK, float topP, float minP) {
    SamplingSettings settings;
    settings.temperature = temperature;
    settings.topK = topK;
    settings.topP = topP;
    settings.minP = minP;
    return settings;
}

}  // namespace sotto::test
