// The matrices of a loaded model's layers by their names in the file, for what observes their
// inputs (imatrix.cpp, calibration_reader.cpp).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/schedule/loaded_model.h"

namespace sotto {

// Of a mixture's stack all experts together: `nMatrices`. The routers too.
void forEachLayerMatrix(
    const LoadedModel& model,
    const std::function<void(const Weight& weight, std::string name, std::int64_t nMatrices)>& act);

}  // namespace sotto
